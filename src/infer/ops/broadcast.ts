/**
 * Elementwise operators of several inputs that broadcast as numpy does, and carry no shape arithmetic.
 * https://github.com/onnx/onnx/blob/main/docs/Broadcasting.md
 */
import type { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

export const broadcastPair = law(
  [
    ...['BitShift', 'BitwiseAnd', 'BitwiseOr', 'BitwiseXor', 'StringConcat'],
    ...['com.microsoft::ComplexMul', 'com.microsoft::ComplexMulConj'],
  ],
  (context) => {
    const shape = context.broadcast(0, [shapeOf(context, 0), shapeOf(context, 1)]);
    context.output(0, { dataType: typeOfInputs(context, 0, 1), shape });
  },
);

/** Quantized: each operand is followed by its scale and zero point. */
export const broadcastQuantized = law(['com.microsoft::QLinearAdd', 'com.microsoft::QLinearMul'], (context) => {
  const shape = context.broadcast(0, [shapeOf(context, 0), shapeOf(context, 3)]);
  context.output(0, { dataType: typeOfInputs(context, 0, 3), shape });
});

/** Each operand is followed by its zero point. */
export const broadcastIntegers = law(['com.microsoft::MulInteger'], (context) => {
  context.output(0, { dataType: 'int32', shape: context.broadcast(0, [shapeOf(context, 0), shapeOf(context, 2)]) });
});

/** The condition, then what it chooses from, each with its scale and zero point. */
export const whereQuantized = law(['com.microsoft::QLinearWhere'], (context) => {
  const shape = context.broadcast(0, [shapeOf(context, 0), shapeOf(context, 1), shapeOf(context, 4)]);
  context.output(0, { dataType: typeOfInputs(context, 1, 4), shape });
});

/** Sum and Mean broadcast since opset 8; before, all inputs are of one shape. */
export const broadcastVariadic = law(['Mean', 'Sum'], (context) => {
  const indices = Array.from({ length: context.inputCount }, (_, index) => index);
  const shapes = indices.map((index) => shapeOf(context, index));
  const shape = context.opset >= 8 ? context.broadcast(0, shapes) : commonShape(context, shapes);
  context.output(0, { dataType: typeOfInputs(context, ...indices), shape });
});

/** SwiGLU does not broadcast. https://onnx.ai/onnx/operators/onnx__SwiGLU.html */
export const equalShapes = law(['SwiGLU'], (context) => {
  const shape = commonShape(context, [shapeOf(context, 0), shapeOf(context, 1)]);
  context.output(0, { dataType: typeOfInputs(context, 0, 1), shape });
});

function commonShape(context: LawContext, shapes: readonly (readonly Dim[] | undefined)[]): readonly Dim[] | undefined {
  const known = shapes.filter((shape) => shape !== undefined);
  return known.reduce<readonly Dim[] | undefined>((common, shape) => {
    if (common === undefined) return shape;
    if (common.length !== shape.length)
      context.contradiction(
        `inputs of ${context.node.opType} must have one shape, but have ranks ${common.length} and ${shape.length}`,
      );
    return common.map((dim, axis) => context.unify(dim, shape[axis] ?? dim, `axis ${axis} of the inputs`));
  }, undefined);
}
