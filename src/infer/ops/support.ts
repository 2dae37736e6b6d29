/** What most laws ask of a node: types and shapes of inputs, attributes that hold a type, small sums of dims. */
import { type DataType, dataTypeOfCode } from '../../ir/data-type.ts';
import { Dim } from '../dim.ts';
import { MAXIMUM_RANK } from '../fact.ts';
import type { LawContext } from '../law.ts';

/** The element type of the first of these inputs whose type is known: for inputs that share a type parameter. */
export function typeOfInputs(context: LawContext, ...indices: readonly number[]): DataType | undefined {
  for (const index of indices) {
    const dataType = context.input(index)?.dataType;
    if (dataType !== undefined) return dataType;
  }
  return undefined;
}

/** The type that an int attribute names by its TensorProto.DataType code; undefined when absent or 0. */
export function typeAttribute(context: LawContext, name: string): DataType | undefined {
  const code = context.attributes.number(name);
  return code === undefined ? undefined : dataTypeOfCode(code);
}

export function shapeOf(context: LawContext, index: number): readonly Dim[] | undefined {
  return context.input(index)?.shape;
}

/** The shape of an input that must have one of these ranks. */
export function shapeOfRank(
  context: LawContext,
  index: number,
  ...ranks: readonly number[]
): readonly Dim[] | undefined {
  const shape = shapeOf(context, index);
  if (shape !== undefined && !ranks.includes(shape.length))
    context.contradiction(
      `input ${index} of ${context.node.opType} must have rank ${ranks.join(' or ')}, but has ${shape.length}`,
    );
  return shape;
}

export function shapeOfRankAtLeast(context: LawContext, index: number, rank: number): readonly Dim[] | undefined {
  const shape = shapeOf(context, index);
  if (shape !== undefined && shape.length < rank)
    context.contradiction(
      `input ${index} of ${context.node.opType} must have at least rank ${rank}, but has ${shape.length}`,
    );
  return shape;
}

/** True when an optional tensor is there. An empty tensor stands for an omitted one (Resize-11 has no other way). */
export function isGiven(context: LawContext, index: number): boolean {
  const fact = context.input(index);
  if (fact === undefined) return false;
  return !(fact.shape?.length === 1 && fact.shape[0]?.constant === 0n);
}

/** The number of elements of a vector input; undefined when it is not a plain number. */
export function lengthOf(context: LawContext, index: number): number | undefined {
  const known = context.elements(index);
  if (known !== undefined) return known.length;
  const shape = shapeOf(context, index);
  const length = shape?.length === 1 ? shape[0]?.constant : undefined;
  return length === undefined ? undefined : Number(length);
}

/**
 * The elements of an integer input as sizes of axes: undefined for one that only the runtime knows, and that a model in
 * order makes no less than 0.
 */
export function sizesOf(context: LawContext, index: number): readonly (Dim | undefined)[] | undefined {
  return context.elements(index)?.map((element) => {
    if (isNegative(element))
      context.contradiction(`input ${index} of ${context.node.opType} asks for a size of ${element.toString()}`);
    return isNonnegative(context, element) ? element : undefined;
  });
}

/** The rank of an output that has one axis for each element of a vector input. */
export function rankFromLength(context: LawContext, index: number): number | undefined {
  const length = lengthOf(context, index);
  return length !== undefined && length <= MAXIMUM_RANK ? length : undefined;
}

export function product(dims: Iterable<Dim>): Dim {
  let result = Dim.one;
  for (const dim of dims) result = result.times(dim);
  return result;
}

/** `dims` with one replaced. */
export function withDim(dims: readonly Dim[], axis: number, dim: Dim): readonly Dim[] {
  return dims.map((old, index) => (index === axis ? dim : old));
}

/**
 * The first output that the node has. An unknown dimension that several outputs share is minted for this one,
 * so that the outputs are known to agree.
 */
export function firstOutput(context: LawContext): number {
  return Math.max(
    0,
    context.node.outputs.findIndex((output) => output !== undefined),
  );
}

/** Writes an output of known rank, unless the node omits it; a dimension that is not known gets its symbol. */
export function outputDims(
  context: LawContext,
  output: number,
  dataType: DataType | undefined,
  dims: readonly (Dim | undefined)[],
): void {
  if (context.node.outputs[output] === undefined) return;
  context.output(output, { dataType, shape: dims.map((dim, axis) => dim ?? context.unknownDim(output, axis)) });
}

/** True when the dim is below zero whatever its symbols are. */
export function isNegative(dim: Dim): boolean {
  const { high } = dim.bounds();
  return high !== undefined && high < 0n;
}

/** Provably >= 0, by what is known of dims and assumed of inputs, too. */
export function isNonnegative(context: LawContext, dim: Dim): boolean {
  return dim.isAtLeast(0n) || context.isPositive(dim.plus(Dim.one));
}

/** True when the dim is above zero whatever its symbols are. */
export function isPositive(dim: Dim): boolean {
  const { low } = dim.bounds();
  return low !== undefined && low > 0n;
}

/** `whole / part` where the standard demands that it divides without remainder. */
export function quotient(context: LawContext, whole: Dim, part: Dim, what: string): Dim {
  if (part.constant === 0n) context.contradiction(`${what} cannot be divided by 0`);
  const { constant } = part;
  if (whole.constant !== undefined && constant !== undefined && constant > 0n && whole.constant % constant !== 0n)
    context.contradiction(`${what} is ${whole.toString()}, which is not a multiple of ${part.toString()}`);
  return whole.wholeDivide(part);
}
