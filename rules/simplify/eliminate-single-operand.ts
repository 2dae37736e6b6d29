import { op, rewrite, sameShape, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-single-operand',
  summary: 'Remove a Max, Min, Sum or Mean of one operand, or of one operand again and again.',
  why: 'Generic code reduces a list that has one element here.',
  exact: true,

  pattern: op(['Max', 'Min', 'Sum', 'Mean'], 'node'),

  rewrite({ node }, context) {
    const [x] = node.inputs;
    const isExtreme = node.opType === 'Max' || node.opType === 'Min';
    if (x === undefined || !sameShape(context.shape(x), context.shape(node.output))) return undefined;
    if (node.inputs.length > 1 && !(isExtreme && node.inputs.every((input) => input === x))) return undefined;
    return wouldKeepIdentity(node.output, x) ? undefined : context.replace(node, x);
  },

  examples: [
    {
      title: 'the sum of one',
      before: `agraph (float[2] x) => (float[2] y) {
        a = Sum (x)
        y = Neg (a)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'the larger of two equals',
      before: `agraph (float[2] x) => (float[2] y) {
        a = Max (x, x)
        y = Neg (a)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'the sum of two equals is twice as much',
      before: `agraph (float[2] x) => (float[2] y) {
        y = Sum (x, x)
      }`,
      after: 'unchanged',
    },
  ],
});
