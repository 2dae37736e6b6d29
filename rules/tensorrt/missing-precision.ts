import { lint, type ParserType, version } from '../../src/rule-kit.ts';
import { constraint, type ConstraintId, grounds } from './facts/constraints.ts';

/** Least compute capability of a type, where the GPU has it at all: support matrix of the documentation. */
const rows: readonly (readonly [type: ParserType, capability: number, row: ConstraintId])[] = [
  ['BF16', 80, 'arch-bf16'],
  ['FP8', 89, 'arch-fp8'],
  ['FP4', 100, 'arch-fp4'],
];

export default lint({
  id: 'tensorrt/missing-precision',
  summary: 'The GPU has no arithmetic for a type that the model uses, or is too old for the release.',
  why: 'BF16 came with Ampere (8.0), FP8 with Ada (8.9), FP4 with Blackwell (10.0); TensorRT 10 ended the support of Pascal.',
  severity: 'warning',
  stage: 'build',
  messages: {
    missing:
      '{value} is of type {type}, for which {gpu} (compute capability {has}) has no arithmetic; it needs {needs}.',
    old: '{tensorrt} does not support {gpu} (compute capability {has}) any more; it needs 7.5.',
    experts: '{op} {node} runs on compute capability 10.x and 11.x only, and {gpu} has {has}.',
    slow: '{gpu} (compute capability {has}) has no fast FP16 arithmetic.',
  },
  advice: {
    missing: 'Export the model in another type for this GPU.',
    old: 'Use TensorRT 8.6 for this GPU.',
    experts: 'Write the experts out as matrix products for this GPU.',
    slow: 'Build in FP32 or INT8 for this GPU.',
  },

  checkModel({ model, target, view, report }) {
    const { gpu } = target;
    if (gpu === undefined) return;
    const capability = gpu.computeCapability;
    const has = `${Math.floor(capability / 10)}.${capability % 10}`;
    if (target.version >= version('10.0') && capability < 70)
      report('old', { gpu: gpu.name, has }, { basis: constraint('arch-min-sm'), confidence: 'likely' });
    if (capability === 61 && target.precisions.has('fp16'))
      report('slow', { gpu: gpu.name, has }, { severity: 'info', basis: constraint('arch-fp16') });
    const missing = rows.filter(([, least]) => capability < least);
    if (missing.length === 0) return;
    const reported = new Set<ParserType>();
    const values = [...model.graph.inputs, ...model.graph.initializers];
    for (const node of model.graph.nodes) for (const value of node.outputs) if (value !== undefined) values.push(value);
    for (const value of values) {
      const { type } = view.value(value);
      const row = missing.find(([missed]) => missed === type);
      if (row === undefined || reported.has(row[0])) continue;
      reported.add(row[0]);
      const needs = `${Math.floor(row[1] / 10)}.${row[1] % 10}`;
      report(
        'missing',
        { value: value.name, type: row[0], gpu: gpu.name, has, needs },
        { value, basis: constraint(row[2]) },
      );
    }
  },

  check(node, { target, report }) {
    const { gpu } = target;
    if (node.opType !== 'TRT_MoE' || gpu === undefined) return;
    const capability = gpu.computeCapability;
    if (capability < 100 || capability >= 120)
      report(
        'experts',
        { gpu: gpu.name, has: `${Math.floor(capability / 10)}.${capability % 10}` },
        { ...grounds('trt-moe-arch', target.version), confidence: 'likely' },
      );
  },

  examples: [
    {
      title: 'a mixture of experts on an H100',
      model: `<opset_import: ["" : 17, "trt" : 1]> agraph (float16[2] x) => (float16[2] y) { y = trt.TRT_MoE (x) }`,
      machine: { gpu: 'h100' },
      reports: ['experts'],
    },
    {
      title: 'bfloat16 on a T4',
      model: `agraph (bfloat16[2] x) => (bfloat16[2] y) { y = Neg (x) }`,
      machine: { gpu: 't4' },
      reports: ['missing'],
    },
    {
      title: 'a GTX 1080 and TensorRT 10',
      model: `agraph (float[2] x) => (float[2] y) { y = Neg (x) }`,
      target: 'tensorrt@10.3',
      machine: { gpu: 'gtx1080', precision: ['fp16'] },
      reports: ['old', 'slow'],
    },
    {
      title: 'bfloat16 on an L4',
      model: `agraph (bfloat16[2] x) => (bfloat16[2] y) { y = Neg (x) }`,
      machine: { gpu: 'l4' },
      reports: [],
    },
  ],
});
