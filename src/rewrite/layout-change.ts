import { Dim } from '../infer/dim.ts';
import { attribute } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import { permutationOf, reshapeTarget, sameShape } from './queries.ts';

export const VIEWS: readonly string[] = ['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'];

type Shape = readonly Dim[];

/**
 * A Transpose or a view, as a change that other values can be given, too: those of the same rank, or of the same dims where the
 * view changes some. The changed value is called the twin.
 */
export interface LayoutChange {
  /** Rank of the values that the change is for. */
  readonly rank: number;
  /** Dims of the twin of a value with this shape; undefined when the change is not for it. */
  twinShape(shape: Shape): Shape | undefined;
  /** Where an axis is in the twin; undefined for one that is merged or split. */
  axis(axis: number): number | undefined;
  /** Writes the twin of a value; undefined when its shape cannot be written as a constant. */
  make(value: Value): Value | undefined;
  /** Writes the value whose twin is given. */
  undo(twin: Value, shape: Shape): Value | undefined;
  /** What broadcasts against twins as the constant does against values. */
  constant(value: Value): Value | undefined;
  /** True for a node that makes the twin of its input. */
  isMadeBy(node: Node): boolean;
  /** True for a node whose input is the twin of its output. */
  isUndoneBy(node: Node): boolean;
}

export function permutationChange(perm: readonly number[], context: RewriteContext): LayoutChange {
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  const transposed = (value: Value, by: readonly number[]): Value =>
    context.node('Transpose', [value], { attributes: [attribute.ints('perm', by)] });
  const isTranspose = (node: Node, by: readonly number[]): boolean =>
    node.operator === 'Transpose' &&
    context.isReadable(node) &&
    permutationOf(node, context)?.every((axis, index) => axis === by[index]) === true;
  return {
    rank: perm.length,
    twinShape: (shape) => (shape.length === perm.length ? perm.map((axis) => shape[axis] ?? Dim.one) : undefined),
    axis: (axis) => inverse[axis],
    make: (value) => transposed(value, perm),
    undo: (twin) => transposed(twin, inverse),
    constant: (value) => {
      const tensor = context.tensor(value);
      if (tensor === undefined || tensor.dims.length > perm.length) return undefined;
      const dims = padded(tensor.dims, perm.length);
      const order = perm.filter((axis) => dims[axis] !== 1);
      const target = perm.map((axis) => dims[axis] ?? 1);
      const isInOrder = order.every((axis, index) => index === 0 || (order[index - 1] ?? 0) < axis);
      if (isInOrder) return reshapedConstant(value, tensor, target, context);
      // The fold of the Transpose has its own limits; beyond them it would stay.
      if (!tensor.isResident) return undefined;
      const full = reshapedConstant(value, tensor, dims, context, true);
      return transposed(full, perm);
    },
    isMadeBy: (node) => isTranspose(node, perm),
    isUndoneBy: (node) => isTranspose(node, inverse),
  };
}

/** Axes of one shape, and the axes of another that hold the same elements in the same order. */
interface Segment {
  readonly from: readonly number[];
  readonly to: readonly number[];
}

