/**
 * Reductions: axes are an attribute before opset 18 (13 for ReduceSum), an input from then on; none means all, unless
 * noop_with_empty_axes says that nothing is reduced. https://onnx.ai/onnx/operators/onnx__ReduceSum.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { rankFromLength, shapeOf, typeOfInputs } from './support.ts';
import { carriesElements, countOf, fitting, knownArray, staticDims, stridesOf } from './values.ts';

const merges: Readonly<Record<string, (a: Dim, b: Dim) => Dim>> = {
  ReduceSum: (a, b) => a.plus(b),
  ReduceProd: (a, b) => a.times(b),
  ReduceMax: (a, b) => a.maximum(b),
  ReduceMin: (a, b) => a.minimum(b),
  ReduceL1: (a, b) => a.plus(b),
  ReduceSumSquare: (a, b) => a.plus(b),
  ReduceMean: (a, b) => a.plus(b),
};

/** What becomes of an element before it is merged. */
const terms: Readonly<Record<string, (element: Dim) => Dim>> = {
  ReduceL1: (element) => (element.isAtLeast(0n) ? element : element.maximum(element.negated())),
  ReduceSumSquare: (element) => element.times(element),
};

export const reduce = law(['ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp', ...Object.keys(merges)], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = shapeOf(context, 0);
  if (data === undefined) return context.output(0, { dataType });
  const keeps = context.attributes.int('keepdims') !== 0n;
  const axes = axesOf(context, data.length);
  if (axes === undefined) {
    const count = rankFromLength(context, 1);
    const rank = keeps ? data.length : count === undefined ? undefined : data.length - count;
    return context.output(0, { dataType, shape: rank === undefined ? undefined : context.unknownShape(0, rank) });
  }
  const shape = data.flatMap((dim, axis) => (!axes.has(axis) ? [dim] : keeps ? [Dim.one] : []));
  context.output(0, { dataType, shape, elements: fitting(dataType, reducedElements(context, axes)) });
});

/** Axes are an attribute of these. https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md */
export const reduceQuantized = law(
  ['com.microsoft::QLinearReduceMean', 'com.microsoft::ReduceSumInteger'],
  (context) => {
    const dataType = context.node.opType === 'ReduceSumInteger' ? 'int32' : typeOfInputs(context, 0);
    const shape = shapeOf(context, 0);
    const keeps = context.attributes.int('keepdims') !== 0n;
    const axes = shape && allAxes(context.attributes.ints('axes') ?? [], context, shape.length);
    context.output(0, {
      dataType,
      shape: shape?.flatMap((dim, axis) => (axes?.has(axis) !== true ? [dim] : keeps ? [Dim.one] : [])),
    });
  },
);

/** None stands for all. */
function allAxes(given: readonly bigint[], context: LawContext, rank: number): ReadonlySet<number> {
  if (given.length > 0) return new Set(given.map((axis) => normalAxis(context, axis, rank)));
  return new Set(Array.from({ length: rank }, (_, axis) => axis));
}

/** The reduced axes; undefined when only the runtime knows them. */
function axesOf(context: LawContext, rank: number): ReadonlySet<number> | undefined {
  const isInput = context.opset >= (context.node.opType === 'ReduceSum' ? 13 : 18);
  const given = isInput
    ? context.input(1) === undefined
      ? []
      : context.integers(1)
    : (context.attributes.ints('axes') ?? []);
  if (given === undefined) return undefined;
  const reducesNothing = given.length === 0 && isInput && context.attributes.int('noop_with_empty_axes') === 1n;
  return reducesNothing ? new Set() : allAxes(given, context, rank);
}

const emptySums: ReadonlySet<string> = new Set(['ReduceSum', 'ReduceL1', 'ReduceSumSquare']);

function reducedElements(context: LawContext, axes: ReadonlySet<number>): readonly Dim[] | undefined {
  const { opType } = context.node;
  const merge = merges[opType];
  const term = terms[opType] ?? ((element: Dim) => element);
  const data = knownArray(context, 0);
  if (merge === undefined || data === undefined || !carriesElements(context.input(0))) return undefined;
  const kept = data.dims.map((dim, axis) => (axes.has(axis) ? 1 : dim));
  const outStrides = stridesOf(kept);
  const strides = stridesOf(data.dims);
  const results: (Dim | undefined)[] = Array.from({ length: countOf(kept) }, () => undefined);
  data.elements.forEach((element, flat) => {
    const at = data.dims.reduce((sum, dim, axis) => {
      const index = Math.floor(flat / (strides[axis] ?? 1)) % Math.max(dim, 1);
      return sum + (axes.has(axis) ? 0 : index * (outStrides[axis] ?? 0));
    }, 0);
    const before = results[at];
    results[at] = before === undefined ? term(element) : merge(before, term(element));
  });
  const empty = opType === 'ReduceProd' ? Dim.one : emptySums.has(opType) ? Dim.zero : undefined;
  // Runtimes round the mean of whole numbers in different ways, unless it is one.
  const count = opType === 'ReduceMean' ? Dim.of(data.elements.length / Math.max(1, results.length)) : Dim.one;
  const elements = results.map((element) =>
    element === undefined || count.constant === 1n ? (element ?? empty) : element.divideExactly(count),
  );
  return elements.every((element) => element !== undefined) && staticDims(shapeOf(context, 0)) !== undefined
    ? elements
    : undefined;
}
