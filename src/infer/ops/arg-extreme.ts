/**
 * ArgMax and ArgMin: int64 indices, one for what lies along the axis.
 * https://onnx.ai/onnx/operators/onnx__ArgMax.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { shapeOf } from './support.ts';
import { carriesElements, compareDims } from './values.ts';

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
  context.output(0, { dataType: 'int64', shape: reduced, elements: positionIn(context, shape.length) });
});

/** Of a vector whose elements can be put in order, whatever the symbols are. The first of equals, unless asked otherwise. */
function positionIn(context: LawContext, rank: number): readonly Dim[] | undefined {
  const elements = rank === 1 && carriesElements(context.input(0)) ? context.elements(0) : undefined;
  if (elements === undefined) return undefined;
  const isMaximum = context.node.opType === 'ArgMax';
  const takesLast = context.attributes.int('select_last_index') === 1n;
  let best = 0;
  for (const [index, element] of elements.entries()) {
    const champion = elements[best];
    if (champion === undefined || index === best) continue;
    const order = compareDims(element, champion);
    if (order === undefined) return undefined;
    if ((isMaximum ? order > 0 : order < 0) || (order === 0 && takesLast)) best = index;
  }
  return elements.length === 0 ? undefined : [Dim.of(best)];
}
