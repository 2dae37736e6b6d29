import { lint } from '../../src/rule-kit.ts';
import { type ConstraintId, evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

/** Outputs from this position on are not there. */
const firstMissing: Readonly<Record<string, readonly [position: number, constraint: ConstraintId]>> = {
  MaxPool: [1, 'maxpool-indices'],
  LayerNormalization: [1, 'layernorm-outputs'],
  BatchNormalization: [1, 'batchnorm-outputs'],
  // The importer counts outputs, and an omitted one counts.
  Attention: [1, 'attention-outputs'],
};

export default lint({
  id: 'tensorrt/unavailable-output',
  summary: 'An optional output of the operator is used that TensorRT does not compute.',
  why: 'The importer makes the first output only; "This version of TensorRT doesn\'t support mode than 1 outputs" is what the parser prints.',
  severity: 'error',
  errors: [
    'TensorRT does not support the indices output in MaxPool!',
    'TensorRT only supports Attention nodes with one output.',
    "This version of TensorRT doesn't support mode than 1 outputs for LayerNormalization",
  ],
  messages: { unavailable: '{op} {node} has the output {value}, which {tensorrt} does not compute.' },
  advice: 'Remove the output {value} if nothing needs it; otherwise compute it by other operators.',
  operators: Object.keys(firstMissing),

  check(node, { model, target, report }) {
    const [position, constraint] = firstMissing[node.opType] ?? [];
    if (position === undefined || constraint === undefined || dispatch(model, node, target) !== 'importer') return;
    const found = evidence(constraint, target.version);
    if (found === undefined) return;
    const extra = node.outputs.slice(position).find((output) => output !== undefined);
    if (extra !== undefined) report('unavailable', { value: extra.name }, { value: extra, ...found });
    else if (node.opType === 'Attention' && node.outputs.length > position)
      report('unavailable', { value: '(omitted)' }, found);
  },

  examples: [
    {
      title: 'the indices of a MaxPool',
      model: `agraph (float[1, 1, 4, 4] x) => (float[1, 1, 2, 2] y, int64[1, 1, 2, 2] where) {
        y, where = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x)
      }`,
      reports: ['unavailable'],
    },
    {
      title: 'the mean of a LayerNormalization',
      model: `agraph (float[2, 3] x, float[3] scale) => (float[2, 3] y, float[2, 1] mean) { y, mean = LayerNormalization (x, scale) }`,
      reports: ['unavailable'],
    },
    {
      title: 'the pooled values alone',
      model: `agraph (float[1, 1, 4, 4] x) => (float[1, 1, 2, 2] y) { y = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x) }`,
      reports: [],
    },
  ],
});
