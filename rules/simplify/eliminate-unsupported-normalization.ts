import {
  type DataType,
  dataTypeOfCode,
  Dim,
  filledTensor,
  type Node,
  op,
  refuse,
  reshapeTarget,
  rewrite,
  type RewriteContext,
  unsqueezed,
  type Value,
  WrittenOut,
} from '../../src/rule-kit.ts';

interface Normalization {
  readonly node: Node;
  readonly x: Value;
  readonly scale: Value;
  readonly bias: Value | undefined;
  readonly rank: number;
  readonly dataType: DataType;
  /** The type that means are computed in. */
  readonly stash: DataType;
}

/** Scaled and shifted, in the type of the operand again. */
function finished(
  normalized: Value,
  scale: Value,
  bias: Value | undefined,
  own: Normalization,
  out: WrittenOut,
): Value {
  const narrow = own.stash === own.dataType ? normalized : out.cast(normalized, own.dataType);
  if (bias === undefined) return out.last('Mul', [narrow, scale]);
  return out.last('Add', [out.node('Mul', [narrow, scale]), bias]);
}

/** LayerNormalization, and RMSNormalization, which takes no mean away. */
function alongLastAxes(own: Normalization, context: RewriteContext): Value {
  const { node, x, rank, stash } = own;
  const attributes = context.attributes(node);
  const given = attributes.number('axis') ?? -1;
  const axis = given < 0 ? given + rank : given;
  const axes = Array.from({ length: rank - axis }, (_, index) => axis + index);
  const out = new WrittenOut(node, stash, context);
  const wide = stash === own.dataType ? x : out.cast(x, stash);
  const isLayer = node.opType === 'LayerNormalization';
  const deviation = isLayer ? out.node('Sub', [wide, out.mean(wide, axes)]) : wide;
  const variance = out.mean(out.node('Mul', [deviation, deviation]), axes);
  const root = out.node('Sqrt', [out.node('Add', [variance, out.number(attributes.float('epsilon') ?? 1e-5)])]);
  return finished(out.node('Div', [deviation, root]), own.scale, own.bias, own, out);
}

/** GroupNormalization: an InstanceNormalization of the groups. */
function byGroup(own: Normalization, context: RewriteContext): Value | string {
  const { node, x, scale, bias, rank, stash } = own;
  const attributes = context.attributes(node);
  const groups = attributes.number('num_groups') ?? 0;
  const shape = context.shape(x);
  const [batch] = shape ?? [];
  if (batch === undefined || shape === undefined || bias === undefined || groups < 1) return 'its shape is not known';
  const out = new WrittenOut(node, stash, context);
  const wide = stash === own.dataType ? x : out.cast(x, stash);
  // Before opset 21 there is one scale for each group.
  const isByGroup = context.opset < 21;
  const count = isByGroup ? Dim.of(groups) : shape[1];
  const isFitting = [scale, bias].every((each) => {
    const own = context.shape(each);
    return own?.length === 1 && count !== undefined && own[0]?.equals(count) === true;
  });
  if (!isFitting) return 'its scale is not known to be as long as it should be';
  const [ones, zeros] = [1, 0].map((number) => filledTensor(stash, [groups], number));
  if (ones === undefined || zeros === undefined) return 'it has very many groups';
  if (isByGroup && stash !== own.dataType) return 'its scale is of another type than its means';
  const parameters = isByGroup
    ? [scale, bias]
    : [context.constant(ones, `${scale.name}_ones`), context.constant(zeros, `${scale.name}_zeros`)];
  const split = out.node('Reshape', [wide, context.vector([0n, BigInt(groups), -1n], `${x.name}_groups`)]);
  const epsilon = node.attributes.get('epsilon');
  const normalized = out.node(
    'InstanceNormalization',
    [split, ...parameters],
    ...(epsilon === undefined ? [] : [epsilon]),
  );
  const target = reshapeTarget(context, [batch], shape);
  const back = Array.isArray(target) ? context.vector(target as bigint[], `${x.name}_shape`) : out.node('Shape', [x]);
  if (isByGroup) return out.last('Reshape', [normalized, back]);
  const whole = out.node('Reshape', [normalized, back]);
  const spatial = Array.from({ length: rank - 2 }, (_, index) => index + 1);
  const [factor, shift] = [scale, bias].map((each) =>
    spatial.length === 0 ? each : unsqueezed(each, spatial, context),
  );
  return finished(whole, factor ?? scale, shift, own, out);
}

