import { op, refuse, rewrite, value, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-identity',
  summary: 'Remove an Identity.',
  why: 'Exporters write one for each alias and each shared weight; TensorRT makes a layer of each.',
  exact: true,

  pattern: op('Identity', 'identity', value('x')),

  rewrite({ identity, x }, context) {
    if (wouldKeepIdentity(identity.output, x)) return refuse('it gives a graph output a name of its own');
    return context.replace(identity, x);
  },

  examples: [
    {
      title: 'an alias in the middle',
      before: `agraph (float[2] x) => (float[2] y) {
        a = Neg (x)
        b = Identity (a)
        y = Exp (b)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        a = Neg (x)
        y = Exp (a)
      }`,
    },
    {
      title: 'the graph output keeps its name',
      before: `agraph (float[2] x) => (float[2] y) {
        a = Neg (x)
        y = Identity (a)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'an input that is also an output needs it',
      before: `agraph (float[2] x) => (float[2] y) {
        y = Identity (x)
      }`,
      after: 'unchanged',
      because: 'it gives a graph output a name of its own',
    },
  ],
});
