/**
 * Blocks of space moved into channels and back: [N, C, H, W] and [N, C * b * b, H / b, W / b].
 * https://onnx.ai/onnx/operators/onnx__DepthToSpace.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { quotient, shapeOfRank, typeOfInputs } from './support.ts';

export const depthToSpace = law(['DepthToSpace'], (context) => {
  moveBlocks(context, (channels, height, width, block) => [
    quotient(context, channels, block.times(block), 'the number of channels'),
    height.times(block),
    width.times(block),
  ]);
});

export const spaceToDepth = law(['SpaceToDepth'], (context) => {
  moveBlocks(context, (channels, height, width, block) => [
    channels.times(block).times(block),
    quotient(context, height, block, 'the height'),
    quotient(context, width, block, 'the width'),
  ]);
});

function moveBlocks(
  context: LawContext,
  move: (channels: Dim, height: Dim, width: Dim, block: Dim) => readonly Dim[],
): void {
  const size = context.attributes.int('blocksize') ?? 1n;
  if (size <= 0n) context.contradiction(`blocksize of ${context.node.opType} is ${size}`);
  const [batch, channels, height, width] = shapeOfRank(context, 0, 4) ?? [];
  const shape =
    batch === undefined || channels === undefined || height === undefined || width === undefined
      ? context.unknownShape(0, 4)
      : [batch, ...move(channels, height, width, Dim.of(size))];
  context.output(0, { dataType: typeOfInputs(context, 0), shape });
}