export default rewrite({
  id: 'eliminate-unsupported-normalization',
  summary: 'Write out a LayerNormalization, RMSNormalization or GroupNormalization that the target does not have.',
  why: 'TensorRT knows LayerNormalization from 8.6 on, RMSNormalization from 10.15 on; before, their parts have to do.',
  exact:
    'means are rounded as the parts are, and not as the operator may: a relative error of about 1e-6 for float, 1e-3 for float16',
  costs: 'nodes',
  isForTarget: true,

  pattern: op(['LayerNormalization', 'RMSNormalization', 'GroupNormalization'], 'node'),

  rewrite({ node }, context) {
    const [x, scale, bias] = node.inputs;
    if (x === undefined || scale === undefined) return undefined;
    const rank = context.shape(x)?.length;
    const dataType = context.dataType(x);
    const isOfOldGroups = node.opType === 'GroupNormalization' && context.opset < 21;
    const stash = isOfOldGroups ? dataType : dataTypeOfCode(context.attributes(node).number('stash_type') ?? 1);
    if (rank === undefined || dataType === undefined || stash === undefined)
      return refuse('its rank or type is not known');
    if (node.outputs.slice(1).some((output) => output?.isUsed === true))
      return refuse('its mean or deviation is used, too');
    const own: Normalization = { node, x, scale, bias, rank, dataType, stash };
    const result = node.opType === 'GroupNormalization' ? byGroup(own, context) : alongLastAxes(own, context);
    if (typeof result === 'string') return refuse(result);
    return context.replaceAll([{ old: node.output, by: result }]);
  },

  examples: [
    {
      title: 'a LayerNormalization',
      opset: 17,
      before: `agraph (float[N,3,4] x) => (float[N,3,4] y) <float[4] scale = {1, 2, 3, 4}, float[4] bias = {1, 0, 1, 0}> {
        y = LayerNormalization <axis = -1> (x, scale, bias)
      }`,
      after: `agraph (float[N,3,4] x) => (float[N,3,4] y) <
        float[4] scale = {1, 2, 3, 4}, float[4] bias = {1, 0, 1, 0}, float epsilon = {1e-5}> {
        m = ReduceMean <axes = [2]> (x)
        d = Sub (x, m)
        s = Mul (d, d)
        v = ReduceMean <axes = [2]> (s)
        a = Add (v, epsilon)
        r = Sqrt (a)
        n = Div (d, r)
        p = Mul (n, scale)
        y = Add (p, bias)
      }`,
    },
    {
      title: 'an RMSNormalization of half precision, whose means are floats',
      opset: 23,
      before: `agraph (float16[N,4] x) => (float16[N,4] y) <float16[4] scale = {15360, 16384, 15360, 16384}> {
        y = RMSNormalization <axis = 1, epsilon = 0.5> (x, scale)
      }`,
      after: `agraph (float16[N,4] x) => (float16[N,4] y) <
        float16[4] scale = {15360, 16384, 15360, 16384}, float epsilon = {0.5}, int64[1] axes = {1}> {
        w = Cast <to = 1> (x)
        s = Mul (w, w)
        v = ReduceMean (s, axes)
        a = Add (v, epsilon)
        r = Sqrt (a)
        n = Div (w, r)
        h = Cast <to = 10> (n)
        y = Mul (h, scale)
      }`,
    },
    {
      title: 'a GroupNormalization',
      opset: 21,
      before: `agraph (float[N,4,2,H] x) => (float[N,4,2,H] y) <float[4] scale = {1, 2, 3, 4}, float[4] bias = {1, 0, 1, 0}> {
        y = GroupNormalization <num_groups = 2> (x, scale, bias)
      }`,
      after: `agraph (float[N,4,2,H] x) => (float[N,4,2,H] y) <
        float[4] scale = {1, 2, 3, 4}, float[4] bias = {1, 0, 1, 0}, float[2] ones = {1, 1}, float[2] zeros = {0, 0},
        int64[3] groups = {0, 2, -1}, int64[4] shape = {0, 4, 2, -1}, int64[2] axes = {1, 2}, int64[2] same = {1, 2}> {
        g = Reshape (x, groups)
        n = InstanceNormalization (g, ones, zeros)
        w = Reshape (n, shape)
        s = Unsqueeze (scale, axes)
        b = Unsqueeze (bias, same)
        p = Mul (w, s)
        y = Add (p, b)
      }`,
    },
    {
      title: 'one scale for each group',
      opset: 18,
      before: `agraph (float[N,4,2] x) => (float[N,4,2] y) <float[2] scale = {1, 2}, float[2] bias = {1, 0}> {
        y = GroupNormalization <num_groups = 2, epsilon = 0.5> (x, scale, bias)
      }`,
      after: `agraph (float[N,4,2] x) => (float[N,4,2] y) <
        float[2] scale = {1, 2}, float[2] bias = {1, 0}, int64[3] groups = {0, 2, -1}, int64[3] shape = {0, 4, 2}> {
        g = Reshape (x, groups)
        n = InstanceNormalization <epsilon = 0.5> (g, scale, bias)
        y = Reshape (n, shape)
      }`,
    },
    {
      title: 'one scale for each channel where there should be one for each group',
      opset: 18,
      before: `agraph (float[N,4,2] x) => (float[N,4,2] y) <float[4] scale = {1, 2, 3, 4}, float[4] bias = {1, 0, 1, 0}> {
        y = GroupNormalization <num_groups = 2> (x, scale, bias)
      }`,
      after: 'unchanged',
      because: 'its scale is not known to be as long as it should be',
    },
    {
      title: 'the deviation is wanted, too',
      opset: 17,
      before: `agraph (float[N,4] x) => (float[N,4] y, float[N,1] d) <float[4] scale = {1, 2, 3, 4}> {
        y, m, d = LayerNormalization (x, scale)
      }`,
      after: 'unchanged',
      because: 'its mean or deviation is used, too',
    },
  ],
});
