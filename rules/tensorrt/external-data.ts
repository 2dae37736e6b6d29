import { type ExternalReference, lint, type Tensor, version } from '../../src/rule-kit.ts';
import { constraint, evidence } from './facts/constraints.ts';

const knownKeys: ReadonlySet<string> = new Set(['location', 'offset', 'length', 'checksum']);

/** True for a path that leaves the folder of the model, once `a/..` is taken out. */
function leavesFolder({ location }: ExternalReference): boolean {
  let depth = 0;
  for (const part of location.split(/[\\/]+/)) {
    if (part === '' || part === '.') continue;
    depth += part === '..' ? -1 : 1;
    if (depth < 0) return true;
  }
  return false;
}

export default lint({
  id: 'tensorrt/external-data',
  summary: 'External data lies where the parser does not look for it.',
  why: 'The parser joins the location with the folder of the model file, refuses one that leads out of it, and stops at keys that it does not know. A model that is parsed from memory needs its path given beside.',
  severity: 'error',
  errors: [
    'Failed to open file: {file}',
    'Relative paths to parent (../) are not allowed in ONNX external weights!',
    'ModelProto exceeds maximum protobuf size of 2GB',
  ],
  messages: {
    outside:
      'Initializer {value} has its data in {location}, outside the folder of the model; {tensorrt} refuses that.',
    absolute:
      'Initializer {value} has its data at {location}, an absolute path; {tensorrt} looks for it below the folder of the model.',
    key: 'Initializer {value} has external data with the key {key}, which {tensorrt} refuses.',
    unread: 'Initializer {value} has external data, which {tensorrt} does not read; it came with 7.1.',
  },
  advice: {
    outside: 'Move the file into the folder of the model: `onnx-preflight convert` gathers external data there.',
    absolute: 'Make the location relative: `onnx-preflight convert` gathers external data beside the model.',
    key: 'Remove the key: `onnx-preflight convert` writes external data anew.',
    unread: 'Put the data into the model: `onnx-preflight convert --external-data inline`.',
  },

  checkModel({ model, target, report }) {
    for (const value of model.graph.initializers) {
      const tensor: Tensor | undefined = value.initializer;
      const reference = tensor?.external;
      if (reference === undefined) continue;
      const { location } = reference;
      if (target.version < version('7.1')) {
        report('unread', { value: value.name }, { value, basis: constraint('init-external-7.0') });
        continue;
      }
      const parent = evidence('init-external-parent-path', target.version);
      if (/^(?:[A-Za-z]:)?[\\/]/.test(location))
        report('absolute', { value: value.name, location }, { value, confidence: 'likely' });
      else if (parent !== undefined && leavesFolder(reference))
        report('outside', { value: value.name, location }, { value, ...parent });
      const key = reference.entries.map(([name]) => name).find((name) => !knownKeys.has(name));
      const unknown = evidence('init-external-key', target.version);
      if (key !== undefined && unknown !== undefined) report('key', { value: value.name, key }, { value, ...unknown });
    }
  },

  examples: [
    {
      title: 'data in the folder above',
      model: `agraph (float[2] x) => (float[2] y) <float[2] w = ["location": "../weights.bin", "offset": "0", "length": "8"]> { y = Add (x, w) }`,
      reports: ['outside'],
    },
    {
      title: 'data at an absolute path',
      model: `agraph (float[2] x) => (float[2] y) <float[2] w = ["location": "/tmp/weights.bin"]> { y = Add (x, w) }`,
      reports: ['absolute'],
    },
    {
      title: 'a key of one exporter',
      model: `agraph (float[2] x) => (float[2] y) <float[2] w = ["location": "weights.bin", "basepath": "."]> { y = Add (x, w) }`,
      reports: ['key'],
    },
    {
      title: 'data beside the model',
      model: `agraph (float[2] x) => (float[2] y) <float[2] w = ["location": "weights.bin"]> { y = Add (x, w) }`,
      reports: [],
    },
    {
      title: 'external data for 7.0',
      model: `agraph (float[2] x) => (float[2] y) <float[2] w = ["location": "weights.bin"]> { y = Add (x, w) }`,
      target: 'tensorrt@7.0',
      reports: ['unread'],
    },
    {
      title: 'data in the model',
      model: `agraph (float[2] x) => (float[2] y) <float[2] w = {1, 2}> { y = Add (x, w) }`,
      reports: [],
    },
  ],
});
