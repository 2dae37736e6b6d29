import type { Fact } from '../infer/fact.ts';
import type { Model } from '../ir/model.ts';
import { tensorType, type ValueType } from '../ir/value-type.ts';

/** The dim_params of the main graph's inputs: names that mean something to who runs the model. */
export function inputDimParams({ graph }: Model): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { type } of graph.inputs)
    if (type?.kind === 'tensor')
      for (const dimension of type.shape ?? []) if (typeof dimension === 'string') names.add(dimension);
  return names;
}

/** What is known of a value, as a declaration says it; a dimension that is no number and has none of the names is unknown. */
export function typeOfFact(
  { dataType, shape, otherType }: Fact,
  names: ReadonlySet<string> = new Set(),
): ValueType | undefined {
  if (otherType !== undefined) return otherType;
  if (dataType === undefined && shape === undefined) return undefined;
  return tensorType(
    dataType,
    shape?.map(({ constant, symbolName }) => {
      if (constant !== undefined) return constant <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(constant) : undefined;
      return symbolName !== undefined && names.has(symbolName) ? symbolName : undefined;
    }),
  );
}
