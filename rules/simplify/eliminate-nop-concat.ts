import { op, rewrite, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-nop-concat',
  summary: 'Drop the empty operands of a Concat, and the Concat itself when one operand is left.',
  why: 'Concatenating a list of one, or with an empty state, is what generic code does.',
  exact: true,

  pattern: op('Concat', 'concat'),

  rewrite({ concat }, context) {
    const axis = context.attributes(concat).number('axis');
    const shapes = concat.inputs.map((input) => (input === undefined ? undefined : context.shape(input)));
    const rank = shapes[0]?.length;
    // Operands of different ranks are an error, though some runtimes let an empty vector pass.
    if (concat.inputs.length > 1 && (rank === undefined || shapes.some((shape) => shape?.length !== rank)))
      return undefined;
    const kept = concat.inputs.filter((_, index) => axis === undefined || shapes[index]?.at(axis)?.constant !== 0n);
    const [only] = kept;
    if (only === undefined) return undefined;
    if (kept.length > 1)
      return kept.length < concat.inputs.length ? context.replace(concat, context.like(concat, kept)) : undefined;
    return wouldKeepIdentity(concat.output, only) ? undefined : context.replace(concat, only);
  },

  examples: [
    {
      title: 'a list of one',
      before: `agraph (float[2,3] x) => (float[2,3] y) {
        a = Concat <axis = 0> (x)
        y = Neg (a)
      }`,
      after: `agraph (float[2,3] x) => (float[2,3] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'an empty operand goes',
      before: `agraph (float[2,3] x, float[0,3] e, float[1,3] z) => (float[3,3] y) {
        y = Concat <axis = 0> (x, e, z)
      }`,
      after: `agraph (float[2,3] x, float[0,3] e, float[1,3] z) => (float[3,3] y) {
        y = Concat <axis = 0> (x, z)
      }`,
    },
    {
      title: 'an operand that may be empty stays',
      before: `agraph (float[2,3] x, float[N,3] e) => (float[M,3] y) {
        y = Concat <axis = 0> (x, e)
      }`,
      after: 'unchanged',
    },
  ],
});
