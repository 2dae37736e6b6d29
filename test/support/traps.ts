/** For tests that hand simplify models it may get wrong: they are judged as the conformance judges real ones. */
import { modelToBytes } from '../../src/api/save.ts';
import type { SimplifyOptions } from '../../src/api/simplify.ts';
import { arrayOf } from '../../src/fold/array.ts';
import type { Model } from '../../src/ir/model.ts';
import { parseModel } from '../../src/text/parse.ts';
import { randomInputs } from './random-inputs.ts';
import { type Inputs, judgeSimplification } from './soundness.ts';

export interface TrapOptions extends Omit<SimplifyOptions, 'inputs'> {
  /** Sizes that every dim_param becomes in turn; the model must compute on all of them. */
  readonly sizes?: readonly number[];
  /** How many sizes the model must compute on; all of them unless told otherwise. 0 for operators that have no kernel. */
  readonly atLeast?: number;
  readonly inputs?: (original: Model) => Iterable<Inputs>;
}

/** Simplifies the model of a text, throws when the judges find a fault, and answers the result. */
export async function soundly(text: string, options: TrapOptions = {}): Promise<Model> {
  return soundlyModel(parseModel(text), options);
}

/** As soundly, for a model that no text can hold. */
export async function soundlyModel(original: Model, options: TrapOptions = {}): Promise<Model> {
  const { sizes = [2, 3, 1], atLeast = sizes.length, inputs, ...rest } = options;
  function* sets(model: Model): IterableIterator<Inputs> {
    for (const size of sizes) {
      const tensors = randomInputs(model, size, size + 1);
      yield new Map([...tensors].map(([name, tensor]) => [name, arrayOf(tensor)]));
    }
  }
  const { fault, computed, refusals, simplified } = await judgeSimplification(
    await modelToBytes(original),
    inputs ?? sets,
    rest,
  );
  if (fault !== undefined) throw new Error(fault);
  if (computed < atLeast) throw new Error(`the model computes on ${computed} inputs only: ${refusals.join('; ')}`);
  return simplified;
}

/** Operators of the main graph, in order. */
export function operatorsOf({ graph }: Model): string[] {
  return [...graph.nodes].map(({ operator }) => operator);
}
