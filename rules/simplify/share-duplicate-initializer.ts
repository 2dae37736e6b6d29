import { anyNode, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'share-duplicate-initializer',
  summary: 'Use one initializer where several hold the same tensor.',
  why: 'Every use of a small constant is exported as a tensor of its own, and equal constants hide equal nodes.',
  exact: true,

  pattern: anyNode('node'),

  rewrite({ node }, context) {
    const changes = node.inputs.flatMap((input, index) => {
      const twin = input === undefined ? undefined : context.duplicateInitializer(input);
      return twin === undefined ? [] : [{ node, index, by: twin }];
    });
    return changes.length > 0 ? context.changeInputs(changes) : undefined;
  },

  examples: [
    {
      title: 'two names for one vector',
      before: `agraph (float[2] x) => (float[2] y) <float[2] a = {1, 2}, float[2] b = {1, 2}> {
        t = Add (x, a)
        y = Mul (t, b)
      }`,
      after: `agraph (float[2] x) => (float[2] y) <float[2] a = {1, 2}> {
        t = Add (x, a)
        y = Mul (t, a)
      }`,
    },
    {
      title: 'equal bytes of another shape are another tensor',
      before: `agraph (float[2] x) => (float[2] y) <float[1] a = {1}, float b = {1}> {
        t = Add (x, a)
        y = Mul (t, b)
      }`,
      after: 'unchanged',
    },
  ],
});
