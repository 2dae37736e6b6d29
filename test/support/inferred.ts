import type { Fact } from '../../src/infer/fact.ts';
import type { ModelFacts } from '../../src/infer/facts.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { graphsOfModel, type Model } from '../../src/ir/model.ts';
import type { Value } from '../../src/ir/value.ts';
import { parseModel, type ParseOptions } from '../../src/text/parse.ts';

export interface Inferred {
  readonly model: Model;
  readonly facts: ModelFacts;
  readonly value: (name: string) => Value;
  /** `float[N, 3]`, with ` = {1, N}` for known elements; `float[...]` for an unknown rank. */
  readonly text: (name: string) => string;
}

/** Infers a model given as ONNX text. */
export function infer(source: string, options: ParseOptions & { readonly allowEmpty?: boolean } = {}): Inferred {
  const model = parseModel(source, options);
  const facts = inferModel(model, { allowEmpty: options.allowEmpty ?? false });
  const value = (name: string): Value => {
    for (const graph of graphsOfModel(model)) {
      for (const candidate of [...graph.inputs, ...graph.initializers]) if (candidate.name === name) return candidate;
      for (const node of graph.nodes) for (const output of node.outputs) if (output?.name === name) return output;
    }
    throw new Error(`there is no value ${name}`);
  };
  return { model, facts, value, text: (name) => describeFact(facts.get(value(name))) };
}

export function describeFact({ dataType, shape, elements, otherType }: Fact): string {
  if (otherType !== undefined) return otherType.kind;
  const known = elements === undefined ? '' : ` = {${elements.join(', ')}}`;
  return `${dataType ?? '?'}[${shape?.join(', ') ?? '...'}]${known}`;
}
