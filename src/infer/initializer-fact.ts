import type { Value } from '../ir/value.ts';
import { Dim } from './dim.ts';
import { type Fact, MAXIMUM_RANK, UNKNOWN_FACT } from './fact.ts';
import { knownElements } from './tensor-elements.ts';

/** The fact of a value that holds an initializer: of a default that callers may override, only the declared type. */
export function initializerFact(value: Value): Fact {
  const { constant, initializer, sparseInitializer } = value;
  const tensor = constant ?? (value.isInput ? undefined : initializer);
  if (tensor === undefined) {
    if (sparseInitializer === undefined || value.isInput) return UNKNOWN_FACT;
    const { values, dims } = sparseInitializer;
    return { ...UNKNOWN_FACT, dataType: values.dataType, shape: dims.map((dim) => Dim.of(dim)) };
  }
  if (tensor.dims.length > MAXIMUM_RANK) return { ...UNKNOWN_FACT, dataType: tensor.dataType };
  return {
    dataType: tensor.dataType,
    shape: tensor.dims.map((dim) => Dim.of(dim)),
    // A tensor that training updates keeps its type, not its elements.
    elements: constant === undefined ? undefined : knownElements(constant),
    constant,
    otherType: undefined,
  };
}
