import { lint, type ParserType, version } from '../../src/rule-kit.ts';
import { type ConstraintId, evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

/** Operators that may read a UINT8 tensor of the network. */
const readers: ReadonlySet<string> = new Set(['Cast', 'CastLike', 'Identity', 'Shape', 'Size', 'If', 'Loop', 'Scan']);

const integers: readonly ParserType[] = ['INT8', 'INT32', 'INT64', 'BOOL'];

/** Operators with a row of their own. */
const rowsByOperator: Readonly<Record<string, ConstraintId>> = {
  Gather: 'gather-uint8',
  GatherElements: 'gatherelements-uint8',
  GatherND: 'gathernd-uint8',
  Mod: 'mod-uint8',
  OneHot: 'onehot-inputs',
  Pad: 'pad-uint8',
  ReverseSequence: 'reversesequence-uint8',
  Slice: 'slice-uint8',
  Split: 'split-uint8',
  Tile: 'tile-uint8',
  TopK: 'topk-uint8',
  Trilu: 'trilu-uint8',
  Where: 'where-uint8',
  NonZero: 'nonzero-dtype',
};

export default lint({
  id: 'tensorrt/uint8-inside-graph',
  summary: 'A uint8 tensor is used inside the network, not only at its border.',
  why: 'UINT8 is a type of network inputs and outputs: a Cast must follow the one and precede the other, and no layer computes in it ("TensorRT does not support UINT8 types for intermediate tensors").',
  severity: 'error',
  errors: ['TensorRT does not support UINT8 types for intermediate tensors'],
  messages: {
    intermediate:
      '{op} {node} makes {value} of type uint8 inside the network, which {tensorrt} allows for network inputs and outputs only.',
    reader: '{op} {node} reads the uint8 tensor {value}; {tensorrt} only casts such tensors.',
    cast: '{op} {node} casts between uint8 and {type}; {tensorrt} documents casts between uint8 and floats only.',
  },
  advice: {
    intermediate: 'Keep {value} in another type, such as int32 or float16.',
    reader: 'Cast {value} to float or float16 before {node}.',
    cast: 'Cast by way of float.',
  },

  check(node, { model, target, view, input, output, report }) {
    if (target.version < version('8.5') || dispatch(model, node, target) !== 'importer' || node.opType === 'Constant')
      return;
    const consumer = evidence(rowsByOperator[node.opType] ?? 'dtype-uint8-consumers', target.version);
    const [operand] = node.inputs;
    const casts = evidence('dtype-uint8-cast-pairs', target.version);
    if (node.opType === 'Cast' && operand !== undefined && casts !== undefined) {
      const from = view.importedType(operand);
      const to = output(0)?.type;
      const other = from === 'UINT8' ? to : to === 'UINT8' ? from : undefined;
      if (other !== undefined && integers.includes(other))
        report('cast', { type: other }, { ...casts, severity: 'warning', stage: 'build', confidence: 'likely' });
    }
    node.inputs.forEach((value, index) => {
      if (value === undefined || readers.has(node.opType) || view.importedType(value) !== 'UINT8') return;
      // The zero point of a QuantizeLinear is not computed with; Equal compares where it need not broadcast.
      const isZeroPoint = node.opType === 'QuantizeLinear' && index === 2;
      const isPlainEqual = node.opType === 'Equal' && input(0)?.rank === input(1)?.rank;
      if (!isZeroPoint && !isPlainEqual) report('reader', { value: value.name }, { value, ...consumer });
    });
    const found = evidence('dtype-uint8-intermediate', target.version);
    if (found === undefined || node.opType === 'QuantizeLinear') return;
    for (const value of node.outputs) {
      if (value === undefined || view.importedType(value) !== 'UINT8') continue;
      if (![...value.outputOf].includes(model.graph))
        report('intermediate', { value: value.name }, { value, ...found });
    }
  },

  examples: [
    {
      title: 'a mask that passes through uint8',
      model: `agraph (float[2] x) => (float[2] y) {
        mask = Cast <to = 2> (x)
        y = Cast <to = 1> (mask)
      }`,
      reports: ['intermediate'],
    },
    {
      title: 'an image that is added to before it is cast',
      model: `agraph (uint8[2] x) => (uint8[2] y) { y = Add (x, x) }`,
      reports: ['reader'],
    },
    {
      title: 'an image that is cast to integers',
      model: `agraph (uint8[2] x) => (int32[2] y) { y = Cast <to = 6> (x) }`,
      target: 'tensorrt@10.3',
      reports: ['cast'],
    },
    {
      title: 'an image that is cast at once',
      model: `agraph (uint8[2] x) => (float[2] y) {
        image = Cast <to = 1> (x)
        y = Neg (image)
      }`,
      reports: [],
    },
    {
      title: 'a result that is cast to uint8 last',
      model: `agraph (float[2] x) => (uint8[2] y) { y = Cast <to = 2> (x) }`,
      reports: [],
    },
  ],
});
