import { anyNode, refuse, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-constant',
  summary: 'Compute now what depends on constants only.',
  why: 'TensorRT wants an initializer where the exporter left the computation of one.',
  // Kernels say whether they are exact; preset `exact` folds with those alone.
  exact: true,

  pattern: anyNode('node'),

  rewrite({ node }, context) {
    if (!context.graph.allowsInitializers || node.outputs.some((output) => output?.isGraphOutput)) return undefined;
    const folded = context.fold(node);
    if (folded === undefined) return undefined;
    if ('refused' in folded) return refuse(folded.refused);
    const replacements = node.outputs.flatMap((old, index) => {
      const tensor = folded[index];
      return old === undefined || tensor === undefined ? [] : [{ old, by: context.constant(tensor, old.name) }];
    });
    return context.replaceAll(replacements);
  },

  examples: [
    {
      title: 'a mask of numbers',
      before: `agraph (float[2,2] x) => (float[2,2] y) <float[2,2] ones = {1, 1, 1, 1}> {
        mask = Trilu <upper = 0> (ones)
        y = Mul (x, mask)
      }`,
      after: `agraph (float[2,2] x) => (float[2,2] y) <float[2,2] mask = {1, 0, 1, 1}> {
        y = Mul (x, mask)
      }`,
    },
    {
      title: 'random numbers stay random',
      before: `agraph (float[2] x) => (float[2] y) {
        r = RandomNormal <shape = [2]> ()
        y = Mul (x, r)
      }`,
      after: 'unchanged',
    },
  ],
});
