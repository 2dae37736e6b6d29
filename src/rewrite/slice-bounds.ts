import { INT64_MAX } from '../base/int64.ts';
import type { Dim } from '../infer/dim.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import type { RewriteContext } from './context.ts';
import { normalizedAxes } from './queries.ts';

/** What a Slice takes of one axis, forwards. */
export interface SliceBound {
  readonly axis: number;
  /** First index taken, counted from the front. */
  readonly start: bigint;
  /** Index after the last one that may be taken; INT64_MAX for the end of the axis. */
  readonly end: bigint;
  readonly step: bigint;
}

/**
 * The constant bounds of a Slice of opset 10 or later, counted from the front; undefined when they are not known, when it goes
 * backwards, or when it counts from the end of an axis whose size is not known.
 */
export function sliceBounds(slice: Node, context: RewriteContext): readonly SliceBound[] | undefined {
  const [x, starts, ends, axes, steps] = slice.inputs;
  const shape = x === undefined ? undefined : context.shape(x);
  const first = context.integers(starts);
  const last = context.integers(ends);
  if (shape === undefined || first === undefined || last === undefined) return undefined;
  const given = axes === undefined ? first.map((_, axis) => BigInt(axis)) : context.integers(axes);
  const along = given === undefined ? undefined : normalizedAxes(given, shape.length);
  const strides = steps === undefined ? first.map(() => 1n) : context.integers(steps);
  if (along === undefined || strides?.every((step) => step > 0n) !== true) return undefined;
  const bounds = along.map((axis, index) => {
    const start = fromFront(first[index], shape[axis]);
    const end = fromFront(last[index], shape[axis]);
    const step = strides[index];
    return start === undefined || end === undefined || step === undefined ? undefined : { axis, start, end, step };
  });
  return bounds.every((bound) => bound !== undefined) ? bounds : undefined;
}

function fromFront(bound: bigint | undefined, size: Dim | undefined): bigint | undefined {
  const total = size?.constant;
  if (bound === undefined) return undefined;
  if (total === undefined) return bound < 0n ? undefined : bound;
  const index = bound < 0n ? bound + total : bound;
  if (index >= total) return INT64_MAX;
  return index < 0n ? 0n : index;
}

/** A Slice with these bounds, in order of the axes. The opset must be 10 or later. */
export function sliced(x: Value, bounds: readonly SliceBound[], context: RewriteContext, from?: Node): Value {
  const ordered = [...bounds].sort((a, b) => a.axis - b.axis);
  const operands = [
    context.vector(
      ordered.map(({ start }) => start),
      `${x.name}_starts`,
    ),
    context.vector(
      ordered.map(({ end }) => end),
      `${x.name}_ends`,
    ),
    context.vector(
      ordered.map(({ axis }) => BigInt(axis)),
      `${x.name}_axes`,
    ),
  ];
  if (ordered.some(({ step }) => step !== 1n))
    operands.push(
      context.vector(
        ordered.map(({ step }) => step),
        `${x.name}_steps`,
      ),
    );
  return context.node('Slice', [x, ...operands], from === undefined ? {} : { from });
}
