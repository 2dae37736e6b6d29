/** What a user asks of a model besides its simplification: before rules run, and after them. */
import type { Facts } from '../infer/fact.ts';
import type { Model } from '../ir/model.ts';
import { UsageError } from '../base/errors.ts';
import { latestVersion } from '../opset/schema.ts';
import { convertOpset, OLDEST_RESULT } from '../rewrite/opset/convert.ts';
import { declareTypes } from './declare-types.ts';
import { extractPart, type Part } from './extract.ts';
import { renameValues } from './rename.ts';
import { stripModel } from './strip.ts';
import type { Strippable } from './strippable.ts';

export interface ModelRequests extends Part {
  /** The opset of ai.onnx that the model is written in. */
  readonly opset?: number | undefined;
  /** New names of inputs and outputs, by their old ones. */
  readonly rename?: Readonly<Record<string, string>> | undefined;
  /** Declare the type and shape of every value as far as they are known. */
  readonly inferShapes?: boolean | undefined;
  readonly strip?: readonly Strippable[] | undefined;
}

/** Answers what was done, a sentence each; nothing when the model is as it was. */
export function prepareModel(model: Model, facts: Facts, requests: ModelRequests): string[] {
  const done = extractPart(model, requests, facts);
  const { opset } = requests;
  const from = model.opsetVersion('');
  if (opset !== undefined && from !== undefined && from !== opset) {
    convertOpset(model, checkedOpset(opset), facts);
    done.push(`converted from opset ${from} to ${opset}`);
  }
  return done;
}

function checkedOpset(opset: number): number {
  const latest = latestVersion('') ?? 0;
  if (Number.isInteger(opset) && opset >= OLDEST_RESULT && opset <= latest) return opset;
  throw new UsageError(`the opset is ${opset}, but must be one of ${OLDEST_RESULT} to ${latest}`);
}

/** As above. `infer` is called when facts are needed. */
export function finishModel(
  model: Model,
  { rename = {}, inferShapes, strip = [] }: ModelRequests,
  infer: () => Facts,
): string[] {
  const done: string[] = [];
  if (inferShapes === true) {
    const count = declareTypes(model, infer());
    if (count > 0) done.push(`declared what is known of ${count} value${count === 1 ? '' : 's'}`);
  }
  if (strip.length > 0 && stripModel(model, strip)) done.push(`stripped ${strip.join(', ')}`);
  done.push(...renameValues(model, rename));
  return done;
}
