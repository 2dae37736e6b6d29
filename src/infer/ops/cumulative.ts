/** Running sums and products along an axis. https://onnx.ai/onnx/operators/onnx__CumSum.html */
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import { carriesElements, fitting, type KnownArray, knownArray, stridesOf } from './values.ts';

export const cumulative = law(['CumSum', 'CumProd'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const data = carriesElements(context.input(0)) ? knownArray(context, 0) : undefined;
  const axis = data === undefined || data.dims.length === 0 ? undefined : axisOf(context, data.dims.length);
  const elements = data === undefined || axis === undefined ? undefined : running(context, data, axis);
  context.output(0, { dataType, shape: shapeOf(context, 0), elements: fitting(dataType, elements) });
});

function axisOf(context: LawContext, rank: number): number | undefined {
  const [axis] = context.integers(1) ?? [];
  if (axis !== undefined) return normalAxis(context, axis, rank);
  // There is one axis only to go along.
  return rank === 1 ? 0 : undefined;
}

function running(context: LawContext, { dims, elements }: KnownArray, axis: number): readonly Dim[] {
  const isSum = context.node.opType === 'CumSum';
  const isReverse = context.attributes.int('reverse') === 1n;
  const isExclusive = context.attributes.int('exclusive') === 1n;
  const stride = stridesOf(dims)[axis] ?? 1;
  const length = dims[axis] ?? 0;
  const results = [...elements];
  for (let first = 0; first < elements.length; first++) {
    // Each line along the axis, by its first element.
    if (Math.floor(first / stride) % length !== 0) continue;
    let total = isSum ? Dim.zero : Dim.one;
    for (let step = 0; step < length; step++) {
      const at = first + (isReverse ? length - 1 - step : step) * stride;
      const before = total;
      const element = elements[at] ?? Dim.zero;
      total = isSum ? total.plus(element) : total.times(element);
      results[at] = isExclusive ? before : total;
    }
  }
  return results;
}
