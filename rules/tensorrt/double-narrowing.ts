import { lint, version } from '../../src/rule-kit.ts';
import { constraint, evidence } from './facts/constraints.ts';

const FLOAT_MAX = 3.4028234663852886e38;

export default lint({
  id: 'tensorrt/double-narrowing',
  summary: 'The model computes in double, which TensorRT narrows to float.',
  why: 'No release has a type of 64 bits for floats: weights are narrowed and clamped, casts to double give float, and bindings hold 4 bytes an element ("... double-typed weights, while TensorRT does not natively support double. Attempting to cast down to float.").',
  severity: 'warning',
  errors: [
    'Your ONNX model has been generated with double-typed weights, while TensorRT does not natively support double. Attempting to cast down to float.',
  ],
  messages: {
    interface: '{kind} {value} is double; {tensorrt} makes it float, so that the application binds 4 bytes an element.',
    weights: 'Initializer {value} is double; {tensorrt} narrows it to float.',
    clamped: 'Initializer {value} is double and holds {number}, beyond float; {tensorrt} clamps it.',
    cast: '{op} {node} casts to double; {tensorrt} casts to float.',
  },
  advice: {
    interface: 'Export the model with {value} in float.',
    weights: 'Export the model in float.',
    clamped: 'Scale the model so that its constants fit float.',
    cast: 'Cast to float, and compute in float.',
  },

  checkModel({ model, target, view, report }) {
    if (target.version < version('7.2')) return;
    const found = evidence('dtype-map-double', target.version);
    const narrowed = evidence('init-double-narrowed', target.version);
    for (const value of [...model.graph.inputs, ...model.graph.outputs])
      if (value.initializer === undefined && value.type?.kind === 'tensor' && value.type.dataType === 'double')
        report(
          'interface',
          { kind: value.isInput ? 'Graph input' : 'Graph output', value: value.name },
          { value, ...found, severity: 'info', basis: constraint('net-weights-double') },
        );
    for (const value of model.graph.initializers) {
      const seen = view.value(value);
      if (seen.weights?.dataType !== 'double') continue;
      const number = seen.floats?.find((element) => Number.isFinite(element) && Math.abs(element) > FLOAT_MAX);
      if (number !== undefined) report('clamped', { value: value.name, number }, { value, ...narrowed });
      else report('weights', { value: value.name }, { value, ...narrowed, severity: 'info' });
    }
  },

  check(node, { target, output, report }) {
    if (target.version < version('7.2') || !['Cast', 'CastLike'].includes(node.opType)) return;
    const made = output(0);
    if (made?.dataType === 'double')
      report('cast', {}, { value: made.value, severity: 'info', ...evidence('dtype-map-double', target.version) });
  },

  examples: [
    {
      title: 'a model in double',
      model: `agraph (double[2] x) => (double[2] y) <double[2] w = {0.5, 2}> { y = Mul (x, w) }`,
      reports: ['interface', 'interface', 'weights'],
    },
    {
      title: 'a constant beyond float',
      model: `agraph (float[2] x) => (float[2] y) <double[2] w = {1, 1e300}> {
        a = Cast <to = 11> (x)
        b = Mul (a, w)
        y = Cast <to = 1> (b)
      }`,
      reports: ['clamped', 'cast'],
    },
    { title: 'float', model: `agraph (float[2] x) => (float[2] y) { y = Neg (x) }`, reports: [] },
  ],
});
