/**
 * BatchNormalization: Y is like X, whose channels are as many as scale, bias and the statistics have elements.
 * The further outputs (statistics of training) are like the statistics that came in.
 * https://onnx.ai/onnx/operators/onnx__BatchNormalization.html
 */
import type { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOf, shapeOfRank, typeOfInputs, withDim } from './support.ts';

export const batchNormalization = law(['BatchNormalization'], (context) => {
  const input = shapeOf(context, 0);
  // Before opset 9, `spatial` = 0 keeps statistics for each activation, not for each channel.
  const perChannel = context.opset >= 9 || (context.attributes.int('spatial') ?? 1n) !== 0n;
  const channels = perChannel ? channelsOf(context, input) : undefined;
  const shape = input !== undefined && channels !== undefined ? withDim(input, 1, channels) : input;
  context.output(0, { dataType: typeOfInputs(context, 0), shape });
  for (let output = 1; output < context.outputCount; output++) {
    // Outputs are Y, mean, variance, saved mean, saved variance; inputs 3 and 4 are mean and variance.
    const source = output % 2 === 1 ? 3 : 4;
    const statistics = channels === undefined ? shapeOf(context, source) : [channels];
    context.output(output, { dataType: typeOfInputs(context, source), shape: statistics });
  }
});

function channelsOf(context: LawContext, input: readonly Dim[] | undefined): Dim | undefined {
  let channels = input?.[1];
  for (let index = 1; index < Math.min(5, context.inputCount); index++) {
    const [size] = shapeOfRank(context, index, 1) ?? [];
    if (size === undefined) continue;
    channels = channels === undefined ? size : context.unify(channels, size, 'the numbers of channels');
  }
  return channels;
}
