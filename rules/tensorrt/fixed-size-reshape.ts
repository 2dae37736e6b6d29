import { lint } from '../../src/rule-kit.ts';
import { constraint } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

export default lint({
  id: 'tensorrt/fixed-size-reshape',
  summary: 'A Reshape holds the size that a dynamic dim had when the model was exported.',
  why: 'The exporter wrote the traced batch into the shape; the model then works for that size only, and the builder stops at every other ("reshape changes volume", "kOPT values for profile 0 violate shape constraints").',
  severity: 'warning',
  stage: 'build',
  errors: [
    'IShuffleLayer {node}: reshape changes volume. Reshaping [a] to [b].',
    'reshaping failed for tensor: {value} reshape would change volume 24576 to 4096',
    'kOPT values for profile 0 violate shape constraints',
  ],
  messages: {
    fixed:
      '{op} {node} makes {count} elements out of {value} of shape {shape}, whose size is dynamic; {tensorrt} builds it for that size only.',
    volume: '{op} {node} makes {count} elements out of {value}, which has {has}; {tensorrt} refuses that.',
  },
  advice: {
    fixed:
      'Export the model with -1 for that dim (view(x.shape[0], -1) in PyTorch), or freeze the dynamic dim with --dim.',
    volume: 'Correct the shape; the model cannot run as it is.',
  },
  operators: ['Reshape'],

  check(node, { model, target, input, report }) {
    if (dispatch(model, node, target) !== 'importer') return;
    const data = input(0);
    const shape = input(1)?.integers;
    if (data?.dims === undefined || shape === undefined || shape.some((extent) => extent <= 0n)) return;
    const count = Number(shape.reduce((product, extent) => product * extent, 1n));
    const details = { value: data.value, basis: constraint('reshape-volume') };
    if (data.dims.includes(-1))
      report(
        'fixed',
        { count, value: data.name, shape: `[${data.dims.map((dim) => (dim < 0 ? '?' : dim)).join(', ')}]` },
        details,
      );
    else if (data.elementCount !== count)
      report(
        'volume',
        { count, value: data.name, has: data.elementCount ?? 0 },
        { ...details, severity: 'error', stage: 'parse' },
      );
  },

  examples: [
    {
      title: 'the batch of the trace',
      model: `agraph (float[batch, 3, 4] x) => (float[1, 12] y) <int64[2] shape = {1, 12}> { y = Reshape (x, shape) }`,
      reports: ['fixed'],
    },
    {
      title: 'sizes that never fit',
      model: `agraph (float[2, 3] x) => (float[4, 2] y) <int64[2] shape = {4, 2}> { y = Reshape (x, shape) }`,
      reports: ['volume'],
    },
    {
      title: 'the batch left open',
      model: `agraph (float[batch, 3, 4] x) => (float[batch, 12] y) <int64[2] shape = {-1, 12}> { y = Reshape (x, shape) }`,
      reports: [],
    },
  ],
});
