import { attribute, doublesOf, floatTensor, op, refuse, rewrite, sameShape, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-group-normalization',
  summary: 'Put a GroupNormalization back together.',
  why: 'It is exported as an InstanceNormalization of the groups between two Reshapes; the operator of opset 18 had one scale for each group, so only that of 21 will do.',
  exact: 'means are summed up in another order: a relative error of about 1e-6 for float, 1e-3 for float16',
  since: 21,

  pattern: op(
    'Reshape',
    'outer',
    op(
      'InstanceNormalization',
      'normalization',
      op('Reshape', 'inner', value('x'), value('groups')),
      value('scale'),
      value('bias'),
    ),
    value('shape'),
  ),

  rewrite({ outer, normalization, inner, x, scale, bias }, context) {
    const shape = context.shape(x);
    const grouped = context.shape(inner.output);
    if (shape === undefined || shape.length < 3 || !sameShape(shape, context.shape(outer.output)))
      return refuse('the shape before and after is not proved to be one');
    const [batch, groups] = grouped ?? [];
    const channels = shape[1]?.constant;
    const count = groups?.constant;
    if (batch === undefined || shape[0]?.equals(batch) !== true || channels === undefined || count === undefined)
      return refuse('it does not split the channels into groups alone');
    if (count < 1n || channels % count !== 0n) return refuse('the groups do not divide the channels');
    if (normalization.output.onlyUser !== outer || inner.output.onlyUser !== normalization)
      return refuse('a part of it is used elsewhere, too');
    const type = context.dataType(x);
    const scales = doublesOf(context.tensor(scale));
    const shifts = doublesOf(context.tensor(bias));
    if (type === undefined || scales === undefined || shifts === undefined)
      return refuse('its scale is not a constant at hand');
    // One number for each group becomes one for each of its channels.
    const each = Number(channels / count);
    const parameters = [scales, shifts].map((numbers, index) => {
      const values = new Float64Array(Number(channels)).map((_, channel) => numbers[Math.floor(channel / each)] ?? 0);
      return context.constant(floatTensor(type, [values.length], values), index === 0 ? scale.name : bias.name);
    });
    const attributes = [
      attribute.int('num_groups', count),
      attribute.float('epsilon', context.attributes(normalization).float('epsilon') ?? 1e-5),
    ];
    return context.replace(outer, context.node('GroupNormalization', [x, ...parameters], { attributes, from: outer }));
  },

  examples: [
    {
      title: 'as PyTorch exports it',
      opset: 21,
      before: `agraph (float[N,4,2,2] x) => (float[N,4,2,2] y) <
        int64[3] groups = {0, 2, -1}, float[2] scale = {1, 2}, float[2] bias = {0, 3}, int64[4] shape = {-1, 4, 2, 2}> {
        g = Reshape (x, groups)
        n = InstanceNormalization <epsilon = 1e-5> (g, scale, bias)
        y = Reshape (n, shape)
      }`,
      after: `agraph (float[N,4,2,2] x) => (float[N,4,2,2] y) <float[4] scale = {1, 1, 2, 2}, float[4] bias = {0, 0, 3, 3}> {
        y = GroupNormalization <num_groups = 2, epsilon = 1e-5> (x, scale, bias)
      }`,
    },
    {
      title: 'the batch is split, too',
      opset: 21,
      before: `agraph (float[2,4,2,2] x) => (float[2,4,2,2] y) <
        int64[3] groups = {4, 2, 4}, float[2] scale = {1, 2}, float[2] bias = {0, 3}, int64[4] shape = {2, 4, 2, 2}> {
        g = Reshape (x, groups)
        n = InstanceNormalization (g, scale, bias)
        y = Reshape (n, shape)
      }`,
      after: 'unchanged',
      because: 'it does not split the channels into groups alone',
    },
  ],
});
