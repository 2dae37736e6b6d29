import { attribute, dataTypeOfCode, doublesOf, floatTensor, op, refuse, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fuse-cast-into-layer-normalization',
  summary: 'Drop the Casts around a normalization that is computed in float by itself.',
  why: 'Half-precision models cast to float for the means and back; LayerNormalization does so by its stash_type.',
  exact: 'rounded to the narrow type as before: an absolute error of one unit in its last place',
  since: 17,

  pattern: op(
    'Cast',
    'narrow',
    op(['LayerNormalization', 'RMSNormalization'], 'normalization', op('Cast', 'wide', value('x')), value('scale')),
  ),

  rewrite({ narrow, normalization, wide, x, scale }, context) {
    const type = context.dataType(x);
    const target = dataTypeOfCode(Number(context.attributes(narrow).int('to') ?? 0n));
    if (type !== 'float16' && type !== 'bfloat16') return undefined;
    if (target !== type || context.dataType(wide.output) !== 'float') return undefined;
    if (normalization.output.onlyUser !== narrow || normalization.outputs.length > 1)
      return refuse('the result in float is used elsewhere, too');
    if (context.attributes(normalization).int('stash_type') !== 1n) return refuse('it is not computed in float');
    const tensor = context.tensor(scale);
    // A scale other than 1 would be applied to what is rounded already.
    if (tensor === undefined || doublesOf(tensor)?.every((number) => number === 1) !== true)
      return refuse('it is scaled before it is rounded');
    const ones = floatTensor(type, tensor.dims, new Float64Array(tensor.elementCount).fill(1));
    const fused = context.like(normalization, [x, context.constant(ones, scale.name)], {
      stash_type: attribute.int('stash_type', 1),
    });
    return context.replace(narrow, fused);
  },

  examples: [
    {
      title: 'half precision, normalized in float',
      opset: 17,
      before: `agraph (float16[N,4] x) => (float16[N,4] y) <float[4] ones = {1, 1, 1, 1}> {
        w = Cast <to = 1> (x)
        n = LayerNormalization <axis = -1> (w, ones)
        y = Cast <to = 10> (n)
      }`,
      after: `agraph (float16[N,4] x) => (float16[N,4] y) <float16[4] ones = {15360, 15360, 15360, 15360}> {
        y = LayerNormalization <axis = -1, stash_type = 1> (x, ones)
      }`,
    },
    {
      title: 'scaled in float',
      opset: 17,
      before: `agraph (float16[N,2] x) => (float16[N,2] y) <float[2] scale = {1, 2}> {
        w = Cast <to = 1> (x)
        n = LayerNormalization <axis = -1> (w, scale)
        y = Cast <to = 10> (n)
      }`,
      after: 'unchanged',
      because: 'it is scaled before it is rounded',
    },
  ],
});
