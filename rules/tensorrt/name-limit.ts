import { lint } from '../../src/rule-kit.ts';
import { evidence } from './facts/constraints.ts';

/** kMAX_NAME_LENGTH of NvInfer.h counts the terminator. */
const MAXIMUM_BYTES = 4095;
const encoder = new TextEncoder();

/** True for names that no log, engine inspector or profiler shows as they are. */
function hasControls(name: string): boolean {
  return [...name].some((character) => character < ' ' || character === '\u007f');
}

export default lint({
  id: 'tensorrt/name-limit',
  summary: 'A name is longer than TensorRT keeps, or holds characters that it cannot print.',
  why: 'Names of tensors and layers hold at most 4096 bytes with their terminator; a longer one is cut or refused.',
  severity: 'warning',
  errors: ['Found duplicate region name'],
  messages: {
    long: 'The name of {what} has {bytes} bytes; {tensorrt} takes 4095. It begins with {start}.',
    controls: 'The name of {what} holds control characters; {tensorrt} cannot print it.',
  },
  advice: { long: 'Rename it before the export.', controls: 'Rename it before the export.' },

  checkModel({ model, target, report }) {
    const found = evidence('model-name-length', target.version);
    for (const value of [...model.graph.inputs, ...model.graph.outputs]) {
      const bytes = value.name.length > MAXIMUM_BYTES / 4 ? encoder.encode(value.name).length : 0;
      if (bytes > MAXIMUM_BYTES && found !== undefined)
        report('long', { what: 'a graph input or output', bytes, start: value.name.slice(0, 40) }, { value, ...found });
      if (hasControls(value.name)) report('controls', { what: 'a graph input or output' }, { value, severity: 'info' });
    }
  },

  check(node, { target, report }) {
    const found = evidence('model-name-length', target.version);
    const bytes = node.name.length > MAXIMUM_BYTES / 4 ? encoder.encode(node.name).length : 0;
    if (bytes > MAXIMUM_BYTES && found !== undefined)
      report('long', { what: 'a node', bytes, start: node.name.slice(0, 40) }, found);
  },

  examples: [
    {
      title: 'an input whose name is a whole path of modules',
      model: `agraph (float[2] ${'x'.repeat(5000)}) => (float[2] y) { y = Neg (${'x'.repeat(5000)}) }`,
      reports: ['long'],
    },
    {
      title: 'a name with a bell in it',
      model: `agraph (float[2] "x\u0007") => (float[2] y) { y = Neg ("x\u0007") }`,
      reports: ['controls'],
    },
    { title: 'plain names', model: `agraph (float[2] x) => (float[2] y) { y = Neg (x) }`, reports: [] },
  ],
});
