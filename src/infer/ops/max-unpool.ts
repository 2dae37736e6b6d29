/**
 * MaxUnpool: the partial inverse of MaxPool. The shape is the third input where it is given,
 * else each spatial axis is stride * (D - 1) + kernel - pads.
 * https://onnx.ai/onnx/operators/onnx__MaxUnpool.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { rankFromLength, shapeOfRankAtLeast, sizesOf, typeOfInputs } from './support.ts';
import { windowsOf } from './windows.ts';

export const maxUnpool = law(['MaxUnpool'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 0), shape: unpooledShape(context) });
});

function unpooledShape(context: LawContext): readonly Dim[] | undefined {
  const input = shapeOfRankAtLeast(context, 0, 3);
  const indices = shapeOfRankAtLeast(context, 1, 3);
  if (input !== undefined && indices !== undefined && input.length !== indices.length)
    context.contradiction(`MaxUnpool has an input of rank ${input.length} and indices of rank ${indices.length}`);
  input?.forEach((dim, axis) => context.unify(dim, indices?.[axis] ?? dim, `axis ${axis} of input and indices`));
  if (context.input(2) !== undefined) {
    const given = sizesOf(context, 2);
    const rank = input?.length ?? rankFromLength(context, 2);
    if (given !== undefined && rank !== given.length)
      context.contradiction(`output_shape of MaxUnpool has ${given.length} elements for an input of rank ${rank}`);
    if (rank === undefined) return undefined;
    return Array.from({ length: rank }, (_, axis) => given?.[axis] ?? context.unknownDim(0, axis));
  }
  if (input === undefined) return undefined;
  const windows = windowsOf(context, input.length - 2, undefined);
  return input.map((dim, axis) => {
    const spatial = axis - 2;
    if (spatial < 0) return dim;
    const pads = (windows.begins[spatial] ?? 0n) + (windows.ends[spatial] ?? 0n);
    const stride = Dim.of(windows.strides[spatial] ?? 1n);
    const extent = windows.extents[spatial];
    return extent === undefined
      ? context.unknownDim(0, axis)
      : dim.minus(Dim.one).times(stride).plus(extent).minus(Dim.of(pads));
  });
}
