import { op, rewrite, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-nop-cast',
  summary: 'Remove a Cast or CastLike to the type the value already has.',
  why: 'Exporters cast every operand of a mixed expression, also those that have the right type.',
  exact: true,

  pattern: op(['Cast', 'CastLike'], 'cast'),

  rewrite({ cast }, context) {
    const [x] = cast.inputs;
    if (x === undefined) return undefined;
    const from = context.dataType(x);
    const to = context.dataType(cast.output);
    if (from === undefined || from !== to || wouldKeepIdentity(cast.output, x)) return undefined;
    return context.replace(cast, x);
  },

  examples: [
    {
      title: 'float to float',
      before: `agraph (float[2] x) => (float[2] y) {
        a = Cast <to = 1> (x)
        y = Neg (a)
      }`,
      after: `agraph (float[2] x) => (float[2] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'like a value of the same type',
      before: `agraph (float[2] x, float[3] z) => (float[2] y) {
        a = CastLike (x, z)
        y = Neg (a)
      }`,
      after: `agraph (float[2] x, float[3] z) => (float[2] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'to another type stays',
      before: `agraph (float[2] x) => (double[2] y) {
        a = Cast <to = 11> (x)
        y = Neg (a)
      }`,
      after: 'unchanged',
    },
  ],
});
