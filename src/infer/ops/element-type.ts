/**
 * Types of what sequences and optionals hold. They are written as the standard writes types, so a dimension is a
 * number, a symbol's name, or open: one that is computed from others is open.
 */
import { type TensorType, tensorType, type Dimension, type ValueType } from '../../ir/value-type.ts';
import { Dim } from '../dim.ts';
import type { Fact } from '../fact.ts';
import type { LawContext, OutputFact } from '../law.ts';

/** The type of a value; undefined when nothing is known of it. */
export function typeOfFact(fact: Fact | undefined): ValueType | undefined {
  if (fact === undefined) return undefined;
  if (fact.otherType !== undefined) return fact.otherType;
  if (fact.dataType === undefined && fact.shape === undefined) return undefined;
  return tensorType(fact.dataType, fact.shape?.map(dimensionOf));
}

function dimensionOf(dim: Dim): Dimension {
  const { constant } = dim;
  if (constant === undefined) return dim.symbolName;
  const number = Number(constant);
  return Number.isSafeInteger(number) ? number : constant;
}

/** What is known of an output of that type; open dimensions get symbols of their own. */
export function factOfType(context: LawContext, output: number, type: ValueType | undefined): OutputFact {
  if (type?.kind !== 'tensor') return { otherType: type };
  const shape = type.shape?.map((dimension, axis) => dimOf(dimension) ?? context.unknownDim(output, axis));
  return { dataType: type.dataType, shape };
}

export function dimOf(dimension: Dimension): Dim | undefined {
  return typeof dimension === 'string'
    ? Dim.symbol(dimension)
    : dimension === undefined
      ? undefined
      : Dim.of(dimension);
}

/** A type that holds for values of either: what differs is open. Undefined when they have nothing in common. */
export function commonType(a: ValueType | undefined, b: ValueType | undefined): ValueType | undefined {
  if (a?.kind === 'tensor' && b?.kind === 'tensor')
    return tensorType(a.dataType === b.dataType ? a.dataType : undefined, commonShape(a, b));
  if ((a?.kind === 'sequence' || a?.kind === 'optional') && a.kind === b?.kind)
    return { kind: a.kind, element: commonType(a.element, b.element) };
  return undefined;
}

function commonShape(a: TensorType, b: TensorType): readonly Dimension[] | undefined {
  if (a.shape === undefined || a.shape.length !== b.shape?.length) return undefined;
  return a.shape.map((dimension, axis) => (dimension === b.shape?.[axis] ? dimension : undefined));
}
