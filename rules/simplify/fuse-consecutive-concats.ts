import { normalizedAxes, op, rewrite } from '../../src/rule-kit.ts';

/** A Concat of more operands would be no fewer nodes for its readers, and slow to build operand by operand. */
const MAXIMUM_OPERANDS = 256;

export default rewrite({
  id: 'fuse-consecutive-concats',
  summary: 'Write the operands of a Concat into the Concat that it is an operand of.',
  why: 'Dense blocks and feature pyramids collect what they have and add to it.',
  exact: true,

  pattern: op('Concat', 'outer'),

  rewrite({ outer }, context) {
    const rank = context.shape(outer.output)?.length;
    const axis = context.attributes(outer).int('axis');
    if (rank === undefined || axis === undefined || outer.inputs.length > MAXIMUM_OPERANDS) return undefined;
    const [along] = normalizedAxes([axis], rank) ?? [];
    const parts = outer.inputs.flatMap((input) => {
      const inner = input?.producer;
      if (input === undefined || inner?.operator !== 'Concat' || input.onlyUser !== outer || !context.isReadable(inner))
        return [input];
      const own = context.attributes(inner).int('axis');
      const isSame = own !== undefined && normalizedAxes([own], rank)?.[0] === along;
      // Read twice, its operands would only be more.
      const isOnce = outer.inputs.indexOf(input) === outer.inputs.lastIndexOf(input);
      return isSame && isOnce ? [...inner.inputs] : [input];
    });
    if (parts.length === outer.inputs.length || parts.length > MAXIMUM_OPERANDS) return undefined;
    return context.replace(outer, context.like(outer, parts));
  },

  examples: [
    {
      title: 'a list that grows',
      before: `agraph (float[N,1] x, float[N,2] z, float[N,3] w) => (float[N,6] y) {
        a = Concat <axis = 1> (x, z)
        y = Concat <axis = -1> (w, a)
      }`,
      after: `agraph (float[N,1] x, float[N,2] z, float[N,3] w) => (float[N,6] y) {
        y = Concat <axis = -1> (w, x, z)
      }`,
    },
    {
      title: 'along another axis',
      before: `agraph (float[2,1] x, float[2,1] z, float[2,2] w) => (float[4,2] y) {
        a = Concat <axis = 1> (x, z)
        y = Concat <axis = 0> (w, a)
      }`,
      after: 'unchanged',
    },
    {
      title: 'the inner one is used elsewhere, too',
      before: `agraph (float[1] x, float[1] z) => (float[2] a, float[3] y) {
        a = Concat <axis = 0> (x, z)
        y = Concat <axis = 0> (a, x)
      }`,
      after: 'unchanged',
    },
  ],
});
