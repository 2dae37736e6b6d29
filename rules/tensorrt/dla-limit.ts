import { lint } from '../../src/rule-kit.ts';
import { constraint, evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';
import { dlaOperators, type DlaRow, dlaRows } from './facts/dla.ts';

const rowsByOperator = new Map<string, DlaRow[]>();
for (const row of dlaRows)
  for (const operator of row.operators) rowsByOperator.set(operator, [...(rowsByOperator.get(operator) ?? []), row]);

/** Bytes of the tensors inside one subgraph of a DLA. */
const MAXIMUM_INSIDE = 2 ** 30;
const HALF_BYTES = 2;

export default lint({
  id: 'tensorrt/dla-limit',
  summary: 'A layer does not run on the DLA.',
  why: 'A DLA takes few layers, in FP16 and INT8, of fixed shape; each layer that falls back to the GPU costs a copy each way and one of 16 loadables.',
  severity: 'warning',
  stage: 'build',
  messages: {
    exceeds: '{op} {node} has {has}; the DLA of {tensorrt} takes {accepted}, and the layer runs on the GPU.',
    absent: '{op} {node} has no counterpart on the DLA of {tensorrt}; the layer runs on the GPU.',
    dynamic: 'Graph input {value} is of dynamic shape {shape}; a DLA wants every size to be known.',
    precision: 'A DLA computes in FP16 and INT8 only, and the engine for {tensorrt} is built in FP32.',
    memory: 'The tensors inside the model take {bytes} bytes in FP16; one subgraph on a DLA may hold less than 1 GiB.',
    loadables: 'Layers that do not run on a DLA cut the model into {count} parts; 16 are loaded at most.',
  },
  advice: {
    exceeds: 'Change the layer before the export, or allow the fallback (--allowGPUFallback).',
    absent: 'Replace the layer before the export, or allow the fallback (--allowGPUFallback).',
    dynamic: 'Freeze the dim with --dim.',
    precision: 'Build with --fp16 or --int8 (in a strongly typed network: convert the model).',
    memory: 'Lower the batch or the resolution.',
    loadables: 'Move the layers that fall back to the ends of the model.',
  },

  checkModel({ model, target, view, report }) {
    if (!target.dla) return;
    let bytes = 0;
    let parts = 0;
    let isInside = false;
    let isFloat = false;
    for (const node of model.graph.nodes) {
      const runs = dlaOperators.has(node.opType);
      if (runs && !isInside && node.opType !== 'Constant') parts++;
      if (node.opType !== 'Constant') isInside = runs;
      for (const value of node.outputs) {
        if (value === undefined) continue;
        const seen = view.value(value);
        bytes += (seen.elementCount ?? 0) * HALF_BYTES;
        isFloat ||= seen.type === 'FLOAT';
      }
    }
    for (const value of model.graph.inputs) {
      const { dims, isWeights } = view.value(value);
      if (!isWeights && dims?.includes(-1) === true)
        report(
          'dynamic',
          { value: value.name, shape: `[${dims.map((dim) => (dim < 0 ? '?' : dim)).join(', ')}]` },
          { value, basis: constraint('dla-dynamic') },
        );
    }
    if (isFloat && !target.precisions.has('fp16') && !target.precisions.has('int8'))
      report('precision', {}, { basis: constraint('dla-precision'), confidence: 'likely' });
    if (bytes >= MAXIMUM_INSIDE) report('memory', { bytes }, { basis: constraint('dla-internal-1g') });
    if (parts > 16) report('loadables', { count: parts }, { basis: constraint('dla-loadables'), confidence: 'likely' });
  },

  check(node, context) {
    const { model, target, report } = context;
    if (!target.dla || dispatch(model, node, target) !== 'importer') return;
    for (const { constraint: id, accepted, exceeds } of rowsByOperator.get(node.opType) ?? []) {
      const found = evidence(id, target.version);
      const has = found === undefined ? undefined : exceeds(context);
      if (found !== undefined && has !== undefined) {
        report('exceeds', { has, accepted }, found);
        return;
      }
    }
    if (!dlaOperators.has(node.opType)) report('absent', {}, { severity: 'info' });
  },

  examples: [
    {
      title: 'a large stride',
      model: `agraph (float16[1, 8, 64, 64] x, float16[8, 8, 3, 3] w) => (float16[1, 8, 7, 7] y) { y = Conv <strides = [9, 9]> (x, w) }`,
      target: 'tensorrt@10.3',
      machine: { gpu: 'orin', dla: true },
      reports: ['exceeds'],
    },
    {
      title: 'a batch of any size, in FP32, with a layer that no DLA has',
      model: `agraph (float[n, 8] x) => (float[n, 8] y) { y = Einsum <equation = "ij->ij"> (x) }`,
      target: 'tensorrt@10.3',
      machine: { dla: true },
      reports: ['dynamic', 'precision', 'absent'],
    },
    {
      title: 'very large tensors',
      model: `agraph (float16[64, 64, 512, 512] x) => (float16[64, 64, 512, 512] y) { y = Relu (x) }`,
      target: 'tensorrt@10.3',
      machine: { dla: true },
      reports: ['memory'],
    },
    {
      title: 'layers of the GPU and of the DLA in turn',
      model: `agraph (float16[1, 8, 4, 4] x0) => (float16[1, 8, 4, 4] x34) {
        ${Array.from({ length: 34 }, (_, index) => `x${index + 1} = ${index % 2 === 0 ? 'Relu' : 'Trilu'} (x${index})`).join('\n')}
      }`,
      target: 'tensorrt@10.3',
      machine: { dla: true },
      reports: ['loadables', ...Array.from({ length: 17 }, () => 'absent' as const)],
    },
    {
      title: 'on the GPU',
      model: `agraph (float16[1, 8, 64, 64] x, float16[8, 8, 3, 3] w) => (float16[1, 8, 7, 7] y) { y = Conv <strides = [9, 9]> (x, w) }`,
      target: 'tensorrt@10.3',
      reports: [],
    },
  ],
});
