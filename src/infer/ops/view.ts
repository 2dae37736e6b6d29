/**
 * Operators that give the same elements, in the same order, another shape.
 * https://onnx.ai/onnx/operators/onnx__Reshape.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { isNonnegative, product, rankFromLength, shapeOf, typeOfInputs } from './support.ts';

/** Elements pass through a view unchanged, as long as the new shape is static. */
function viewOutput(context: LawContext, shape: readonly Dim[] | undefined): void {
  const isStatic = shape?.every(({ constant }) => constant !== undefined) === true;
  const elements = isStatic ? context.elements(0) : undefined;
  const count = shape === undefined ? undefined : product(shape).constant;
  const fits = elements !== undefined && count === BigInt(elements.length);
  const fractions = isStatic ? context.input(0)?.fractions : undefined;
  context.output(0, { dataType: typeOfInputs(context, 0), shape, elements: fits ? elements : undefined, fractions });
}

export const reshape = law(['Reshape'], (context) => {
  const data = shapeOf(context, 0);
  const target =
    context.opset < 5 ? context.attributes.ints('shape')?.map((size) => Dim.of(size)) : context.elements(1);
  if (target === undefined) {
    const rank = context.opset < 5 ? undefined : rankFromLength(context, 1);
    return viewOutput(context, rank === undefined ? undefined : context.unknownShape(0, rank));
  }
  viewOutput(context, reshaped(context, data, target));
});

function reshaped(context: LawContext, data: readonly Dim[] | undefined, target: readonly Dim[]): readonly Dim[] {
  const zeroCopies = context.attributes.int('allowzero') !== 1n;
  let inferred: number | undefined;
  const known = target.map((size, axis): Dim | undefined => {
    if (size.constant === -1n) {
      if (inferred !== undefined) context.contradiction('more than one -1 in its shape');
      inferred = axis;
      return undefined;
    }
    if (size.constant === 0n && zeroCopies) {
      if (data !== undefined && axis >= data.length)
        context.contradiction(`a 0 copies axis ${axis}, which the input does not have`);
      return data?.[axis];
    }
    if (size.constant !== undefined && size.constant < -1n) context.contradiction(`a size of ${size.constant}`);
    // What may be negative may be a -1 that only the runtime sees.
    if (!isNonnegative(context, size)) return undefined;
    return zeroCopies ? sizeUnlessCopied(context, size, data?.[axis]) : size;
  });
  const total = data === undefined ? undefined : product(data);
  checkCount(context, total, known);
  const open = known.flatMap((size, axis) => (size === undefined ? [axis] : []));
  const [only] = open;
  const solution =
    total === undefined || open.length !== 1 || only === undefined
      ? undefined
      : solve(context, total, product(known.filter((size) => size !== undefined)), only === inferred);
  return known.map((size, axis) => size ?? (axis === only ? solution : undefined) ?? context.unknownDim(0, axis));
}

/**
 * A size that may turn out 0 copies the input's dim then: it stands for itself only if it cannot be 0, or where that dim is
 * 0 along with it.
 */
function sizeUnlessCopied(context: LawContext, size: Dim, copied: Dim | undefined): Dim | undefined {
  if (copied !== undefined && (copied.equals(size) || isZeroWith(copied, size))) return size;
  return context.isPositive(size) ? size : undefined;
}

/** Whether a dim is 0 whenever a product of symbols is, because it is a multiple of each. */
function isZeroWith(dim: Dim, size: Dim): boolean {
  const [term, ...others] = size.terms;
  if (term === undefined || others.length > 0 || size.constantTerm !== 0n) return false;
  return term.factors.every(
    (factor) =>
      factor.kind === 'symbol' && !factor.isSigned && dim.divideExactly(Dim.symbol(factor.name)) !== undefined,
  );
}

function checkCount(context: LawContext, total: Dim | undefined, known: readonly (Dim | undefined)[]): void {
  const all = known.every((size) => size !== undefined) ? product(known) : undefined;
  if (total !== undefined && all !== undefined && total.differs(all))
    context.contradiction(`${total.toString()} elements do not fit a shape of ${all.toString()}`);
}

