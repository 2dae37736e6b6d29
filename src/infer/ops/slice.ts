/**
 * Slice: bounds are attributes before opset 10 and inputs from then on. Negative bounds count from the end, then both are
 * clamped; a step below zero runs backwards. https://onnx.ai/onnx/operators/onnx__Slice.html
 */
import { INT32_MAX, INT32_MIN } from '../../base/int64.ts';
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { moved } from './fractions.ts';
import { isNonnegative, shapeOf, typeOfInputs } from './support.ts';
import { staticDims, stridesOf } from './values.ts';

interface Cut {
  /** Undefined when the bound is not known. */
  readonly start: Dim | undefined;
  readonly end: Dim | undefined;
  readonly step: bigint | undefined;
}

export const slice = law(['Slice'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOf(context, 0);
  if (data === undefined) return context.output(0, { dataType });
  const cuts = cutsOf(context, data.length);
  if (cuts === undefined) return context.output(0, { dataType, shape: context.unknownShape(0, data.length) });
  const shape = data.map((dim, axis) => {
    const cut = cuts.get(axis);
    return cut === undefined ? dim : (lengthOfCut(context, dim, cut) ?? context.unknownDim(0, axis));
  });
  context.output(0, { dataType, shape, ...moved(context, shape, sourceOf(context, cuts)) });
});

/** The cut of each axis that has one; undefined when it is not known which axes are cut. */
function cutsOf(context: LawContext, rank: number): ReadonlyMap<number, Cut> | undefined {
  const isOld = context.opset < 10;
  const vector = (name: string, index: number): readonly Dim[] | undefined =>
    isOld ? context.attributes.ints(name)?.map((value) => Dim.of(value)) : context.elements(index);
  const starts = vector('starts', 1);
  const ends = vector('ends', 2);
  const steps = isOld ? undefined : context.elements(4);
  const hasAxes = isOld ? context.attributes.has('axes') : context.input(3) !== undefined;
  const axes = vector('axes', 3);
  const count = starts?.length ?? ends?.length ?? axes?.length;
  if (count === undefined || (hasAxes && axes === undefined)) return undefined;
  if ([starts, ends, steps, axes].some((bounds) => bounds !== undefined && bounds.length !== count))
    context.contradiction('its starts, ends, axes and steps are of different lengths');
  const cuts = new Map<number, Cut>();
  for (let index = 0; index < count; index++) {
    const given = hasAxes ? axes?.[index]?.constant : BigInt(index);
    if (given === undefined) return undefined;
    const stepGiven = !isOld && context.input(4) !== undefined;
    const step = stepGiven ? steps?.[index]?.constant : 1n;
    if (step === 0n) context.contradiction('a step of 0');
    cuts.set(normalAxis(context, given, rank), { start: starts?.[index], end: ends?.[index], step });
  }
  return cuts;
}

function lengthOfCut(context: LawContext, dim: Dim, { start, end, step }: Cut): Dim | undefined {
  if (start === undefined || end === undefined || step === undefined) return undefined;
  const range = step > 0n ? forwards(context, dim, start, end) : backwards(dim, start, end);
  if (range === undefined) return undefined;
  const length = range.end.minus(range.start).ceilingDivide(Dim.of(step)).maximum(Dim.zero);
  // Of an empty axis nothing is left, although a clamped start would leave one.
  return step < 0n && !dim.isAtLeast(1n) ? length.minimum(dim) : length;
}

interface Range {
  readonly start: Dim;
  readonly end: Dim;
}

function forwards(context: LawContext, dim: Dim, start: Dim, end: Dim): Range | undefined {
  const from = clamped(context, dim, start);
  const to = clamped(context, dim, end);
  return from === undefined || to === undefined ? undefined : { start: from, end: to };
}

/** A bound counted from the end if negative, within [0, dim]. Exporters write INT32_MAX or INT64_MAX for the end. */
function clamped(context: LawContext, dim: Dim, bound: Dim): Dim | undefined {
  if (bound.constant !== undefined && bound.constant >= INT32_MAX) return dim;
  if (bound.constant !== undefined && bound.constant <= INT32_MIN) return Dim.zero;
  if (isNonnegative(context, bound)) return bound.minimum(dim);
  const { high } = bound.bounds();
  if (high !== undefined && high < 0n) return dim.plus(bound).maximum(Dim.zero);
  return undefined;
}

/** Backwards, starts lie within [0, dim - 1] and ends within [-1, dim - 1]. */
function backwards(dim: Dim, start: Dim, end: Dim): Range | undefined {
  const { constant: from } = start;
  const { constant: to } = end;
  if (from === undefined || to === undefined) return undefined;
  const last = dim.minus(Dim.one);
  const clampedTo = (bound: bigint, least: Dim): Dim => {
    if (bound >= INT32_MAX) return last;
    if (bound <= INT32_MIN) return least;
    return bound >= 0n ? Dim.of(bound).minimum(last) : dim.plus(Dim.of(bound)).maximum(least);
  };
  return { start: clampedTo(from, Dim.zero), end: clampedTo(to, Dim.of(-1)) };
}

/** Where in the data the element at a position of the result lies. */
function sourceOf(
  context: LawContext,
  cuts: ReadonlyMap<number, Cut>,
): ((position: readonly number[]) => number) | undefined {
  const dims = staticDims(shapeOf(context, 0));
  if (dims === undefined) return undefined;
  const strides = stridesOf(dims);
  const starts = dims.map((dim, axis) => {
    const cut = cuts.get(axis);
    if (cut === undefined) return 0;
    const { start, end, step } = cut;
    if (start === undefined || end === undefined || step === undefined) return undefined;
    const range = step > 0n ? forwards(context, Dim.of(dim), start, end) : backwards(Dim.of(dim), start, end);
    return range?.start.constant === undefined ? undefined : Number(range.start.constant);
  });
  if (!starts.every((start) => start !== undefined)) return undefined;
  const steps = dims.map((_, axis) => Number(cuts.get(axis)?.step ?? 1n));
  return (position) =>
    position.reduce(
      (at, index, axis) => at + ((starts[axis] ?? 0) + index * (steps[axis] ?? 1)) * (strides[axis] ?? 0),
      0,
    );
}
