/** Shape and Size put the shape of a value into a tensor. https://onnx.ai/onnx/operators/onnx__Shape.html */
import { Dim } from '../dim.ts';
import { law } from '../law.ts';
import { product, shapeOf } from './support.ts';

export const shape = law(['Shape'], (context) => {
  const dims = shapeOf(context, 0);
  if (dims === undefined) {
    context.output(0, { dataType: 'int64', shape: context.unknownShape(0, 1) });
    return;
  }
  // From opset 15 on; out of range is clamped, not an error.
  const bound = (name: string, fallback: number): number => {
    const given = context.attributes.number(name) ?? fallback;
    return Math.min(Math.max(given < 0 ? given + dims.length : given, 0), dims.length);
  };
  const elements = dims.slice(bound('start', 0), bound('end', dims.length));
  context.output(0, { dataType: 'int64', shape: [Dim.of(elements.length)], elements });
});

export const size = law(['Size'], (context) => {
  const dims = shapeOf(context, 0);
  context.output(0, { dataType: 'int64', shape: [], ...(dims !== undefined && { elements: [product(dims)] }) });
});
