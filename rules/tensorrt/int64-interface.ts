import { lint } from '../../src/rule-kit.ts';
import { constraint, evidence } from './facts/constraints.ts';

export default lint({
  id: 'tensorrt/int64-interface',
  summary: 'An input or output is int64, whose size in memory changed with TensorRT 9.0.',
  why: 'Up to 8.6 int64 is held as int32 and the application binds 4 bytes an element; from 9.0 on it is a type of its own, of 8 bytes. An application that was written for the one reads garbage from the other.',
  severity: 'info',
  errors: [
    'Your ONNX model has been generated with INT64 weights, while TensorRT does not natively support INT64. Attempting to cast down to INT32.',
  ],
  messages: {
    narrow: 'Graph {kind} {value} is int64; {tensorrt} binds it as int32, 4 bytes an element.',
    wide: 'Graph {kind} {value} is int64; {tensorrt} binds 8 bytes an element, where releases up to 8.6 bound 4.',
    weights:
      'The model holds int64 weights ({value} and others); {tensorrt} makes them int32 and prints a warning, which is harmless.',
  },
  advice: {
    narrow: 'Hand int32 data to the engine, or export the model with int32 inputs and outputs.',
    wide: 'Hand int64 data to the engine, or export the model with int32 inputs and outputs.',
    weights: 'Nothing needs to be done.',
  },

  lasting: ['narrow', 'wide'],

  checkModel({ model, target, view, report }) {
    const narrow = evidence('typing-int64-8x', target.version);
    const wide = evidence('typing-int64-io', target.version);
    for (const value of [...model.graph.inputs, ...model.graph.outputs]) {
      if (value.initializer !== undefined || value.type?.kind !== 'tensor' || value.type.dataType !== 'int64') continue;
      const args = { kind: value.isInput ? 'input' : 'output', value: value.name };
      if (narrow !== undefined) report('narrow', args, { value, ...narrow });
      else if (wide !== undefined) report('wide', args, { value, ...wide });
    }
    if (narrow === undefined) return;
    for (const value of model.graph.initializers)
      if (view.value(value).weights?.dataType === 'int64') {
        report('weights', { value: value.name }, { value, basis: constraint('dtype-map-int64-pre9') });
        return;
      }
  },

  examples: [
    {
      title: 'token ids for 8.6',
      model: `agraph (int64[2] x) => (int64[2] y) <int64[1] one = {1}> { y = Add (x, one) }`,
      target: 'tensorrt@8.6',
      reports: ['narrow', 'narrow', 'weights'],
    },
    {
      title: 'token ids for 10.16',
      model: `agraph (int64[2] x) => (int64[2] y) { y = Add (x, x) }`,
      target: 'tensorrt@10.16',
      reports: ['wide', 'wide'],
    },
    { title: 'int32', model: `agraph (int32[2] x) => (int32[2] y) { y = Add (x, x) }`, reports: [] },
  ],
});
