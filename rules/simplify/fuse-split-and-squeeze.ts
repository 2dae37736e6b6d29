import {
  gatheredAt,
  integersOrAttribute,
  type Node,
  normalizedAxes,
  op,
  refuse,
  rewrite,
  type Value,
} from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-split-and-squeeze',
  summary: 'Gather the slices of an axis that are split off one by one and then lose the axis.',
  why: 'q, k, v = qkv.unbind(0) is exported as a Split and a Squeeze for each part; one Gather a part does.',
  exact: true,

  pattern: op('Split', 'split'),

  rewrite({ split }, context) {
    const [x] = split.inputs;
    const rank = x === undefined ? undefined : context.shape(x)?.length;
    if (x === undefined || rank === undefined) return undefined;
    const axis = normalizedAxes([context.attributes(split).int('axis') ?? 0n], rank)?.[0];
    if (axis === undefined) return undefined;
    const pairs: { readonly squeeze: Node; readonly index: number }[] = [];
    for (const [index, part] of split.outputs.entries()) {
      if (part === undefined || !part.isUsed) continue;
      const squeeze = part.onlyUser;
      if (squeeze?.operator !== 'Squeeze' || squeeze.graph !== split.graph || !context.isReadable(squeeze))
        return undefined;
      const axes = normalizedAxes(integersOrAttribute(squeeze, context, 'axes', 1) ?? [], rank);
      if (axes?.length !== 1 || axes[0] !== axis) return undefined;
      pairs.push({ squeeze, index });
    }
    if (pairs.length === 0) return undefined;
    // Parts of another size than 1 could not be squeezed; their sum must be known to be what the Split was given.
    if (split.outputs.some((part) => part !== undefined && context.shape(part)?.[axis]?.constant !== 1n))
      return refuse('its parts are not known to be of size 1');
    const replacements: { old: Value; by: Value }[] = pairs.map(({ squeeze, index }) => ({
      old: squeeze.output,
      by: gatheredAt(x, axis, BigInt(index), context, squeeze),
    }));
    return context.replaceAll(replacements);
  },

  examples: [
    {
      title: 'q, k and v',
      before: `agraph (float[3,N,4] x) => (float[N,4] y) <int64[3] sizes = {1, 1, 1}, int64[1] zero = {0}> {
        a, b, c = Split <axis = 0> (x, sizes)
        q = Squeeze (a, zero)
        k = Squeeze (b, zero)
        v = Squeeze (c, zero)
        t = Mul (q, k)
        y = Sub (t, v)
      }`,
      after: `agraph (float[3,N,4] x) => (float[N,4] y) <int64 zero = {0}, int64 one = {1}, int64 two = {2}> {
        q = Gather <axis = 0> (x, zero)
        k = Gather <axis = 0> (x, one)
        v = Gather <axis = 0> (x, two)
        t = Mul (q, k)
        y = Sub (t, v)
      }`,
    },
    {
      title: 'a part that keeps its axis',
      before: `agraph (float[2,N] x) => (float[N] y, float[1,N] b) <int64[2] sizes = {1, 1}, int64[1] zero = {0}> {
        a, b = Split <axis = 0> (x, sizes)
        q = Squeeze (a, zero)
        y = Neg (q)
      }`,
      after: 'unchanged',
    },
    {
      title: 'parts whose size only the runtime knows',
      before: `agraph (float[D,N] x, int64[2] sizes) => (float[N] y) <int64[1] zero = {0}> {
        a, b = Split <axis = 0> (x, sizes)
        q = Squeeze (a, zero)
        k = Squeeze (b, zero)
        y = Sub (q, k)
      }`,
      after: 'unchanged',
    },
  ],
});
