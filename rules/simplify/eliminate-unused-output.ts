import { op, outputReplacements, rewrite } from '../../src/rule-kit.ts';

/** Operators with optional outputs at the end; those of BatchNormalization say that it is in training mode. */
const OPTIONAL = ['MaxPool', 'LayerNormalization', 'Dropout', 'LSTM', 'GRU', 'RNN', 'Unique'];

export default rewrite({
  id: 'eliminate-unused-output',
  summary: 'Leave out optional outputs that nobody reads.',
  why: 'Indices of a MaxPool and statistics of a LayerNormalization are refused by TensorRT when they are there.',
  exact: true,

  pattern: op(OPTIONAL, 'node'),

  rewrite({ node }, context) {
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
