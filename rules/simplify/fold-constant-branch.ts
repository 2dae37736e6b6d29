import { op, outputReplacements, refuse, rewrite } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-constant-branch',
  summary: 'Put the branch that an If always takes in its place.',
  why: 'Exporters write an If for every question that the shapes of this one model have answered.',
  exact: true,

  pattern: op('If', 'node'),

  rewrite({ node }, context) {
    const condition = node.inputs[0];
    const known = condition === undefined ? undefined : (context.knownTensor(condition) ?? context.tensor(condition));
    const taken = context.boolean(known);
    if (taken === undefined) return undefined;
    const branch = node.attributes.get(taken ? 'then_branch' : 'else_branch');
    if (branch?.kind !== 'graph' || branch.value.outputs.length < node.outputs.length) return undefined;
    const outputs = context.inlined(branch.value, undefined, (output) => node.outputs[output] !== undefined);
    if (outputs === undefined) return refuse('the branch holds a sparse initializer');
    return context.replaceAll(outputReplacements(node, outputs));
  },

  examples: [
    {
      title: 'the condition is a constant',
      before: `agraph (float[2,3] x) => (float[2,3] y) <bool yes = {1}> {
        a = If (yes) <
          then_branch = t () => (float[2,3] r) { s = Neg (x)  r = Abs (s) },
          else_branch = e () => (float[2,3] q) { q = Identity (x) }
        >
        y = Relu (a)
      }`,
      after: `agraph (float[2,3] x) => (float[2,3] y) {
        s = Neg (x)
        a = Abs (s)
        y = Relu (a)
      }`,
    },
    {
      title: 'the branch hands out a value from around it, and one of its own initializers',
      before: `agraph (float[2] x) => (float[2] y) <bool no = {0}> {
        a, b = If (no) <
          then_branch = t () => (float[2] r, float[2] s) { r = Neg (x)  s = Abs (x) },
          else_branch = e () => (float[2] q, float[2] w) <float[2] w = {1, 2}> { q = Exp (x) }
        >
        y = Add (a, b)
      }`,
      after: `agraph (float[2] x) => (float[2] y) <float[2] b = {1, 2}> {
        a = Exp (x)
        y = Add (a, b)
      }`,
    },
    {
      title: 'a condition that is computed keeps both branches',
      before: `agraph (float[2] x, bool c) => (float[2] y) {
        y = If (c) <
          then_branch = t () => (float[2] r) { r = Neg (x) },
          else_branch = e () => (float[2] q) { q = Abs (x) }
        >
      }`,
      after: 'unchanged',
    },
  ],
});
