import { attribute, integersOrAttribute, normalizedAxes, op, refuse, rewrite } from '../../src/rule-kit.ts';

const EXACT = ['ReduceMax', 'ReduceMin'];
const ROUNDED = ['ReduceSum', 'ReduceMean', 'ReduceProd'];

export default rewrite({
  id: 'fuse-consecutive-reductions',
  summary: 'Reduce over all axes at once where two reductions of one kind follow one another.',
  why: 'mean(-1).mean(-1) is how many models pool.',
  // Sums in another order are left out in preset `exact`.
  exact: true,

  pattern: op([...EXACT, ...ROUNDED], 'outer'),

  rewrite({ outer }, context) {
    const inner = outer.inputs[0]?.producer;
    const x = inner?.inputs[0];
    const rank = x === undefined ? undefined : context.shape(x)?.length;
    if (inner?.operator !== outer.operator || x === undefined || rank === undefined || !context.isReadable(inner))
      return undefined;
    if (context.isExactOnly && ROUNDED.includes(outer.operator)) return refuse('it would be rounded in another order');
    const [first, second] = [inner, outer].map((node) => integersOrAttribute(node, context, 'axes', 1));
    const keeps = context.attributes(outer).int('keepdims');
    if (first === undefined || second === undefined || first.length === 0 || second.length === 0) return undefined;
    if (context.attributes(inner).int('keepdims') !== keeps) return refuse('one keeps its axes, the other does not');
    if (outer.inputs[0]?.onlyUser !== outer) return refuse('what it reduces is used elsewhere, too');
    const gone = normalizedAxes(first, rank);
    const left = Array.from({ length: rank }, (_, axis) => axis).filter(
      (axis) => keeps === 1n || gone?.includes(axis) !== true,
    );
    const more = normalizedAxes(second, left.length)?.map((axis) => left[axis] ?? 0);
    if (gone === undefined || more === undefined) return undefined;
    const axes = [...new Set([...gone, ...more])].sort((a, b) => a - b).map(BigInt);
    const by =
      inner.inputs[1] === undefined
        ? context.like(outer, [x], { axes: attribute.ints('axes', axes) })
        : context.like(outer, [x, context.vector(axes, `${outer.output.name}_axes`)]);
    return context.replace(outer, by);
  },

  examples: [
    {
      title: 'mean(-1).mean(-1)',
      before: `agraph (float[N,2,4,4] x) => (float[N,2] y) <int64[1] last = {-1}> {
        a = ReduceMean <keepdims = 0> (x, last)
        y = ReduceMean <keepdims = 0> (a, last)
      }`,
      after: `agraph (float[N,2,4,4] x) => (float[N,2] y) <int64[2] axes = {2, 3}> {
        y = ReduceMean <keepdims = 0> (x, axes)
      }`,
    },
    {
      title: 'the axes in between are counted anew',
      before: `agraph (float[2,3,4] x) => (float[4] y) <int64[1] axes = {0}> {
        a = ReduceMax <keepdims = 0> (x, axes)
        y = ReduceMax <keepdims = 0> (a, axes)
      }`,
      after: `agraph (float[2,3,4] x) => (float[4] y) <int64[2] axes = {0, 1}> {
        y = ReduceMax <keepdims = 0> (x, axes)
      }`,
    },
    {
      title: 'a sum of maxima',
      before: `agraph (float[2,3] x) => (float y) <int64[1] axes = {0}> {
        a = ReduceMax <keepdims = 0> (x, axes)
        y = ReduceSum <keepdims = 0> (a, axes)
      }`,
      after: 'unchanged',
    },
  ],
});