/**
 * The one dim that is missing. With a -1 the operator fails when the others make 0, so dividing by them is allowed, and when they do not
 * divide the number of elements;
 * a size that the runtime alone knows is settled by the count of elements only where the others cannot make 0.
 */
function solve(context: LawContext, total: Dim, others: Dim, isInferred: boolean): Dim | undefined {
  if (others.constant === 0n) {
    if (isInferred && total.constant !== undefined)
      context.contradiction('a -1 beside a dimension of 0 cannot be inferred');
    return undefined;
  }
  if (!isInferred && !context.isPositive(others)) return undefined;
  if (total.constant !== undefined && others.constant !== undefined && total.constant % others.constant !== 0n)
    context.contradiction(`${total.constant} elements cannot be divided by ${others.constant}`);
  return total.wholeDivide(others);
}

/** https://onnx.ai/onnx/operators/onnx__Flatten.html */
export const flatten = law(['Flatten'], (context) => {
  const data = shapeOf(context, 0);
  if (data === undefined) return viewOutput(context, context.unknownShape(0, 2));
  const axis = Number(context.attributes.int('axis') ?? 1n);
  if (axis < -data.length || axis > data.length) context.contradiction(`axis ${axis} for rank ${data.length}`);
  const at = axis < 0 ? axis + data.length : axis;
  viewOutput(context, [product(data.slice(0, at)), product(data.slice(at))]);
});

/** Axes are an attribute before opset 13, an input from then on; null when they are left out. */
function axesOf(context: LawContext): readonly bigint[] | undefined | null {
  if (context.opset < 13) return context.attributes.ints('axes') ?? null;
  return context.input(1) === undefined ? null : context.integers(1);
}

/** https://onnx.ai/onnx/operators/onnx__Squeeze.html */
export const squeeze = law(['Squeeze'], (context) => {
  const data = shapeOf(context, 0);
  const given = axesOf(context);
  if (data === undefined || given === undefined) {
    const count = context.opset < 13 ? undefined : rankFromLength(context, 1);
    const rank = data === undefined || count === undefined ? undefined : data.length - count;
    return viewOutput(context, rank === undefined || rank < 0 ? undefined : context.unknownShape(0, rank));
  }
  if (given === null) {
    // Every 1 goes; a dim that is not known may be one.
    const isDecided = data.every((dim) => dim.constant !== undefined || dim.differs(Dim.one));
    return viewOutput(context, isDecided ? data.filter(({ constant }) => constant !== 1n) : undefined);
  }
  // ONNX leaves the shape as it is for an empty list of axes, ONNX Runtime takes all 1s away.
  if (given.length === 0 && !data.every((dim) => dim.differs(Dim.one))) return viewOutput(context, undefined);
  const axes = new Set(given.map((axis) => normalAxis(context, axis, data.length)));
  for (const axis of axes)
    if (data[axis]?.differs(Dim.one) === true)
      context.contradiction(`axis ${axis} has size ${data[axis].toString()}, not 1`);
  viewOutput(
    context,
    data.filter((_, axis) => !axes.has(axis)),
  );
});

/** Axes are those of the result. https://onnx.ai/onnx/operators/onnx__Unsqueeze.html */
export const unsqueeze = law(['Unsqueeze'], (context) => {
  const data = shapeOf(context, 0);
  const given = axesOf(context);
  if (data === undefined || given === undefined || given === null) {
    const count = context.opset < 13 ? undefined : rankFromLength(context, 1);
    return viewOutput(
      context,
      data === undefined || count === undefined ? undefined : context.unknownShape(0, data.length + count),
    );
  }
  const rank = data.length + given.length;
  const axes = new Set(given.map((axis) => normalAxis(context, axis, rank)));
  if (axes.size !== given.length) context.contradiction('an axis is given twice');
  const rest = data[Symbol.iterator]();
  viewOutput(
    context,
    Array.from({ length: rank }, (_, axis) =>
      axes.has(axis) ? Dim.one : ((rest.next().value as Dim | undefined) ?? Dim.one),
    ),
  );
});
