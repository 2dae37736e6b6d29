/**
 * Matrix products as numpy.matmul: the last two axes are matrices, those before broadcast; a vector is a row on the
 * left and a column on the right, and its axis goes away.
 * https://onnx.ai/onnx/operators/onnx__MatMul.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { outputDims, shapeOf, typeOfInputs } from './support.ts';

export const matmul = law(['MatMul'], (context) => {
  const shape = productShape(context, shapeOf(context, 0), shapeOf(context, 1));
  context.output(0, { dataType: typeOfInputs(context, 0, 1), shape });
});

export const matmulInteger = law(['MatMulInteger', 'com.microsoft::MatMulInteger16'], (context) => {
  context.output(0, { dataType: 'int32', shape: productShape(context, shapeOf(context, 0), shapeOf(context, 1)) });
});

/** Inputs: a, its scale and zero point; b, its scale and zero point; scale and zero point of y. */
export const matmulQuantized = law(['QLinearMatMul'], (context) => {
  const shape = productShape(context, shapeOf(context, 0), shapeOf(context, 3));
  context.output(0, { dataType: typeOfInputs(context, 7), shape });
});

/** ONNX Runtime's products with the scaling fused in. https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md */
export const matmulDequantized = law(
  ['com.microsoft::DynamicQuantizeMatMul', 'com.microsoft::MatMulIntegerToFloat'],
  (context) => {
    const dataType = context.node.opType === 'MatMulIntegerToFloat' ? typeOfInputs(context, 2, 3) : 'float';
    context.output(0, { dataType, shape: productShape(context, shapeOf(context, 0), shapeOf(context, 1)) });
  },
);

export const matmulFused = law(
  ['FusedMatMul', 'FusedMatMulActivation', 'GemmFastGelu', 'TransposeMatMul'].map((name) => `com.microsoft::${name}`),
  (context) => {
    const shape = productShape(context, operand(context, 0, 'A'), operand(context, 1, 'B'));
    context.output(0, { dataType: typeOfInputs(context, 0, 1), shape });
  },
);

/** B is a blob; its two dims are an input of their own. */
export const matmulOfBlob = law(['com.microsoft::MatMulFpQ4'], (context) => {
  const columns = context.elements(2)?.[1];
  const rows = shapeOf(context, 0);
  const shape = rows === undefined || rows.length === 0 ? undefined : [...rows.slice(0, -1), columns];
  if (shape === undefined) context.output(0, { dataType: typeOfInputs(context, 0) });
  else outputDims(context, 0, typeOfInputs(context, 0), shape);
});

/** Weights are packed; their shape follows from the attributes. */
export const matmulPacked = law(['com.microsoft::MatMulBnb4', 'com.microsoft::MatMulNBits'], (context) => {
  const rows = shapeOf(context, 0);
  const columns = context.attributes.int('N');
  const shape = rows !== undefined && columns !== undefined ? [...rows.slice(0, -1), Dim.of(columns)] : undefined;
  context.output(0, { dataType: typeOfInputs(context, 0), shape });
});

/**
 * An operand as its flags turn it: transBatch takes the first axis behind the others of the batch, [a, ..., b, c] to
 * [..., b, a, c], and trans exchanges the last two then. A vector is left as it is.
 */
function operand(context: LawContext, index: number, name: 'A' | 'B'): readonly Dim[] | undefined {
  const shape = shapeOf(context, index);
  const asks = (flag: string): boolean => (context.attributes.int(`${flag}${name}`) ?? 0n) !== 0n;
  if (shape === undefined || shape.length < 2) return shape;
  const moved =
    asks('transBatch') && shape.length > 2 ? [...shape.slice(1, -1), ...shape.slice(0, 1), ...shape.slice(-1)] : shape;
  return asks('trans') ? [...moved.slice(0, -2), ...moved.slice(-2).reverse()] : moved;
}

function productShape(
  context: LawContext,
  left: readonly Dim[] | undefined,
  right: readonly Dim[] | undefined,
): readonly Dim[] | undefined {
  if (left?.length === 0 || right?.length === 0) context.contradiction(`${context.node.opType} takes no scalar`);
  if (left === undefined || right === undefined) return undefined;
  const rows = left.length > 1 ? left.slice(-2, -1) : [];
  const columns = right.length > 1 ? right.slice(-1) : [];
  const inner = [left.at(-1), right.at(right.length > 1 ? -2 : -1)] as const;
  if (inner[0] !== undefined && inner[1] !== undefined)
    context.unify(inner[0], inner[1], 'the inner dimensions of the product');
  const batch = context.broadcast(0, [left.slice(0, -2), right.slice(0, -2)]);
  return batch === undefined ? undefined : [...batch, ...rows, ...columns];
}
