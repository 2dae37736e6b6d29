/**
 * Clip: elementwise; known elements (a shape that was clamped) stay known where both limits are.
 * Limits are attributes before opset 11, optional scalar inputs since; a minimum above the maximum gives the maximum.
 * https://onnx.ai/onnx/operators/onnx__Clip.html
 */
import type { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

export const clip = law(['Clip'], (context) => {
  const dataType = typeOfInputs(context, 0, 1, 2);
  context.output(0, { dataType, shape: shapeOf(context, 0), elements: clippedElements(context) });
});

function clippedElements(context: LawContext): readonly Dim[] | undefined {
  const elements = context.elements(0);
  // Before opset 12 there is no Clip of integers.
  if (elements === undefined || context.opset < 12) return undefined;
  let clipped = elements;
  if (context.input(1) !== undefined) {
    const minimum = context.elements(1)?.[0];
    if (minimum === undefined) return undefined;
    clipped = clipped.map((element) => element.maximum(minimum));
  }
  if (context.input(2) !== undefined) {
    const maximum = context.elements(2)?.[0];
    if (maximum === undefined) return undefined;
    clipped = clipped.map((element) => element.minimum(maximum));
  }
  return clipped;
}
