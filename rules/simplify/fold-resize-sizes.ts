import { type Dim, op, refuse, rewrite, Tensor } from '../../src/rule-kit.ts';

/** Largest factor between sizes that counts as a scale; far beyond any real upsampling. */
const MAXIMUM_FACTOR = 1024n;

/** The factor from `from` to `to` when it is a whole number or one over a power of two: then size * scale is exact in float. */
function exactScale(from: Dim, to: Dim): number | undefined {
  if (from.equals(to)) return 1;
  const up = to.divideExactly(from)?.constant;
  if (up !== undefined && up > 0n && up <= MAXIMUM_FACTOR) return Number(up);
  const down = from.divideExactly(to)?.constant;
  if (down === undefined || down <= 0n || down > MAXIMUM_FACTOR || (down & (down - 1n)) !== 0n) return undefined;
  return 1 / Number(down);
}

export default rewrite({
  id: 'fold-resize-sizes',
  summary: 'Turn the computed sizes of a Resize into constant scales.',
  why: 'interpolate(scale_factor=2) is exported as sizes computed from the shape; constant scales need no computation and TensorRT likes them better.',
  exact: true,
  since: 11,

  pattern: op('Resize', 'resize'),

  rewrite({ resize }, context) {
    const [x, roi, , sizes] = resize.inputs;
    if (x === undefined || sizes === undefined || context.tensor(sizes) !== undefined) return undefined;
    const attributes = context.attributes(resize);
    if (attributes.string('coordinate_transformation_mode') === 'tf_crop_and_resize') return refuse('it crops');
    if ((attributes.string('keep_aspect_ratio_policy') ?? 'stretch') !== 'stretch')
      return refuse('it keeps the aspect ratio');
    const from = context.shape(x);
    const to = context.fact(sizes).elements;
    if (from === undefined || to === undefined) return refuse('its sizes are not known as expressions');
    const axes = attributes.numbers('axes') ?? from.map((_, axis) => axis);
    const scales = to.map((dim, index) => {
      const input = from.at(axes[index] ?? from.length);
      return input === undefined ? undefined : exactScale(input, dim);
    });
    if (!scales.every((scale) => scale !== undefined))
      return refuse('a size is not a whole multiple, or a half, quarter ... of what it was');
    const bytes = new Uint8Array(Float32Array.from(scales).buffer);
    const constant = context.constant(new Tensor('float', [scales.length], bytes), `${resize.output.name}_scales`);
    // Before opset 13 roi and scales may not be omitted; an empty roi stands for none.
    return context.replace(resize, context.like(resize, [x, roi, constant]));
  },

  examples: [
    {
      title: 'twice the size',
      before: `agraph (float[N,3,H,W] x) => (float[N,3,P,Q] y) <
        int64[1] zero = {0}, int64[1] two = {2}, int64[1] four = {4}, int64[2] twice = {2, 2}> {
        s = Shape (x)
        nc = Slice (s, zero, two, zero)
        hw = Slice (s, two, four, zero)
        hw2 = Mul (hw, twice)
        sizes = Concat <axis = 0> (nc, hw2)
        y = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, "", "", sizes)
      }`,
      after: `agraph (float[N,3,H,W] x) => (float[N,3,P,Q] y) <float[4] scales = {1, 1, 2, 2}> {
        y = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, "", scales)
      }`,
    },
    {
      title: 'to the size of another value',
      before: `agraph (float[1,3,H,W] x, float[1,3,P,Q] z) => (float[1,3,P,Q] y) {
        sizes = Shape (z)
        y = Resize <mode = "nearest", coordinate_transformation_mode = "asymmetric", nearest_mode = "floor"> (x, "", "", sizes)
      }`,
      after: 'unchanged',
      because: 'a size is not a whole multiple, or a half, quarter ... of what it was',
    },
  ],
});
