/**
 * ArgMax and ArgMin: int64 indices, one for what lies along the axis.
 * https://onnx.ai/onnx/operators/onnx__ArgMax.html
 */
import { Dim } from '../dim.ts';
import { law, normalAxis } from '../law.ts';
import { shapeOf } from './support.ts';

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
  context.output(0, { dataType: 'int64', shape: reduced });
});
