import { isIntegerType, op, refuse, rewrite } from '../../src/rule-kit.ts';

/** The comparison that holds exactly when the other does not, for what is ordered. */
const OPPOSITE: Readonly<Record<string, string>> = {
  Less: 'GreaterOrEqual',
  Greater: 'LessOrEqual',
  LessOrEqual: 'Greater',
  GreaterOrEqual: 'Less',
};

export default rewrite({
  id: 'fold-negated-comparison',
  summary: 'Write the negation of a comparison of integers as the opposite comparison.',
  why: 'Padding masks are made as not (position < length).',
  exact: true,
  since: 12,

  pattern: op('Not', 'not'),

  rewrite({ not }, context) {
    const comparison = not.inputs[0]?.producer;
    const opposite = comparison === undefined ? undefined : OPPOSITE[comparison.operator];
    const [x] = comparison?.inputs ?? [];
    if (comparison === undefined || opposite === undefined || x === undefined || !context.isReadable(comparison))
      return undefined;
    const type = context.dataType(x);
    if (type === undefined || !isIntegerType(type)) return refuse('NaN is neither less nor greater');
    if (comparison.output.onlyUser !== not) return refuse('the comparison itself is used, too');
    return context.replace(not, context.node(opposite, comparison.inputs, { from: not }));
  },

  examples: [
    {
      title: 'not less',
      before: `agraph (int64[3] x, int64 n) => (bool[3] y) {
        a = Less (x, n)
        y = Not (a)
      }`,
      after: `agraph (int64[3] x, int64 n) => (bool[3] y) {
        y = GreaterOrEqual (x, n)
      }`,
    },
    {
      title: 'floats may be NaN',
      before: `agraph (float[3] x, float n) => (bool[3] y) {
        a = Less (x, n)
        y = Not (a)
      }`,
      after: 'unchanged',
      because: 'NaN is neither less nor greater',
    },
  ],
});
