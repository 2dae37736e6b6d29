import { op, refuse, rewrite, sameShape, uniformElement, value, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-where',
  summary:
    'Take the branch of a Where that a constant condition, or two equal branches, leave; exchange the branches of a negated one.',
  why: 'Masks are built for all lengths, and for this one nothing is masked.',
  exact: true,

  pattern: op('Where', 'where', value('condition'), value('x'), value('y')),

  rewrite({ where, condition, x, y }, context) {
    const element = uniformElement(context.tensor(condition));
    const taken = x === y || element === 1 ? x : element === 0 ? y : undefined;
    if (taken !== undefined) {
      if (!sameShape(context.shape(taken), context.shape(where.output))) return refuse('it also broadcasts');
      return wouldKeepIdentity(where.output, taken) ? undefined : context.replace(where, taken);
    }
    const not = condition.producer;
    const [plain] = not?.inputs ?? [];
    if (not?.operator !== 'Not' || plain === undefined || !context.isReadable(not)) return undefined;
    return context.replace(where, context.like(where, [plain, y, x]));
  },

  examples: [
    {
      title: 'nothing is masked',
      before: `agraph (float[N,2] x, float z) => (float[N,2] y) <bool[1,2] all = {1, 1}> {
        a = Where (all, x, z)
        y = Neg (a)
      }`,
      after: `agraph (float[N,2] x, float z) => (float[N,2] y) {
        y = Neg (x)
      }`,
    },
    {
      title: 'a negated mask',
      before: `agraph (bool[2] m, float[2] x, float[2] z) => (float[2] y) {
        n = Not (m)
        y = Where (n, x, z)
      }`,
      after: `agraph (bool[2] m, float[2] x, float[2] z) => (float[2] y) {
        y = Where (m, z, x)
      }`,
    },
    {
      title: 'a scalar that becomes a matrix',
      before: `agraph (float[2,2] x, float z) => (float[2,2] y) <bool no = {0}> {
        y = Where (no, x, z)
      }`,
      after: 'unchanged',
      because: 'it also broadcasts',
    },
  ],
});
