import { lint } from '../../src/rule-kit.ts';
import { evidence, severityOn } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';
import { inputName } from './facts/input-names.ts';
import { inputRows } from './facts/inputs.ts';
import { inputLimitRows } from './facts/input-limits.ts';
import { operandShapeRows } from './facts/operand-shapes.ts';
import { quantizationRows } from './facts/quantization.ts';
import type { InputRow } from './facts/row.ts';
import { unknownExtentRows } from './facts/unknown-extents.ts';

const rowsByOperator = new Map<string, InputRow[]>();
for (const row of [...inputRows, ...inputLimitRows, ...operandShapeRows, ...quantizationRows, ...unknownExtentRows])
  for (const operator of row.operators) rowsByOperator.set(operator, [...(rowsByOperator.get(operator) ?? []), row]);

export default lint({
  id: 'tensorrt/restricted-input',
  summary: 'The operator is supported, but not with an input of this rank, extent or value.',
  why: 'Importers and layers take a part of what the standard allows and stop at the rest.',
  severity: 'error',
  errors: [
    'TRT only supports symmetric quantization - zeroPt must be all zeros',
    'TensorRT only supports symmetric quantization. The zero point for the QuantizeLinear/DequantizeLinear operator must be all zeros.',
    'Assertion failed: shiftIsAllZeros(zeroPoint): Non-zero zero point is not supported.',
    'The boxes tensor must be 3D.',
    'Indices dimensions must be less than data dimensions!',
    'INetworkDefinition::addGridSample: Error Code 3: API Usage Error',
    'Cannot infer squeeze dimensions from a dynamic shape! Please re-export your model with the Squeeze axes input set.',
    'kernel weights has count A but B was expected',
    'number of kernel weights does not match tensor dimensions',
    'InstanceNormalization does not support dynamic inputs!',
    'TensorRT only supports InstanceNormalization on 3D or 4D tensors!',
    'The shape of input starts misaligns with the shape of input axes.',
    'ISliceLayer has out of bounds access on axis N',
    'slice is out of input range',
    'IElementWiseLayer X: broadcast dimensions must be conformable',
    'number of kernel weights does not match',
  ],
  messages: { refused: '{op} {node} has an input {input} that is {found}; {tensorrt} takes {accepted}.' },
  advice: 'Change {input} before the export, or express {node} by other operators.',
  operators: [...rowsByOperator.keys()],

  check(node, context) {
    if (dispatch(context.model, node, context.target) !== 'importer') return;
    for (const { constraint, input, accepted, refused, stage = 'parse' } of rowsByOperator.get(node.opType) ?? []) {
      const proof = evidence(constraint, context.target.version);
      const found = proof === undefined ? undefined : refused(context);
      if (proof !== undefined && found !== undefined)
        context.report(
          'refused',
          { input: inputName(node, input), found, accepted },
          { value: node.inputs[input], ...proof, stage, severity: severityOn(proof) },
        );
    }
  },

  examples: [
    {
      title: 'an asymmetric zero point',
      model: `agraph (float[2] x) => (int8[2] y) <float scale = {0.5}, int8 zero = {3}> { y = QuantizeLinear (x, scale, zero) }`,
      reports: ['refused'],
    },
    {
      title: 'a symmetric one',
      model: `agraph (float[2] x) => (int8[2] y) <float scale = {0.5}, int8 zero = {0}> { y = QuantizeLinear (x, scale, zero) }`,
      reports: [],
    },
    {
      title: 'a volume for GridSample: 11.0 refuses it',
      model: `agraph (float[1, 1, 2, 2, 2] x, float[1, 2, 2, 2, 3] grid) => (float[1, 1, 2, 2, 2] y) { y = GridSample (x, grid) }`,
      opset: 20,
      target: 'tensorrt@11.0',
      reports: ['refused'],
    },
    {
      title: 'and 11.2 takes it',
      model: `agraph (float[1, 1, 2, 2, 2] x, float[1, 2, 2, 2, 3] grid) => (float[1, 1, 2, 2, 2] y) { y = GridSample (x, grid) }`,
      opset: 20,
      target: 'tensorrt@11.2',
      reports: [],
    },
    {
      title: 'three 4-bit elements: 11.0 to 11.3 count bytes',
      model: `agraph () => (float[3] y) <int4[3] x = {1, 2, 3}> { y = Cast <to = 1> (x) }`,
      opset: 21,
      target: 'tensorrt@11.2',
      reports: ['refused'],
    },
    {
      title: 'and 11.4 takes them',
      model: `agraph () => (float[3] y) <int4[3] x = {1, 2, 3}> { y = Cast <to = 1> (x) }`,
      opset: 21,
      reports: [],
    },
    {
      title: 'keys of known size beside values that are not',
      model: `agraph (float[b, 2, n, 8] q, float[b, 2, n, 8] k, float[b, 2, n, d] v) => (float y) { y = Attention (q, k, v) }`,
      opset: 23,
      reports: ['refused'],
    },
    {
      title: 'both unknown in the same places',
      model: `agraph (float[b, 2, n, 8] q, float[b, 2, n, 8] k, float[b, 2, n, 8] v) => (float y) { y = Attention (q, k, v) }`,
      opset: 23,
      reports: [],
    },
    {
      title: 'a transposed convolution of any number of channels',
      model: `agraph (float[1, c, 4, 4] x, float[3, 3, 2, 2] w) => (float y) { y = ConvTranspose (x, w) }`,
      reports: ['refused'],
    },
    {
      title: 'Squeeze without axes of a shape that is not known',
      model: `agraph (float[n, 1, 2] x) => (float y) { y = Squeeze (x) }`,
      target: 'tensorrt@10.16',
      reports: ['refused'],
    },
  ],
});
