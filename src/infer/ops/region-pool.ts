/**
 * Pools over regions of interest: [regions, C, height, width].
 * https://onnx.ai/onnx/operators/onnx__RoiAlign.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOfRank, typeOfInputs } from './support.ts';

export const roiAlign = law(['RoiAlign'], (context) => {
  const regions = shapeOfRank(context, 1, 2)?.[0];
  const indices = shapeOfRank(context, 2, 1)?.[0];
  const count =
    regions !== undefined && indices !== undefined
      ? context.unify(regions, indices, 'the numbers of regions')
      : (regions ?? indices);
  outputRegions(context, count, [
    context.attributes.int('output_height') ?? 1n,
    context.attributes.int('output_width') ?? 1n,
  ]);
});

export const maxRoiPool = law(['MaxRoiPool'], (context) => {
  const pooled = context.attributes.ints('pooled_shape') ?? [];
  if (pooled.length !== 2)
    context.contradiction(`pooled_shape of MaxRoiPool must have 2 values, but has ${pooled.length}`);
  outputRegions(context, shapeOfRank(context, 1, 2)?.[0], pooled);
});

function outputRegions(context: LawContext, count: Dim | undefined, sizes: readonly bigint[]): void {
  const channels = shapeOfRank(context, 0, 4)?.[1];
  context.output(0, {
    dataType: typeOfInputs(context, 0, 1),
    shape: [
      count ?? context.unknownDim(0, 0),
      channels ?? context.unknownDim(0, 1),
      ...sizes.map((size) => Dim.of(size)),
    ],
  });
}