/** The change from one shape to another; undefined when it cannot be told which axes make which. */
export function viewChange(from: Shape, to: Shape, context: RewriteContext): LayoutChange | undefined {
  const segments = segmentsOf(from, to);
  if (segments === undefined) return undefined;
  const isFree = ({ from: sources, to: targets }: Segment): boolean => sources.length === 1 && targets.length === 1;
  const isFor = (shape: Shape): boolean =>
    shape.length === from.length &&
    segments.every(
      (segment) =>
        isFree(segment) || segment.from.every((axis) => shape[axis]?.equals(from[axis] ?? Dim.zero) === true),
    );
  const twinShape = (shape: Shape): Shape | undefined =>
    isFor(shape)
      ? segments.flatMap((segment) =>
          isFree(segment) ? [shape[segment.from[0] ?? 0] ?? Dim.one] : segment.to.map((axis) => to[axis] ?? Dim.one),
        )
      : undefined;
  const reshaped = (value: Value, target: Shape | undefined): Value | undefined => {
    const shape = context.shape(value);
    const elements = target === undefined ? undefined : reshapeTarget(context, shape, target);
    if (elements === undefined || typeof elements === 'string') return undefined;
    return context.node('Reshape', [value, context.vector(elements, `${value.name}_shape`)]);
  };
  const isView = (node: Node): boolean => VIEWS.includes(node.operator) && context.isReadable(node);
  return {
    rank: from.length,
    twinShape,
    axis: (axis) => segments.find((segment) => isFree(segment) && segment.from[0] === axis)?.to[0],
    make: (value) => reshaped(value, twinShape(context.shape(value) ?? [])),
    undo: (twin, shape) => {
      const own = twinShape(shape);
      const elements = own === undefined ? undefined : reshapeTarget(context, own, shape);
      if (elements === undefined || typeof elements === 'string') return undefined;
      return context.node('Reshape', [twin, context.vector(elements, `${twin.name}_shape`)]);
    },
    constant: (value) => {
      const tensor = context.tensor(value);
      if (tensor === undefined || tensor.dims.length > from.length) return undefined;
      const dims = padded(tensor.dims, from.length);
      const target: number[] = [];
      for (const segment of segments) {
        const own = segment.from.map((axis) => dims[axis] ?? 1);
        if (isFree(segment)) target.push(...own);
        else if (own.every((size) => size === 1)) target.push(...segment.to.map(() => 1));
        else {
          if (segment.from.some((axis, index) => from[axis]?.constant !== BigInt(own[index] ?? 0))) return undefined;
          const sizes = segment.to.map((axis) => to[axis]?.constant);
          if (!sizes.every((size) => size !== undefined)) return undefined;
          target.push(...sizes.map(Number));
        }
      }
      return reshapedConstant(value, tensor, target, context);
    },
    isMadeBy: (node) => {
      const [x] = node.inputs;
      const shape = x === undefined ? undefined : context.shape(x);
      return isView(node) && shape !== undefined && sameShape(twinShape(shape), context.shape(node.output));
    },
    isUndoneBy: (node) => {
      const [x] = node.inputs;
      const shape = context.shape(node.output);
      return isView(node) && shape !== undefined && x !== undefined && sameShape(twinShape(shape), context.shape(x));
    },
  };
}

/** The finest runs of axes that hold the same number of elements on both sides. */
function segmentsOf(from: Shape, to: Shape): readonly Segment[] | undefined {
  // Nothing can be told of axes that hold no element together.
  if ([...from, ...to].some((dim) => dim.constant === 0n)) return undefined;
  const segments: { from: number[]; to: number[] }[] = [];
  let [source, target] = [0, 0];
  while (source < from.length && target < to.length) {
    const segment = { from: [source], to: [target] };
    let [left, right] = [from[source++] ?? Dim.one, to[target++] ?? Dim.one];
    while (!left.equals(right)) {
      const isLeftShort = right.divideExactly(left) !== undefined;
      const next = isLeftShort ? from[source] : to[target];
      if (next === undefined || (!isLeftShort && left.divideExactly(right) === undefined)) return undefined;
      if (isLeftShort) {
        segment.from.push(source++);
        left = left.times(next);
      } else {
        segment.to.push(target++);
        right = right.times(next);
      }
    }
    segments.push(segment);
  }
  const last = segments.at(-1);
  if (last === undefined) return undefined;
  for (; source < from.length; source++) {
    if (from[source]?.constant !== 1n) return undefined;
    last.from.push(source);
  }
  for (; target < to.length; target++) {
    if (to[target]?.constant !== 1n) return undefined;
    last.to.push(target);
  }
  return segments;
}

function padded(dims: readonly number[], rank: number): readonly number[] {
  return [...Array.from({ length: rank - dims.length }, () => 1), ...dims];
}

/** The tensor with other dims; leading dims of 1 are left out where the value has none either, so that it can stay as it is. */
function reshapedConstant(
  value: Value,
  tensor: Tensor,
  dims: readonly number[],
  context: RewriteContext,
  isRankKept = false,
): Value {
  const first = dims.findIndex((size) => size !== 1);
  const short = first < 0 ? [] : dims.slice(first);
  const own = tensor.dims.findIndex((size) => size !== 1);
  const ownShort = own < 0 ? [] : tensor.dims.slice(own);
  const isSame = short.length === ownShort.length && short.every((size, index) => size === ownShort[index]);
  if (!isRankKept && isSame && tensor.dims.length <= dims.length) return value;
  if (isRankKept && dims.length === tensor.dims.length) return value;
  return context.constant(new Tensor(tensor.dataType, dims, tensor.payload), value.name);
}
