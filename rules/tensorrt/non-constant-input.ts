import { lint, version } from '../../src/rule-kit.ts';
import { constantInputRows, type ConstantInputRow } from './facts/constant-inputs.ts';
import { constraint, evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';
import { inputName } from './facts/input-names.ts';

const rowsByOperator = new Map<string, ConstantInputRow[]>();
for (const row of constantInputRows)
  for (const operator of row.operators) rowsByOperator.set(operator, [...(rowsByOperator.get(operator) ?? []), row]);

const AXES_OPERATORS = ['Squeeze', 'Unsqueeze'];
/** Until 10.6 the parser wants axes as weights; from 10.7 on the layer wants them to be constant once all shapes are known. */
const AXES_BY_LAYER = version('10.7');

export default lint({
  id: 'tensorrt/non-constant-input',
  summary: 'An input that TensorRT needs as an initializer is computed.',
  why: 'The parser folds nothing: a value is constant for it only when an initializer or a Constant node holds it, and out of two constants a node still makes a tensor of the network.',
  severity: 'error',
  errors: [
    'Assertion failed: scales.is_weights() && "Resize scales must be an initializer!"',
    'Assertion failed: scales_input.is_weights()',
    'In function importPad: [8] Assertion failed: inputs.at(1).is_weights()',
    'Assertion failed: cond.is_weights() && cond.weights().count() == 1',
    'This version of TensorRT only supports input K as an initializer.',
    'In function importTopK: Assertion failed: inputs.at(1).is_weights()',
    'Axes input for unsqueeze operation should be a constant tensor.',
    'two inputs (data and weights) are allowed only in explicit-quantization mode.',
    'This version of TensorRT does not support dynamic axes.',
    'Axis input for CumSum must be an initializer!',
    'Axis input must resolve to a build-time constant',
  ],
  messages: {
    foldable:
      '{op} {node} needs {input} as an initializer for {tensorrt}; {value} comes from {producer}, although it always has the same value.',
    computed: '{op} {node} needs {input} as an initializer for {tensorrt}; {value} comes from {producer}.',
    runtime:
      '{op} {node} needs {input} to be constant when the engine is built by {tensorrt}; {value} comes from {producer}.',
  },
  advice: {
    foldable: 'Run `onnx-preflight simplify`: it folds {value} into an initializer.',
    computed: 'Fix what {value} depends on when you export the model, so that it becomes an initializer.',
    runtime: 'Fix what {value} depends on when you export the model, so that it becomes an initializer.',
  },
  operators: [...rowsByOperator.keys(), ...AXES_OPERATORS],

  check(node, { model, target, view, input, opset, report }) {
    if (dispatch(model, node, target) !== 'importer') return;
    const isAxesOperator = AXES_OPERATORS.includes(node.opType);
    if (isAxesOperator) {
      const axes = opset >= 13 ? input(1) : undefined;
      if (axes === undefined || axes.isWeights) return;
      const args = { input: 'axes', value: axes.name, producer: axes.origin };
      if (target.version >= AXES_BY_LAYER) {
        if (axes.knownIntegers === undefined)
          report('runtime', args, { value: axes.value, basis: constraint('net-squeeze-axes-resolve') });
      } else {
        const found = evidence(
          node.opType === 'Squeeze' ? 'squeeze-axes-const' : 'unsqueeze-axes-const',
          target.version,
        );
        report(axes.knownIntegers === undefined ? 'computed' : 'foldable', args, {
          value: axes.value,
          confidence: 'likely',
          ...found,
        });
      }
      return;
    }
    for (const row of rowsByOperator.get(node.opType) ?? []) {
      const found = evidence(row.constraint, target.version);
      if (found === undefined) continue;
      for (const index of row.inputs) {
        const seen = input(index);
        if (seen === undefined || seen.isWeights) continue;
        const mayResolve = row.resolvedFrom !== undefined && target.version >= constraint(row.resolvedFrom).since;
        if (mayResolve && view.resolveWeights(seen.value) !== undefined) continue;
        const args = { input: inputName(node, index), value: seen.name, producer: seen.origin };
        // What was read with doubt must not reject a model.
        const severity = found.confidence === 'certain' ? 'error' : 'warning';
        report(seen.isConstant ? 'foldable' : 'computed', args, { value: seen.value, ...found, severity });
      }
    }
  },

  examples: [
    {
      title: 'the axes of a ReduceSum are an input of the graph',
      model: `agraph (float[2, 3] x, int64[1] axes) => (float[n, m] y) { y = ReduceSum (x, axes) }`,
      reports: ['computed'],
    },
    {
      title: 'the axes are made from constants, which is not constant for the parser',
      model: `agraph (float[2, 3] x) => (float[2, 1] y) <int64 axis = {1}, int64[1] shape = {-1}> {
        axes = Reshape (axis, shape)
        y = ReduceSum (x, axes)
      }`,
      reports: ['foldable'],
    },
    {
      title: 'a Constant node is as good as an initializer',
      model: `agraph (float[2, 3] x) => (float[2, 1] y) {
        axes = Constant <value_ints = [1]> ()
        y = ReduceSum (x, axes)
      }`,
      reports: [],
    },
    {
      title: '10.16 does not look through Identity',
      model: `agraph (float[2, 3] x) => (float[2, 1] y) <int64[1] one = {1}> {
        axes = Identity (one)
        y = ReduceSum (x, axes)
      }`,
      target: 'tensorrt@10.16',
      reports: ['foldable'],
    },
    {
      title: '11.4 does',
      model: `agraph (float[2, 3] x) => (float[2, 1] y) <int64[1] one = {1}> {
        axes = Identity (one)
        y = ReduceSum (x, axes)
      }`,
      reports: [],
    },
    {
      title: 'Resize scales at run time came with 8.4',
      model: `agraph (float[1, 1, 2, 2] x) => (float[1, 1, n, m] y) <float[4] scales = {1, 1, 2, 2}> {
        computed = Identity (scales)
        y = Resize (x, , computed)
      }`,
      target: 'tensorrt@8.2',
      reports: ['foldable'],
    },
    {
      title: 'axes of Unsqueeze at run time',
      model: `agraph (float[2] x, int64[1] axes) => (float[n, m] y) { y = Unsqueeze (x, axes) }`,
      reports: ['runtime'],
    },
  ],
});
