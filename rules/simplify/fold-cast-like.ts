import { attribute, dataTypeCode, op, refuse, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'fold-cast-like',
  summary: 'Write the type of a CastLike into a Cast.',
  why: 'The second operand is read for its type alone; TensorRT knows CastLike only since 9.1.',
  exact: true,
  since: 15,

  pattern: op('CastLike', 'cast', value('x'), value('like')),

  rewrite({ cast, x, like }, context) {
    const type = context.dataType(like);
    if (type === undefined) return refuse('the element type of the second operand is not known');
    const attributes = [attribute.int('to', dataTypeCode(type))];
    const saturate = cast.attributes.get('saturate');
    if (saturate !== undefined && context.opset >= 19) attributes.push(saturate);
    return context.replace(cast, context.node('Cast', [x], { attributes, from: cast }));
  },

  examples: [
    {
      title: 'the type comes from an input',
      before: `agraph (float[2] x, double[3] z) => (double[2] y) {
        y = CastLike (x, z)
      }`,
      after: `agraph (float[2] x, double[3] z) => (double[2] y) {
        y = Cast <to = 11> (x)
      }`,
    },
    {
      title: 'nothing is known of the type',
      before: `<ir_version: 10, opset_import: ["": 21, "my.domain": 1]> agraph (float[2] x) => (float[2] y) {
        z = my.domain.Mystery (x)
        a = CastLike (x, z)
        y = my.domain.Other (a)
      }`,
      after: 'unchanged',
      because: 'the element type of the second operand is not known',
    },
  ],
});
