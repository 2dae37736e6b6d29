import { op, outputReplacements, rewrite } from '../../src/rule-kit.ts';

/** Outputs that a node may leave out at the end, beyond the first. */
const OPTIONAL = ['MaxPool', 'LayerNormalization', 'Dropout', 'LSTM', 'GRU', 'RNN', 'BatchNormalization', 'Unique'];

export default rewrite({
  id: 'eliminate-unused-output',
  summary: 'Leave out optional outputs that nobody reads.',
  why: 'Indices of a MaxPool and statistics of a LayerNormalization are refused by TensorRT when they are there.',
  exact: true,

  pattern: op(OPTIONAL, 'node'),

  rewrite({ node }, context) {
    // Statistics in training mode are what the node is there for.
    if (
      node.operator === 'BatchNormalization' &&
      context.opset >= 14 &&
      context.attributes(node).int('training_mode') === 1n
    )
      return undefined;
    const kept = node.outputs.findLastIndex((output, index) => index === 0 || output?.isUsed === true) + 1;
    if (kept === node.outputs.length || node.outputs.slice(0, kept).includes(undefined)) return undefined;
    const made = context.node(node.opType, node.inputs, {
      attributes: [...node.attributes.values()],
      from: node,
      outputs: kept,
    });
    return context.replaceAll(outputReplacements(node, made.producer?.outputs ?? []));
  },

  examples: [
    {
      title: 'indices that nobody reads',
      before: `agraph (float[1,1,4,4] x) => (float[1,1,2,2] y) {
        y, i = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)
      }`,
      after: `agraph (float[1,1,4,4] x) => (float[1,1,2,2] y) {
        y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)
      }`,
    },
    {
      title: 'indices that are read',
      before: `agraph (float[1,1,4,4] x) => (float[1,1,2,2] y, int64[1,1,2,2] i) {
        y, i = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)
      }`,
      after: 'unchanged',
    },
  ],
});
