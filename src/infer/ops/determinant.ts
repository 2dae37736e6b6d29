/**
 * Det of each square matrix in the last two axes.
 * https://onnx.ai/onnx/operators/onnx__Det.html
 */
import { law } from '../law.ts';
import { shapeOfRankAtLeast, typeOfInputs } from './support.ts';

export const determinant = law(['Det'], (context) => {
  const shape = shapeOfRankAtLeast(context, 0, 2);
  const [rows, columns] = shape?.slice(-2) ?? [];
  if (rows !== undefined && columns !== undefined) context.unify(rows, columns, 'the sides of a square matrix');
  context.output(0, { dataType: typeOfInputs(context, 0), shape: shape?.slice(0, -2) });
});
