import { op, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'move-constant-to-initializer',
  summary: 'Turn a Constant node into an initializer.',
  why: 'Half the nodes of a TorchScript export are Constants; as initializers they are weights and no nodes.',
  exact: true,

  pattern: op('Constant', 'constant'),

  rewrite({ constant }, context) {
    // A function body can hold no initializer.
    if (!context.graph.allowsInitializers || constant.output.isGraphOutput) return undefined;
    const tensor = context.tensor(constant.output);
    return tensor === undefined ? undefined : context.replace(constant, context.constant(tensor, constant.output.name));
  },

  examples: [
    {
      title: 'a tensor',
      before: `agraph (float[2] x) => (float[2] y) {
        c = Constant <value = float[2] {1, 2}> ()
        y = Add (x, c)
      }`,
      after: `agraph (float[2] x) => (float[2] y) <float[2] c = {1, 2}> {
        y = Add (x, c)
      }`,
    },
    {
      title: 'a list of ints',
      before: `agraph (float[2,3] x) => (float[6] y) {
        c = Constant <value_ints = [6]> ()
        y = Reshape (x, c)
      }`,
      after: `agraph (float[2,3] x) => (float[6] y) <int64[1] c = {6}> {
        y = Reshape (x, c)
      }`,
    },
    {
      title: 'a graph output must come from a node',
      before: `agraph (float[2] x) => (float[2] c) {
        c = Constant <value = float[2] {1, 2}> ()
      }`,
      after: 'unchanged',
    },
  ],
});
