import { attribute, type Dim, floatTensor, op, refuse, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-expand-into-resize',
  summary: 'Write the repetition of each pixel by axes of 1 that are expanded as a Resize to the nearest.',
  why: 'Code that upsamples by view, expand and view, or by repeat, is exported as a Reshape, an Expand or Tile and a Reshape.',
  exact: true,
  since: 13,

  pattern: op(
    'Reshape',
    'outer',
    op(['Expand', 'Tile'], 'repeat', op(['Reshape', 'Unsqueeze'], 'inner', value('x'), value('split')), value('sizes')),
    value('join'),
  ),

  rewrite({ outer, repeat, inner, x }, context) {
    const from = context.shape(x);
    const split = context.shape(inner.output);
    const wide = context.shape(repeat.output);
    const to = context.shape(outer.output);
    if (from?.length !== 4 || split?.length !== 6 || wide?.length !== 6 || to?.length !== 4) return undefined;
    const type = context.dataType(x);
    if (type !== 'float' && type !== 'float16') return undefined;
    // [N, C, H, W] as [N, C, H, 1, W, 1], as [N, C, H, h, W, w]
    const same = (a: Dim | undefined, b: Dim | undefined): boolean => a !== undefined && b !== undefined && a.equals(b);
    const isSplit = [0, 1, 2, 4].every((axis, index) => same(from[index], split[axis]));
    if (!isSplit || split[3]?.constant !== 1n || split[5]?.constant !== 1n) return undefined;
    const kept = [0, 1, 2, 4].every((axis) => same(split[axis], wide[axis]));
    const [down, across] = [wide[3]?.constant, wide[5]?.constant];
    if (!kept || down === undefined || across === undefined)
      return refuse('it does more than repeat rows and columns, or how often is not known');
    const [n, c, h, w] = from;
    const [tall, broad] = [wide[3], wide[5]];
    if (n === undefined || c === undefined || h === undefined || w === undefined) return undefined;
    if (tall === undefined || broad === undefined) return undefined;
    const result = [n, c, h.times(tall), w.times(broad)];
    if (!result.every((dim, axis) => to[axis]?.equals(dim))) return refuse('the last Reshape joins other axes');
    if (repeat.output.onlyUser !== outer || inner.output.onlyUser !== repeat)
      return refuse('a part of it is used elsewhere, too');
    const scales = floatTensor('float', [4], Float64Array.of(1, 1, Number(down), Number(across)));
    const attributes = [
      attribute.string('mode', 'nearest'),
      attribute.string('coordinate_transformation_mode', 'asymmetric'),
      attribute.string('nearest_mode', 'floor'),
    ];
    const constant = context.constant(scales, `${outer.output.name}_scales`);
    const resized = context.node('Resize', [x, undefined, constant], { attributes, from: outer });
    return context.replace(outer, resized);
  },

  examples: [
    {
      title: 'twice as high, three times as wide',
      before: `agraph (float[N,3,4,5] x) => (float[N,3,8,15] y) <
        int64[6] split = {-1, 3, 4, 1, 5, 1}, int64[6] sizes = {1, 1, 1, 2, 1, 3}, int64[4] join = {-1, 3, 8, 15}> {
        s = Reshape (x, split)
        e = Expand (s, sizes)
        y = Reshape (e, join)
      }`,
      after: `agraph (float[N,3,4,5] x) => (float[N,3,8,15] y) <float[4] scales = {1, 1, 2, 3}> {
        y = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, "", scales)
      }`,
    },
    {
      title: 'the picture as a whole is repeated',
      before: `agraph (float[1,3,4,5] x) => (float[1,3,8,15] y) <
        int64[6] split = {1, 3, 1, 4, 1, 5}, int64[6] sizes = {1, 1, 2, 1, 3, 1}, int64[4] join = {1, 3, 8, 15}> {
        s = Reshape (x, split)
        e = Tile (s, sizes)
        y = Reshape (e, join)
      }`,
      after: 'unchanged',
    },
  ],
});
