import { lint, version } from '../../src/rule-kit.ts';
import { grounds } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

/** Below, builders stop at a dim of 0 in many layers; NvInfer.h allows them from 8.5 on. */
const ALLOWED_SINCE = version('8.5');

export default lint({
  id: 'tensorrt/empty-tensor',
  summary: 'A tensor has no elements.',
  why: 'A dim of 0 is legal in ONNX and in most layers of later releases; older builders stop at it, and profiles cannot ask for it ("optimizationProfile.cpp::setDimensions condition x > 0").',
  severity: 'info',
  stage: 'build',
  errors: [
    'slice size must be positive, size = [0]',
    'Error Code 2: Internal Error (no further information)',
    'optimizationProfile.cpp::setDimensions condition x > 0',
  ],
  messages: {
    initializer: 'Initializer {value} has no elements (shape {shape}).',
    input: 'Graph input {value} has no elements (shape {shape}); no optimization profile of {tensorrt} can bind it.',
    result: '{op} {node} makes {value}, which has no elements (shape {shape}).',
    filled: '{op} {node} reshapes {value}, which has no elements, into a shape that has some; {tensorrt} refuses that.',
  },
  advice: {
    initializer: 'Run `onnx-preflight simplify`; an input of Concat without elements goes away.',
    input: 'Export the model without {value}.',
    result: 'Run `onnx-preflight simplify`; a Slice or Concat of nothing goes away.',
    filled: 'Export the model with the shape that it has when it runs.',
  },

  checkModel({ model, target, view, report }) {
    const severity = target.version < ALLOWED_SINCE ? 'warning' : 'info';
    for (const value of [...model.graph.inputs, ...model.graph.initializers]) {
      const seen = view.value(value);
      // Empty roi and scales of a Resize say that they are not given.
      if (seen.elementCount !== 0 || (seen.isWeights && [...value.users].every(({ opType }) => opType === 'Resize')))
        continue;
      const args = { value: value.name, shape: `[${(seen.dims ?? []).join(', ')}]` };
      if (seen.isWeights)
        report('initializer', args, {
          value,
          severity,
          confidence: 'likely',
          ...grounds('init-empty-zero-dim', target.version),
        });
      else
        report('input', args, {
          value,
          severity,
          confidence: 'likely',
          ...grounds('net-empty-tensors', target.version),
        });
    }
  },

  check(node, { model, target, input, output, report }) {
    if (dispatch(model, node, target) !== 'importer' || node.opType === 'Constant') return;
    const data = input(0);
    node.outputs.forEach((value, index) => {
      const seen = output(index);
      if (value === undefined || seen === undefined) return;
      if (seen.elementCount === 0)
        report(
          'result',
          { value: value.name, shape: `[${(seen.dims ?? []).join(', ')}]` },
          {
            value,
            severity: target.version < ALLOWED_SINCE ? 'warning' : 'info',
            confidence: 'likely',
            ...grounds('net-empty-tensors', target.version),
          },
        );
    });
    if (
      node.opType === 'Reshape' &&
      data?.elementCount === 0 &&
      input(1)?.integers?.every((extent) => extent > 0n) === true
    )
      report(
        'filled',
        { value: data.name },
        { value: data.value, severity: 'error', stage: 'parse', ...grounds('empty-reshape', target.version) },
      );
  },

  examples: [
    {
      title: 'a Slice of nothing',
      model: `agraph (float[4] x) => (float[0] y) <int64[1] start = {2}, int64[1] end = {2}> { y = Slice (x, start, end) }`,
      target: 'tensorrt@8.2',
      reports: ['result'],
    },
    {
      title: 'an empty initializer',
      model: `agraph (float[2] x) => (float[2] y) <float[0] nothing = {}> { y = Concat <axis = 0> (x, nothing) }`,
      reports: ['initializer'],
    },
    {
      title: 'an empty input',
      model: `agraph (float[0, 2] x) => (float[0, 2] y) { y = Neg (x) }`,
      reports: ['input', 'result'],
    },
    {
      title: 'nothing, reshaped into something',
      model: `agraph (float[0, 2] x) => (float[2, 2] y) <int64[2] shape = {2, 2}> { y = Reshape (x, shape) }`,
      reports: ['input', 'filled'],
    },
    { title: 'elements', model: `agraph (float[2] x) => (float[2] y) { y = Neg (x) }`, reports: [] },
  ],
});
