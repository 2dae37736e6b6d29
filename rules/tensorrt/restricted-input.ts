import { lint } from '../../src/rule-kit.ts';
import { holds } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';
import { inputName } from './facts/input-names.ts';
import { type InputRow, inputRows } from './facts/inputs.ts';

const rowsByOperator = new Map<string, InputRow[]>();
for (const row of inputRows)
  for (const operator of row.operators) rowsByOperator.set(operator, [...(rowsByOperator.get(operator) ?? []), row]);

export default lint({
  id: 'tensorrt/restricted-input',
  summary: 'The operator is supported, but not with an input of this rank, extent or value.',
  why: 'Importers and layers take a part of what the standard allows and stop at the rest.',
  severity: 'error',
  messages: { refused: '{op} {node} has an input {input} that is {found}; {tensorrt} takes {accepted}.' },
  advice: 'Change {input} before the export, or express {node} by other operators.',
  operators: [...rowsByOperator.keys()],

  check(node, context) {
    if (dispatch(context.model, node, context.target) !== 'importer') return;
    for (const { constraint, input, accepted, refused, stage = 'parse' } of rowsByOperator.get(node.opType) ?? []) {
      const confidence = holds(constraint, context.target.version);
      const found = confidence === undefined ? undefined : refused(context);
      if (confidence !== undefined && found !== undefined)
        context.report(
          'refused',
          { input: inputName(node, input), found, accepted },
          { value: node.inputs[input], confidence, stage },
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
      title: 'Squeeze without axes of a shape that is not known',
      model: `agraph (float[n, 1, 2] x) => (float y) { y = Squeeze (x) }`,
      target: 'tensorrt@10.16',
      reports: ['refused'],
    },
  ],
});
