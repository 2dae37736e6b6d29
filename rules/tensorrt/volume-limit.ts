import { lint } from '../../src/rule-kit.ts';
import { constraint, evidence } from './facts/constraints.ts';

const MAXIMUM_VOLUME = 2 ** 31;
const INT32_MAX = 2 ** 31 - 1;

export default lint({
  id: 'tensorrt/volume-limit',
  summary: 'A tensor has 2^31 elements or more, or an extent beyond int32.',
  why: 'Extents are 32-bit numbers in the parser, and up to 10.10 a tensor holds fewer than 2^31 elements.',
  severity: 'error',
  stage: 'build',
  messages: {
    volume: '{value} has {count} elements; {tensorrt} takes fewer than 2147483648.',
    extent: 'Graph input {value} has an extent of {extent}; {tensorrt} narrows it to 32 bits.',
  },
  advice: {
    volume: 'Lower the batch, or split the tensor; 10.11 lifts the limit.',
    extent: 'Split the input.',
  },

  checkModel({ model, target, view, report }) {
    const found = evidence('net-volume-2g', target.version);
    for (const value of model.graph.inputs) {
      const { dims, elementCount } = view.value(value);
      const extent = dims?.find((dim) => dim > INT32_MAX);
      if (extent !== undefined)
        report(
          'extent',
          { value: value.name, extent },
          { value, severity: 'warning', stage: 'parse', basis: constraint('model-input-dim-int32') },
        );
      else if (found !== undefined && (elementCount ?? 0) >= MAXIMUM_VOLUME)
        report('volume', { value: value.name, count: elementCount ?? 0 }, { value, ...found });
    }
  },

  check(node, { target, output, report }) {
    const found = evidence('net-volume-2g', target.version);
    if (found === undefined) return;
    for (const index of node.outputs.keys()) {
      const seen = output(index);
      const count = seen?.elementCount ?? 0;
      if (seen !== undefined && count >= MAXIMUM_VOLUME)
        report('volume', { value: seen.name, count }, { value: seen.value, ...found });
    }
  },

  examples: [
    {
      title: 'a product of all pairs of 65,536',
      model: `agraph (float[1, 65536] x, float[65536, 1] z) => (float[65536, 65536] y) { y = Add (x, z) }`,
      target: 'tensorrt@10.3',
      reports: ['volume'],
    },
    {
      title: 'an extent beyond 32 bits',
      model: `agraph (float[4294967296] x) => (float[1] y) { y = ReduceSum (x) }`,
      reports: ['extent'],
    },
    {
      title: '10.11 lifts the limit of elements',
      model: `agraph (float[1, 65536] x, float[65536, 1] z) => (float[65536, 65536] y) { y = Add (x, z) }`,
      target: 'tensorrt@10.11',
      reports: [],
    },
  ],
});
