import { attribute, op, outputReplacements, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-implied-split-sizes',
  summary: 'Leave out the sizes of a Split into equal parts.',
  why: 'Equal parts are what a Split makes by itself; TensorRT reads the size of each part of its own where a shape is dynamic.',
  exact: true,
  since: 13,

  pattern: op('Split', 'split'),

  rewrite({ split }, context) {
    const [x, sizes] = split.inputs;
    const given = context.integers(sizes);
    const [first] = given ?? [];
    if (x === undefined || given === undefined || given.length !== split.outputs.length) return undefined;
    if (first === undefined || first === 0n || given.some((size) => size !== first)) return undefined;
    // Since opset 18 the number of equal parts is said.
    const changes = context.opset >= 18 ? { num_outputs: attribute.int('num_outputs', given.length) } : {};
    const { producer } = context.like(split, [x], changes);
    return context.replaceAll(outputReplacements(split, producer?.outputs ?? []));
  },

  examples: [
    {
      title: 'two halves',
      before: `agraph (float[N,4] x) => (float[N,2] a, float[N,2] b) <int64[2] sizes = {2, 2}> {
        a, b = Split <axis = 1> (x, sizes)
      }`,
      after: `agraph (float[N,4] x) => (float[N,2] a, float[N,2] b) {
        a, b = Split <axis = 1, num_outputs = 2> (x)
      }`,
    },
    {
      title: 'before opset 18',
      opset: 13,
      before: `agraph (float[N,4] x) => (float[N,2] a, float[N,2] b) <int64[2] sizes = {2, 2}> {
        a, b = Split <axis = 1> (x, sizes)
      }`,
      after: `agraph (float[N,4] x) => (float[N,2] a, float[N,2] b) {
        a, b = Split <axis = 1> (x)
      }`,
    },
    {
      title: 'parts of different sizes',
      before: `agraph (float[N,4] x) => (float[N,1] a, float[N,3] b) <int64[2] sizes = {1, 3}> {
        a, b = Split <axis = 1> (x, sizes)
      }`,
      after: 'unchanged',
    },
  ],
});
