import { lint, type Node, type Value } from '../../src/rule-kit.ts';
import { evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

const dataDependent: ReadonlySet<string> = new Set(['NonZero', 'NonMaxSuppression']);
/** What Myelin takes into one region with its neighbours. */
const regional: ReadonlySet<string> = new Set(['MatMul', 'Gemm', 'Softmax', 'LayerNormalization', 'Einsum']);
const MAXIMUM_STEPS = 64;

/** A node of a fused region downstream of a value, within a few steps. */
function regionBehind(start: Value): Node | undefined {
  const pending = [start];
  for (let step = 0; step < MAXIMUM_STEPS; step++) {
    const value = pending.shift();
    if (value === undefined) return undefined;
    for (const user of value.users) {
      if (regional.has(user.opType)) return user;
      for (const made of user.outputs) if (made !== undefined) pending.push(made);
    }
  }
  return undefined;
}

export default lint({
  id: 'tensorrt/kernel-risk',
  summary: 'The parser takes the node, but a builder is known to find no kernel for what it stands in.',
  why: 'Layers are compiled in regions (ForeignNode); some patterns, such as sizes that depend on data, in-place slices and unfused attention, end in "Could not find any implementation for node". This is experience, not a rule of the parser.',
  severity: 'info',
  stage: 'build',
  errors: [
    'Error Code 10: Internal Error (Could not find any implementation for node {ForeignNode[A...B]}.)',
    'ForeignNode does not support data-dependent shape for now.',
    'requires foreign node optimizations incompatible with data-dependent shapes',
    'No low-precision conv kernel available for this strongly-typed Conv/ConvTranspose.',
  ],
  messages: {
    dataDependent:
      '{op} {node} makes a size that depends on data, and {consumer} in a fused region depends on it; builders of {tensorrt} have failed on that.',
    update:
      '{op} {node} writes a slice in place in front of {consumer}; builders of {tensorrt} have failed on such regions.',
    attention:
      '{op} {node} is built by a fused kernel only; {tensorrt} fails where none fits, unless the node has the attribute TRT_decomposable = 1.',
    groupedHalf:
      '{op} {node} is a grouped convolution in 16 bits; {tensorrt} has been seen without a kernel for it in a strongly typed network.',
  },
  advice: {
    dataDependent: 'Keep a fixed size: mask instead of select, or end the model before {node}.',
    update: 'Write Where with a mask, or Concat of the parts, in place of the slice assignment.',
    attention: 'Set TRT_decomposable = 1 on the node, or check the build on the target.',
    groupedHalf: 'Check the build on the target; a Cast to float around the node helps.',
  },
  operators: ['NonZero', 'NonMaxSuppression', 'ScatterND', 'Attention', 'Conv'],

  check(node, { model, target, attributes, input, report }) {
    if (dispatch(model, node, target) !== 'importer') return;
    const [made] = node.outputs;
    const region = evidence('foreign-node', target.version);
    if ((dataDependent.has(node.opType) || node.opType === 'ScatterND') && made !== undefined && region !== undefined) {
      const consumer = regionBehind(made);
      if (consumer !== undefined && input(0)?.isConstant !== true)
        report(
          node.opType === 'ScatterND' ? 'update' : 'dataDependent',
          { consumer: `${consumer.opType} (node ${consumer.label})` },
          { ...region, confidence: 'likely' },
        );
    } else if (node.opType === 'Attention') {
      const fused = evidence('attention-fused-only', target.version);
      if (fused !== undefined && !node.attributes.has('TRT_decomposable'))
        report('attention', {}, { ...fused, confidence: 'likely' });
    } else if (node.opType === 'Conv') {
      const grouped = evidence('fp16-grouped-convolution', target.version);
      const type = input(0)?.type;
      const isNarrow = type === 'HALF' || type === 'BF16';
      if (grouped !== undefined && target.stronglyTyped && isNarrow && (attributes.number('group') ?? 1) > 1)
        report('groupedHalf', {}, { ...grouped, confidence: 'likely' });
    }
  },

  examples: [
    {
      title: 'rows that are selected by data, then multiplied',
      model: `agraph (bool[4] mask, float[4, 8] x, float[8, 8] w) => (float[n, 8] y) {
        where = NonZero (mask)
        rows = Transpose (where)
        chosen = GatherND (x, rows)
        y = MatMul (chosen, w)
      }`,
      reports: ['dataDependent'],
    },
    {
      title: 'a slice assignment before a product',
      model: `agraph (float[4, 8] x, int64[1, 1] where, float[1, 8] row, float[8, 8] w) => (float[4, 8] y) {
        written = ScatterND (x, where, row)
        y = MatMul (written, w)
      }`,
      reports: ['update'],
    },
    {
      title: 'attention',
      model: `agraph (float[1, 2, 4, 8] q, float[1, 2, 4, 8] k, float[1, 2, 4, 8] v) => (float[1, 2, 4, 8] y) { y = Attention (q, k, v) }`,
      opset: 23,
      reports: ['attention'],
    },
    {
      title: 'a depthwise convolution in float16',
      model: `agraph (float16[1, 8, 8, 8] x, float16[8, 1, 3, 3] w) => (float16[1, 8, 6, 6] y) { y = Conv <group = 8> (x, w) }`,
      reports: ['groupedHalf'],
    },
    {
      title: 'a plain convolution',
      model: `agraph (float[1, 8, 8, 8] x, float[8, 8, 3, 3] w) => (float[1, 8, 6, 6] y) { y = Conv (x, w) }`,
      reports: [],
    },
  ],
});
