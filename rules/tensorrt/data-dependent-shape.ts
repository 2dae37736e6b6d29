import { lint } from '../../src/rule-kit.ts';
import { evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

export default lint({
  id: 'tensorrt/data-dependent-shape',
  summary: 'How large a result is depends on the data.',
  why: 'The engine cannot allocate such a result ahead of time: the application must give an output allocator, fusions across it are off, and neither DLA nor CUDA graphs take it.',
  severity: 'warning',
  stage: 'build',
  messages: { dataDependent: '{op} {node} makes {value}, whose size {tensorrt} learns only while it runs.' },
  advice:
    'Keep a fixed size: mask instead of select, take the top K, or end the model before {node} and select outside.',
  operators: ['NonZero', 'NonMaxSuppression'],

  check(node, { model, target, input, report }) {
    if (dispatch(model, node, target) !== 'importer' || input(0)?.isConstant === true) return;
    const constraint = node.opType === 'NonZero' ? 'nonzero-data-dependent' : 'nms-data-dependent';
    const found = evidence(constraint, target.version);
    const value = node.outputs[0];
    if (found !== undefined && value !== undefined) report('dataDependent', { value: value.name }, { value, ...found });
  },

  examples: [
    {
      title: 'the positions of non-zero elements',
      model: `agraph (float[4] x) => (int64[1, n] y) { y = NonZero (x) }`,
      reports: ['dataDependent'],
    },
    {
      title: 'a mask has a fixed size',
      model: `agraph (float[4] x) => (float[4] y) <float zero = {0}> {
        mask = Greater (x, zero)
        y = Where (mask, x, zero)
      }`,
      reports: [],
    },
  ],
});
