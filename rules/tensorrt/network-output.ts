import { lint } from '../../src/rule-kit.ts';
import { constraint } from './facts/constraints.ts';

export default lint({
  id: 'tensorrt/network-output',
  summary: 'The network has no output that TensorRT could compute.',
  why: 'The builder removes what no output needs, and refuses a network without outputs ("Network must have at least one output").',
  severity: 'error',
  stage: 'build',
  errors: ['Network must have at least one output'],
  messages: {
    none: 'The model has no outputs; {tensorrt} parses it and builds nothing.',
    passed: 'Graph output {value} is a graph input; {tensorrt} copies it and gives the input another name inside.',
  },
  advice: {
    none: 'Declare what the model is to compute as outputs.',
    passed: 'Leave the output out, if nobody needs the copy.',
  },

  checkModel({ model, report }) {
    if (model.graph.outputs.length === 0) report('none', {}, { basis: constraint('network-outputs') });
    for (const value of model.graph.outputs)
      if (value.isInput && value.initializer === undefined && value.graph === model.graph)
        report(
          'passed',
          { value: value.name },
          { value, severity: 'info', basis: constraint('model-output-is-input') },
        );
  },

  examples: [
    { title: 'no outputs', model: `agraph (float[2] x) => () { y = Neg (x) }`, reports: ['none'] },
    {
      title: 'an input that is handed on',
      model: `agraph (float[2] x) => (float[2] x, float[2] y) { y = Neg (x) }`,
      reports: ['passed'],
    },
    { title: 'one output', model: `agraph (float[2] x) => (float[2] y) { y = Neg (x) }`, reports: [] },
  ],
});
