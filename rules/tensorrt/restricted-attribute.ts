import { lint } from '../../src/rule-kit.ts';
import { attributeRows } from './facts/attributes.ts';
import { evidence, severityOn } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';
import { attributeLimitRows } from './facts/attribute-limits.ts';
import type { AttributeRow } from './facts/row.ts';

const rowsByOperator = new Map<string, AttributeRow[]>();
for (const row of [...attributeRows, ...attributeLimitRows])
  for (const operator of row.operators) rowsByOperator.set(operator, [...(rowsByOperator.get(operator) ?? []), row]);

export default lint({
  id: 'tensorrt/restricted-attribute',
  summary: 'The operator is supported, but not with this value of an attribute.',
  why: 'Importers and their static checks take a part of what the standard allows and stop at the rest.',
  severity: 'error',
  errors: [
    'This version of TensorRT does not support training_mode == 1 in BatchNormalization.',
    'TensorRT does not support the Dropout operator in training mode.',
    'importScatterND: UNSUPPORTED_NODE_ATTR: Assertion failed: !attrs.count("reduction"): Attribute reduction is not supported.',
    'The parser does not currently support cases where activations for the reverse pass of the LSTM do not match the forward pass.',
    'Coupled input/forget is unsupported in the LSTM converter',
    'TensorRT only supports ... modes for linear resizes when sizes are provided!',
    'Unsupported coordinate transformation mode',
    'Antialiasing is not supported currently.',
    'This version of TensorRT only supports padding on the outer two dimensions!',
    'Failed to add TopK layer.',
    'K exceeds the maximum value allowed (3840)',
  ],
  messages: {
    refused: '{op} {node} has {attribute} = {value}; {tensorrt} takes {accepted}.',
  },
  advice: 'Export the model with another {attribute}, or express {node} by other operators.',
  operators: [...rowsByOperator.keys()],

  check(node, context) {
    if (dispatch(context.model, node, context.target) !== 'importer') return;
    for (const { constraint, attribute, accepted, refused, stage = 'parse' } of rowsByOperator.get(node.opType) ?? []) {
      const found = evidence(constraint, context.target.version);
      const value = found === undefined ? undefined : refused(context);
      if (found !== undefined && value !== undefined)
        context.report('refused', { attribute, value, accepted }, { ...found, stage, severity: severityOn(found) });
    }
  },

  examples: [
    {
      title: 'a dilated MaxPool',
      model: `agraph (float[1, 3, 8, 8] x) => (float[1, 3, 4, 4] y) {
        y = MaxPool <kernel_shape = [3, 3], dilations = [2, 2]> (x)
      }`,
      reports: ['refused'],
    },
    {
      title: 'ScatterND that adds',
      model: `agraph (float[4] x, int64[2, 1] indices, float[2] updates) => (float[4] y) {
        y = ScatterND <reduction = "add"> (x, indices, updates)
      }`,
      reports: ['refused'],
    },
    {
      title: '10.8 refuses the attribute even where it says none',
      model: `agraph (float[4] x, int64[2, 1] indices, float[2] updates) => (float[4] y) {
        y = ScatterND <reduction = "none"> (x, indices, updates)
      }`,
      target: 'tensorrt@10.8',
      reports: ['refused'],
    },
    {
      title: 'and 11.4 takes it',
      model: `agraph (float[4] x, int64[2, 1] indices, float[2] updates) => (float[4] y) {
        y = ScatterND <reduction = "none"> (x, indices, updates)
      }`,
      reports: [],
    },
    {
      title: 'Resize as TensorFlow crops',
      model: `agraph (float[1, 1, 4, 4] x) => (float[1, 1, 3, 3] y)
        <float[8] roi = {0, 0, 0.2, 0.2, 1, 1, 0.8, 0.8}, int64[4] sizes = {1, 1, 3, 3}> {
        y = Resize <mode = "linear", coordinate_transformation_mode = "tf_crop_and_resize"> (x, roi, , sizes)
      }`,
      reports: ['refused'],
    },
  ],
});
