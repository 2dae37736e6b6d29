/**
 * Col2Im: columns [N, C * product(block), L] back to an image [N, C, image...].
 * https://onnx.ai/onnx/operators/onnx__Col2Im.html
 */
import type { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { product, quotient, rankFromLength, shapeOfRank, sizesOf, typeOfInputs } from './support.ts';

export const col2Im = law(['Col2Im'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 0), shape: imageShape(context) });
});

function imageShape(context: LawContext): readonly Dim[] | undefined {
  const columns = shapeOfRank(context, 0, 3);
  const rank = rankFromLength(context, 1) ?? rankFromLength(context, 2);
  if (rank === undefined) return undefined;
  const image = sizesOf(context, 1);
  const block = context.elements(2);
  const [batch, depth] = columns ?? [];
  const channels =
    depth !== undefined && block !== undefined
      ? quotient(context, depth, product(block), 'the second dimension')
      : context.unknownDim(0, 1);
  const spatial = Array.from({ length: rank }, (_, axis) => image?.[axis] ?? context.unknownDim(0, axis + 2));
  return [batch ?? context.unknownDim(0, 0), channels, ...spatial];
}
