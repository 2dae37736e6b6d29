/** Facts together: what holds in either of two cases (join), and what two true facts say at once (refine). */
import type { ValueType } from '../ir/value-type.ts';
import type { Dim } from './dim.ts';
import { type Fact, UNKNOWN_FACT } from './fact.ts';
import { commonType } from './ops/element-type.ts';

/** What holds of a value that is `a` in one run and `b` in another. */
export function joinFacts(
  a: Fact,
  b: Fact,
  unknownDim: (axis: number) => Dim,
  unknownElement: (index: number) => Dim,
): Fact {
  if (a === b) return a;
  const shape = joinDims(a.shape, b.shape, unknownDim);
  return {
    dataType: a.dataType === b.dataType ? a.dataType : undefined,
    shape,
    elements: shape === undefined ? undefined : joinDims(a.elements, b.elements, unknownElement),
    constant: a.constant === b.constant ? a.constant : undefined,
    otherType: sameType(a.otherType, b.otherType) ? a.otherType : commonType(a.otherType, b.otherType),
    items: sameItems(a.items, b.items) ? a.items : undefined,
    fractions: a.fractions === b.fractions ? a.fractions : undefined,
  };
}

function joinDims(
  a: readonly Dim[] | undefined,
  b: readonly Dim[] | undefined,
  unknown: (index: number) => Dim,
): readonly Dim[] | undefined {
  if (a === undefined || b === undefined || a.length !== b.length) return undefined;
  return a.map((dim, index) => {
    const other = b[index];
    return (other && commonDim(dim, other)) ?? unknown(index);
  });
}

/** An expression for a dim that is `a` in one run and `b` in another, where what makes a quotient whole may not run. */
function commonDim(a: Dim, b: Dim): Dim | undefined {
  if (a.key === b.key) return a;
  const others = b.roundings();
  return a.roundings().find((rounded) => others.some((other) => rounded.equals(other)));
}

/**
 * What is known when both facts are true. `old` itself when `found` adds nothing. Where the two say different things of a
 * dim, a number wins over an expression and an expression over `unknownDim(axis)`; else the old one stays.
 */
export function refineFact(old: Fact, found: Fact, isUnknown: (dim: Dim) => boolean): Fact {
  if (old === UNKNOWN_FACT) return found;
  const refined: Fact = {
    dataType: old.dataType ?? found.dataType,
    shape: refineDims(old.shape, found.shape, isUnknown),
    elements: refineDims(old.elements, found.elements, isUnknown),
    constant: old.constant ?? found.constant,
    otherType: refineType(old.otherType, found.otherType),
    items: old.items ?? found.items,
    fractions: old.fractions ?? found.fractions,
  };
  const isSame =
    refined.dataType === old.dataType &&
    refined.shape === old.shape &&
    refined.elements === old.elements &&
    refined.constant === old.constant &&
    refined.otherType === old.otherType &&
    refined.items === old.items &&
    refined.fractions === old.fractions;
  return isSame ? old : refined;
}

/** `fact` without what rests on a node that proves a quotient whole: dims and elements of `other` stand in for that. */
export function provenBy(fact: Fact, other: Fact): Fact {
  const proven = (dims: Fact['shape'], others: Fact['shape']): Fact['shape'] =>
    dims?.some((dim) => dim.hasWhole) === true ? others : dims;
  return {
    ...fact,
    shape: proven(fact.shape, other.shape),
    elements: proven(fact.elements, other.elements),
    fractions: undefined,
    items: undefined,
  };
}

function refineDims(
  old: readonly Dim[] | undefined,
  found: readonly Dim[] | undefined,
  isUnknown: (dim: Dim) => boolean,
): readonly Dim[] | undefined {
  if (old === undefined) return found;
  if (found?.length !== old.length) return old;
  let isBetter = false;
  const refined = old.map((dim, index) => {
    const other = found[index];
    if (other === undefined || dim.constant !== undefined || dim.key === other.key) return dim;
    if (other.constant === undefined && !(isUnknown(dim) && !isUnknown(other))) return dim;
    isBetter = true;
    return other;
  });
  return isBetter ? refined : old;
}

/** A sequence whose element is known says more than one whose is not. */
function refineType(old: ValueType | undefined, found: ValueType | undefined): ValueType | undefined {
  if (old === undefined) return found;
  if (found === undefined || old.kind !== found.kind) return old;
  return 'element' in old && old.element === undefined ? found : old;
}

export function sameType(a: ValueType | undefined, b: ValueType | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && textOf(a) === textOf(b));
}

function textOf(type: ValueType): string {
  return JSON.stringify(type, (_, part: unknown) => (typeof part === 'bigint' ? `${part}` : part));
}

/** Whether two facts say the same, so that another round of a loop would find nothing new. */
export function sameFact(a: Fact, b: Fact): boolean {
  return (
    a === b ||
    (a.dataType === b.dataType &&
      a.constant === b.constant &&
      sameDims(a.shape, b.shape) &&
      sameDims(a.elements, b.elements) &&
      sameItems(a.items, b.items) &&
      sameFractions(a.fractions, b.fractions) &&
      sameType(a.otherType, b.otherType))
  );
}

function sameItems(a: readonly Fact[] | undefined, b: readonly Fact[] | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((item, index) => sameFact(item, b[index] ?? UNKNOWN_FACT));
}

function sameFractions(a: Fact['fractions'], b: Fact['fractions']): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every(({ numerator, denominator }, index) => {
    const other = b[index];
    return numerator.key === other?.numerator.key && denominator.key === other.denominator.key;
  });
}

function sameDims(a: readonly Dim[] | undefined, b: readonly Dim[] | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every(({ key }, index) => key === b[index]?.key);
}

/** Why both facts cannot be true of one value; undefined when nothing shows it. */
export function contradictionOf(a: Fact, b: Fact): string | undefined {
  if (a.dataType !== undefined && b.dataType !== undefined && a.dataType !== b.dataType)
    return `element type ${a.dataType} against ${b.dataType}`;
  const isTensor = (fact: Fact): boolean => fact.dataType !== undefined || fact.shape !== undefined;
  if (a.otherType !== undefined && b.otherType !== undefined) {
    if (a.otherType.kind !== b.otherType.kind) return `${a.otherType.kind} against ${b.otherType.kind}`;
  } else if ((a.otherType !== undefined && isTensor(b)) || (b.otherType !== undefined && isTensor(a))) {
    const kind = (a.otherType ?? b.otherType)?.kind;
    if (kind !== 'sparse_tensor' && kind !== 'tensor') return `tensor against ${kind ?? 'another type'}`;
  }
  if (a.shape === undefined || b.shape === undefined) return undefined;
  if (a.shape.length !== b.shape.length) return `rank ${a.shape.length} against ${b.shape.length}`;
  for (const [axis, dim] of a.shape.entries()) {
    const other = b.shape[axis];
    if (other !== undefined && dim.differs(other))
      return `dimension ${axis} is ${dim.toString()} against ${other.toString()}`;
  }
  const index = a.elements?.findIndex((element, at) => {
    const other = b.elements?.[at];
    return other !== undefined && element.differs(other);
  });
  return index === undefined || index < 0
    ? undefined
    : `element ${index} is ${a.elements?.[index]?.toString() ?? ''} against ${b.elements?.[index]?.toString() ?? ''}`;
}
