/**
 * TopK: values and their indices, k of them along one axis. k is an attribute in opset 1, an input since 10.
 * https://onnx.ai/onnx/operators/onnx__TopK.html
 */
import { Dim } from '../dim.ts';
import { law, normalAxis, type LawContext } from '../law.ts';
import { firstOutput, shapeOf, sizesOf, typeOfInputs, withDim } from './support.ts';

export const topK = law(['TopK'], (context) => {
  const shape = topShape(context);
  context.output(0, { dataType: typeOfInputs(context, 0), shape });
  context.output(1, { dataType: 'int64', shape });
});

function topShape(context: LawContext): readonly Dim[] | undefined {
  const input = shapeOf(context, 0);
  if (input === undefined) return undefined;
  const axis = normalAxis(context, context.attributes.number('axis') ?? -1, input.length);
  const k = context.opset < 10 ? attributeK(context) : sizesOf(context, 1)?.[0];
  const available = input[axis]?.constant;
  if (k?.constant !== undefined && available !== undefined && k.constant > available)
    context.contradiction(`TopK asks for ${k.constant} of ${available} elements`);
  return withDim(input, axis, k ?? context.unknownDim(firstOutput(context), axis));
}

function attributeK(context: LawContext): Dim | undefined {
  const k = context.attributes.int('k');
  return k === undefined ? undefined : Dim.of(k);
}
