/**
 * Recurrent layers: X [length, batch, features] -> Y [length, directions, batch, hidden] and the last states
 * [directions, batch, hidden]; with layout 1 (opset 14) the batch leads.
 * https://onnx.ai/onnx/operators/onnx__LSTM.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { firstOutput, shapeOfRank, typeOfInputs } from './support.ts';

export const recurrent = law(['GRU', 'LSTM', 'RNN', 'com.microsoft::DynamicQuantizeLSTM'], (context) => {
  const dataType = context.node.domain === '' ? typeOfInputs(context, 0, 1, 2) : typeOfInputs(context, 0);
  const batchFirst = (context.attributes.int('layout') ?? 0n) !== 0n;
  const input = shapeOfRank(context, 0, 3);
  const [first, second] = input ?? [];
  const directions = Dim.of(context.attributes.string('direction') === 'bidirectional' ? 2 : 1);
  const unknown = unknownOf(context, batchFirst);
  const batch = (batchFirst ? first : second) ?? unknown.batch;
  const hidden = hiddenSize(context) ?? unknown.hidden;
  const state = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  if (context.node.outputs[0] !== undefined) {
    const length = (batchFirst ? second : first) ?? context.unknownDim(0, batchFirst ? 1 : 0);
    const shape = batchFirst ? [batch, length, directions, hidden] : [length, directions, batch, hidden];
    context.output(0, { dataType, shape });
  }
  context.output(1, { dataType, shape: state });
  if (context.node.opType.endsWith('LSTM')) context.output(2, { dataType, shape: state });
});

function hiddenSize(context: LawContext): Dim | undefined {
  const named = context.attributes.int('hidden_size');
  if (named !== undefined) return Dim.of(named);
  // R is [directions, gates * hidden, hidden]; ONNX Runtime's quantized form has it the other way round.
  return shapeOfRank(context, 2, 3)?.[context.node.domain === '' ? 2 : 1];
}

/** Symbols for a batch and a hidden size that are not known, the same for every output. */
function unknownOf(context: LawContext, batchFirst: boolean): { readonly batch: Dim; readonly hidden: Dim } {
  const output = firstOutput(context);
  const batchAxis = batchFirst ? 0 : output === 0 ? 2 : 1;
  return {
    batch: context.unknownDim(output, batchAxis),
    hidden: context.unknownDim(output, output === 0 ? 3 : 2),
  };
}
