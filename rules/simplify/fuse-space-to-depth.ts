import { Dim, attribute, op, permutationOf, refuse, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-space-to-depth',
  summary: 'Put a SpaceToDepth back together.',
  why: 'It is exported as a Reshape to six axes, a Transpose and a Reshape to four.',
  exact: true,
  since: 5,
  costs: 'layers',

  pattern: op(
    'Reshape',
    'outer',
    op('Transpose', 'transpose', op('Reshape', 'inner', value('x'), value('split'))),
    value('join'),
  ),

  rewrite({ outer, transpose, inner, x }, context) {
    const from = context.shape(x);
    const split = context.shape(inner.output);
    const to = context.shape(outer.output);
    if (from?.length !== 4 || split?.length !== 6 || to?.length !== 4) return undefined;
    // Of a single channel it does not matter whether blocks or channels come first.
    const perm = String(permutationOf(transpose, context));
    const isChannelLast = perm === '0,3,5,1,2,4';
    if (!isChannelLast && !(perm === '0,1,3,5,2,4' && split[1]?.constant === 1n)) return undefined;
    if (transpose.output.onlyUser !== outer || inner.output.onlyUser !== transpose)
      return refuse('a part of it is used elsewhere, too');
    const [batch = Dim.one, channels = Dim.one, rows = Dim.one, down = Dim.one, columns = Dim.one, across] = split;
    const block = down.constant;
    if (across === undefined || block === undefined || !down.equals(across))
      return refuse('the blocks are not square, or of unknown size');
    const wanted = [batch, channels, rows.times(down), columns.times(down)];
    const result = [batch, channels.times(down).times(down), rows, columns];
    const fits =
      wanted.every((dim, axis) => from[axis]?.equals(dim)) && result.every((dim, axis) => to[axis]?.equals(dim));
    if (!fits) return refuse('the Reshapes do not split the picture into blocks, and make them channels');
    const attributes = [attribute.int('blocksize', block)];
    return context.replace(outer, context.node('SpaceToDepth', [x], { attributes, from: outer }));
  },

  examples: [
    {
      title: 'blocks first, then the channels they come from',
      before: `agraph (float[N,3,4,6] x) => (float[N,12,2,3] y) <int64[6] split = {-1, 3, 2, 2, 3, 2}, int64[4] join = {-1, 12, 2, 3}> {
        s = Reshape (x, split)
        t = Transpose <perm = [0, 3, 5, 1, 2, 4]> (s)
        y = Reshape (t, join)
      }`,
      after: `agraph (float[N,3,4,6] x) => (float[N,12,2,3] y) {
        y = SpaceToDepth <blocksize = 2> (x)
      }`,
    },
    {
      title: 'pixel unshuffle of PyTorch puts the channels first',
      before: `agraph (float[1,3,4,6] x) => (float[1,12,2,3] y) <int64[6] split = {1, 3, 2, 2, 3, 2}, int64[4] join = {1, 12, 2, 3}> {
        s = Reshape (x, split)
        t = Transpose <perm = [0, 1, 3, 5, 2, 4]> (s)
        y = Reshape (t, join)
      }`,
      after: 'unchanged',
    },
  ],
});
