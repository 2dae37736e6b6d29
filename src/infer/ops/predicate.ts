/**
 * Predicates of one element: bool, of the shape of the input.
 * https://onnx.ai/onnx/operators/onnx__IsNaN.html
 */
import { law } from '../law.ts';
import { shapeOf } from './support.ts';

export const predicate = law(['IsInf', 'IsNaN', 'RegexFullMatch'], (context) => {
  context.output(0, { dataType: 'bool', shape: shapeOf(context, 0) });
});
