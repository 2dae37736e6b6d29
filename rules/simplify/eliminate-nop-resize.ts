import { op, refuse, rewrite, sameShape, uniformElement, wouldKeepIdentity } from '../../src/rule-kit.ts';

export default rewrite({
  id: 'eliminate-nop-resize',
  summary: 'Remove a Resize or Upsample to the size that its input has.',
  why: 'interpolate(x, size=y.shape[-2:]) is written for all sizes, and here they are equal.',
  exact: true,

  pattern: op(['Resize', 'Upsample'], 'resize'),

  rewrite({ resize }, context) {
    const [x] = resize.inputs;
    if (x === undefined || !sameShape(context.shape(x), context.shape(resize.output))) return undefined;
    const attributes = context.attributes(resize);
    if (attributes.string('coordinate_transformation_mode') === 'tf_crop_and_resize') return refuse('it crops');
    const isOld = resize.opType === 'Upsample' || context.opset < 11;
    const scales = isOld ? resize.inputs[1] : resize.inputs[2];
    const sizes = isOld ? undefined : resize.inputs[3];
    const list = attributes.floats('scales');
    const isOne =
      list === undefined ? uniformElement(context.tensor(scales)) === 1 : list.every((scale) => scale === 1);
    const keepsRatio = (attributes.string('keep_aspect_ratio_policy') ?? 'stretch') !== 'stretch';
    if (!isOne && (sizes === undefined || keepsRatio)) return refuse('its scales are not known to be 1');
    return wouldKeepIdentity(resize.output, x) ? undefined : context.replace(resize, x);
  },

  examples: [
    {
      title: 'to the size of another map of the same size',
      before: `agraph (float[N,3,8,8] x, float[N,3,8,8] z) => (float[N,3,8,8] y) {
        sizes = Shape (z)
        a = Resize <mode = "linear"> (x, "", "", sizes)
        y = Add (a, z)
      }`,
      after: `agraph (float[N,3,8,8] x, float[N,3,8,8] z) => (float[N,3,8,8] y) {
        y = Add (x, z)
      }`,
    },
    {
      title: 'scales that round to the same size still move what they sample',
      before: `agraph (float[1,1,4,4] x) => (float[1,1,4,4] y) <float[4] scales = {1, 1, 1.1, 1.1}> {
        y = Resize <mode = "linear"> (x, "", scales)
      }`,
      after: 'unchanged',
      because: 'its scales are not known to be 1',
    },
  ],
});
