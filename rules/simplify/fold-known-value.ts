import { anyNode, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-known-value',
  summary: 'Replace a shape computation whose result is known by that result.',
  why: 'Sizes of fixed dims are computed at run time by exported graphs, although they are numbers.',
  exact: true,

  pattern: anyNode('node'),

  rewrite({ node }, context) {
    if (node.operator === 'Constant' || !context.graph.allowsInitializers) return undefined;
    const replacements = node.outputs.flatMap((old) => {
      const known = old === undefined || !old.isUsed || old.isGraphOutput ? undefined : context.knownTensor(old);
      return old === undefined || known === undefined ? [] : [{ old, by: context.constant(known, old.name) }];
    });
    const used = node.outputs.filter((output) => output?.isUsed);
    return replacements.length > 0 && replacements.length === used.length
      ? context.replaceAll(replacements)
      : undefined;
  },

  examples: [
    {
      title: 'the size of a fixed axis of a dynamic value',
      before: `agraph (float[N,3,8] x, int64[1] z) => (int64[1] y) <int64[1] index = {2}> {
        s = Shape (x)
        c = Gather (s, index)
        y = Add (c, z)
      }`,
      after: `agraph (float[N,3,8] x, int64[1] z) => (int64[1] y) <int64[1] c = {8}> {
        y = Add (c, z)
      }`,
    },
    {
      title: 'the size of a dynamic axis is not known',
      before: `agraph (float[N,3] x, int64[1] z) => (int64[1] y) <int64[1] index = {0}> {
        s = Shape (x)
        c = Gather (s, index)
        y = Add (c, z)
      }`,
      after: 'unchanged',
    },
  ],
});
