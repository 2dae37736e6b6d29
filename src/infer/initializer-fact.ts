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
  let elements: readonly Dim[] | undefined;
  let isRead = false;
  return {
    dataType: tensor.dataType,
    shape: tensor.dims.map((dim) => Dim.of(dim)),
    // When they are asked for: a model may have very many tables of bytes, each element of which takes eight times its room
    // here, and nearly none is part of a shape. A tensor that training updates keeps its type, not its elements.
    get elements() {
      if (!isRead && constant !== undefined) elements = knownElements(constant);
      isRead = true;
      return elements;
    },
    constant,
    otherType: undefined,
  };
}
