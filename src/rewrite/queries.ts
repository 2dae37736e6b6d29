import type { Dim } from '../infer/dim.ts';
import { type DataType, dataTypeInfo } from '../ir/data-type.ts';
import { Node } from '../ir/node.ts';
import type { Replacement } from '../ir/patch.ts';
import type { Value } from '../ir/value.ts';
import { findSchema, typesOf } from '../opset/schema.ts';
import type { RewriteContext } from './context.ts';

/** True when both shapes are known and provably equal, dim by dim. */
export function sameShape(a: readonly Dim[] | undefined, b: readonly Dim[] | undefined): boolean {
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  return a.every((dim, axis) => b[axis]?.equals(dim) === true);
}

/** The permutation of a Transpose; axes reversed when perm is absent; undefined when the rank is not known. */
export function permutationOf(transpose: Node, context: RewriteContext): readonly number[] | undefined {
  const perm = context.attributes(transpose).numbers('perm');
  if (perm !== undefined) return perm;
  const rank = context.shape(transpose.output)?.length;
  return rank === undefined ? undefined : Array.from({ length: rank }, (_, axis) => rank - 1 - axis);
}

/** Each output of a node, and the value that takes its place; where either is missing, nothing changes. */
export function outputReplacements(node: Node, values: readonly (Value | undefined)[]): Replacement[] {
  return node.outputs.flatMap((old, index) => {
    const by = values[index];
    return old === undefined || by === undefined ? [] : [{ old, by }];
  });
}

/** TensorProto.DataType of a type, as Cast's `to` wants it. */
export function dataTypeCode(dataType: DataType): number {
  return dataTypeInfo(dataType).code;
}

/**
 * The constant operand with which Reshape makes `to` of a value of shape `from`: numbers, 0 for a dim that is copied from the
 * same axis, and at most one -1. undefined when two or more dims can be had in neither way, and a text when -1 would be needed
 * although another dim may be 0, in which case Reshape cannot solve for it.
 */
export function reshapeTarget(
  context: RewriteContext,
  from: readonly Dim[] | undefined,
  to: readonly Dim[],
): readonly bigint[] | string | undefined {
  const target = to.map((dim, axis) => {
    const copies = from?.[axis]?.equals(dim) === true;
    if (dim.constant !== undefined && dim.constant > 0n) return dim.constant;
    return copies ? 0n : -1n;
  });
  const open = target.filter((size) => size === -1n).length;
  if (open === 0) return target;
  if (open > 1) return undefined;
  const solved = target.indexOf(-1n);
  // A literal 0 that is not copied cannot be written where 0 means copy.
  if (to[solved]?.constant !== undefined) return 'a dim of 0 cannot be written into its shape';
  const others = to.filter((_, axis) => axis !== solved);
  return others.every((dim) => context.isPositive(dim)) ? target : 'another dim may be 0, and then -1 has no solution';
}

/**
 * The elements of a Reshape operand that makes `to` of a value of shape `from`: numbers as they are, 0 where a dim is copied
 * from the same axis, and the dims that must be read. undefined when a 0 would have to be written that is not a copy.
 */
export function reshapeElements(
  from: readonly Dim[] | undefined,
  to: readonly Dim[],
): readonly (bigint | Dim)[] | undefined {
  const elements: (bigint | Dim)[] = [];
  for (const [axis, dim] of to.entries()) {
    const copies = from?.[axis]?.equals(dim) === true;
    if (dim.constant === 0n && !copies) return undefined;
    elements.push(dim.constant !== undefined && dim.constant > 0n ? dim.constant : copies ? 0n : dim);
  }
  return elements;
}

/**
 * For a Reshape that only merges neighbouring axes: the axes of `from` that make each axis of `to`.
 * undefined when some axis is split, or when equality of the dims cannot be proved.
 */
export function mergedAxes(from: readonly Dim[], to: readonly Dim[]): readonly (readonly number[])[] | undefined {
  const groups: number[][] = [];
  let next = 0;
  for (const dim of to) {
    const group: number[] = [];
    let product: Dim | undefined;
    while (product === undefined || !product.equals(dim)) {
      const axis = from[next];
      if (axis === undefined) return undefined;
      product = product === undefined ? axis : product.times(axis);
      group.push(next++);
    }
    groups.push(group);
  }
  const last = groups.at(-1);
  for (; next < from.length; next++) {
    if (from[next]?.constant !== 1n || last === undefined) return undefined;
    last.push(next);
  }
  return groups;
}

/**
 * A value between the matched nodes that something else reads, too, or that is a graph output. What a rule replaces at `root`
 * would still have to be computed for it.
 */
export function strayValue(root: Node, captures: object): Value | undefined {
  const matched = new Set(Object.values(captures).filter((captured) => captured instanceof Node));
  for (const node of matched) {
    if (node === root) continue;
    for (const output of node.outputs) {
      if (output === undefined) continue;
      // Beyond as many readers as there are nodes in the match, one must be another; so this stays cheap.
      if (output.isGraphOutput || output.userCount > matched.size) return output;
      for (const user of output.users) if (!matched.has(user)) return output;
    }
  }
  return undefined;
}

/** Axes counted from the front; undefined when one is out of range, or two are the same. */
export function normalizedAxes(axes: readonly (bigint | number)[], rank: number): readonly number[] | undefined {
  const normalized = axes.map((axis) => (Number(axis) < 0 ? Number(axis) + rank : Number(axis)));
  const isValid = normalized.every((axis) => axis >= 0 && axis < rank) && new Set(normalized).size === axes.length;
  return isValid ? normalized : undefined;
}

/** Integers that an operator takes as attribute `name` or, since a later opset, as its input `index`; undefined when neither is known. */
export function integersOrAttribute(
  node: Node,
  context: RewriteContext,
  name: string,
  index: number,
): readonly bigint[] | undefined {
  const input = node.inputs[index];
  return input === undefined ? context.attributes(node).ints(name) : context.integers(input);
}

/**
 * Why what matched up to `root` cannot be replaced by one operator on `x` that keeps the shape: a constant in it widens it, or a
 * part of it is used elsewhere, too. undefined when it can.
 */
export function partProblem(root: Node, x: Value, captures: object, context: RewriteContext): string | undefined {
  if (!sameShape(context.shape(x), context.shape(root.output)))
    return 'it is not proved to have the shape of its operand';
  const stray = strayValue(root, captures);
  return stray === undefined ? undefined : 'a part of it is used elsewhere, too';
}

/** The axes over which a Reduce operator goes, ascending; undefined when they or the rank are not known. */
export function reducedAxes(reduce: Node, context: RewriteContext): readonly number[] | undefined {
  const [x, operand] = reduce.inputs;
  const rank = x === undefined ? undefined : context.shape(x)?.length;
  if (rank === undefined) return undefined;
  const given = integersOrAttribute(reduce, context, 'axes', 1);
  if (operand !== undefined && given === undefined) return undefined;
  if (given === undefined || given.length === 0)
    return context.attributes(reduce).int('noop_with_empty_axes') === 1n
      ? []
      : Array.from({ length: rank }, (_, axis) => axis);
  return given.map((axis) => Number(axis < 0n ? axis + BigInt(rank) : axis)).sort((a, b) => a - b);
}

/** Whether the standard operator takes tensors of this type as its first input, in the opset at hand. */
export function takesType(opType: string, dataType: DataType, context: RewriteContext): boolean {
  const schema = findSchema('', opType, context.opset);
  const [first] = schema?.inputs ?? [];
  return schema !== undefined && first !== undefined && typesOf(schema, first).includes(`tensor(${dataType})`);
}
