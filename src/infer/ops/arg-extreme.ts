/**
 * ArgMax and ArgMin: int64 indices, one for what lies along the axis.
 * https://onnx.ai/onnx/operators/onnx__ArgMax.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { shapeOf } from './support.ts';
import { carriesElements, compareDims, knownArray, stridesOf } from './values.ts';

export const argExtreme = law(['ArgMax', 'ArgMin'], (context) => {
  const shape = shapeOf(context, 0);
  if (shape === undefined) {
    context.output(0, { dataType: 'int64' });
    return;
  }
  const axis = normalAxis(context, context.attributes.number('axis') ?? 0, shape.length);
  const keepsDims = (context.attributes.int('keepdims') ?? 1n) !== 0n;
  const reduced = keepsDims
    ? shape.map((dim, index) => (index === axis ? Dim.one : dim))
    : shape.filter((_, index) => index !== axis);
  context.output(0, { dataType: 'int64', shape: reduced, elements: positionsAlong(context, axis) });
});

/** Where the elements along the axis can be put in order, whatever the symbols are. */
function positionsAlong(context: LawContext, axis: number): readonly Dim[] | undefined {
  const data = carriesElements(context.input(0)) ? knownArray(context, 0) : undefined;
  const length = data?.dims[axis];
  if (data === undefined || length === undefined || length === 0) return undefined;
  const stride = stridesOf(data.dims)[axis] ?? 1;
  const positions: Dim[] = [];
  for (let start = 0; start < data.elements.length; start++) {
    if (Math.floor(start / stride) % length !== 0) continue;
    const lane = Array.from({ length }, (_, index) => data.elements[start + index * stride]);
    const best = bestOf(context, lane);
    if (best === undefined) return undefined;
    positions.push(Dim.of(best));
  }
  return positions;
}

/** The first of equals, unless asked otherwise. */
function bestOf(context: LawContext, elements: readonly (Dim | undefined)[]): number | undefined {
  const isMaximum = context.node.opType === 'ArgMax';
  const takesLast = context.attributes.int('select_last_index') === 1n;
  let best = 0;
  for (const [index, element] of elements.entries()) {
    const champion = elements[best];
    if (element === undefined || champion === undefined) return undefined;
    if (index === best) continue;
    const order = compareDims(element, champion);
    if (order === undefined) return undefined;
    if ((isMaximum ? order > 0 : order < 0) || (order === 0 && takesLast)) best = index;
  }
  return best;
}
