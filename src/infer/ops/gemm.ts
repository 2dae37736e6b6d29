/**
 * Gemm: [M, K] times [K, N], each perhaps given transposed, plus what broadcasts to [M, N].
 * https://onnx.ai/onnx/operators/onnx__Gemm.html
 */
import type { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOf, shapeOfRank, typeAttribute, typeOfInputs } from './support.ts';

export const gemm = law(['Gemm', 'com.microsoft::FusedGemm', 'com.microsoft::GemmFloat8'], (context) => {
  const isFloat8 = context.node.opType === 'GemmFloat8';
  const dataType = isFloat8 ? (typeAttribute(context, 'dtype') ?? 'float') : typeOfInputs(context, 0, 1, 2);
  context.output(0, { dataType, shape: productShape(context, shapeOfRank(context, 1, 2)) });
});

/** Inputs: A, its scale and zero point; B, its scale and zero point; C; scale and zero point of Y. */
export const gemmQuantized = law(['com.microsoft::QGemm'], (context) => {
  const scaled = context.input(7) !== undefined;
  const dataType = scaled ? typeOfInputs(context, 8) : 'float';
  context.output(0, { dataType, shape: productShape(context, shapeOfRank(context, 3, 2)) });
});

function productShape(context: LawContext, right: readonly Dim[] | undefined): readonly Dim[] {
  const [rows, leftInner] = transposed(shapeOfRank(context, 0, 2), context.attributes.int('transA'));
  const [rightInner, columns] = transposed(right, context.attributes.int('transB'));
  if (leftInner !== undefined && rightInner !== undefined)
    context.unify(leftInner, rightInner, 'the inner dimensions of the product');
  const shape = [rows ?? context.unknownDim(0, 0), columns ?? context.unknownDim(0, 1)] as const;
  // Before opset 7 the attribute `broadcast` has a say; quantized forms keep their bias in the same place.
  if (context.node.opType === 'Gemm' && context.opset >= 7) checkBias(context, shape);
  return shape;
}

function transposed(
  shape: readonly Dim[] | undefined,
  flag: bigint | undefined,
): readonly [Dim | undefined, Dim | undefined] {
  return (flag ?? 0n) === 0n ? [shape?.[0], shape?.[1]] : [shape?.[1], shape?.[0]];
}

/** C broadcasts to the product, not the other way round. */
function checkBias(context: LawContext, target: readonly Dim[]): void {
  const bias = shapeOf(context, 2);
  if (bias === undefined) return;
  const fits =
    bias.length <= 2 &&
    bias.every((dim, axis) => {
      const wanted = target[axis + 2 - bias.length];
      return dim.constant === 1n || dim.constant === undefined || wanted === undefined || !dim.differs(wanted);
    });
  if (!fits) context.contradiction(`C of shape [${bias.join(', ')}] does not broadcast to [${target.join(', ')}]`);
}
