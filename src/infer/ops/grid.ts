/**
 * Sampling grids: X [N, C, D...] sampled at grid [N, E..., r] gives [N, C, E...] for r spatial axes.
 * https://onnx.ai/onnx/operators/onnx__GridSample.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { lengthOf, shapeOf, shapeOfRank, sizesOf, typeOfInputs } from './support.ts';

export const gridSample = law(['GridSample', 'com.microsoft::GridSample'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 0), shape: sampledShape(context) });
});

function sampledShape(context: LawContext): readonly Dim[] | undefined {
  const input = shapeOf(context, 0);
  const grid = shapeOf(context, 1);
  const rank = input?.length ?? grid?.length;
  if (rank === undefined) return undefined;
  if (input !== undefined && grid !== undefined && (input.length !== grid.length || rank < 3))
    context.contradiction(`GridSample has an input of rank ${input.length} and a grid of rank ${grid.length}`);
  const coordinates = grid?.[rank - 1];
  if (coordinates !== undefined)
    context.unify(coordinates, Dim.of(rank - 2), 'the coordinates of a grid point and the spatial axes');
  const batch =
    input?.[0] && grid?.[0] ? context.unify(input[0], grid[0], 'the batch sizes') : (input?.[0] ?? grid?.[0]);
  return Array.from({ length: rank }, (_, axis) => {
    const dim = axis === 0 ? batch : axis === 1 ? input?.[1] : grid?.[axis - 1];
    return dim ?? context.unknownDim(0, axis);
  });
}

/**
 * theta [N, r, r + 1] and the size [N, C, E...] of the image give a grid [N, E..., r], for r of 2 or 3.
 * https://onnx.ai/onnx/operators/onnx__AffineGrid.html
 */
export const affineGrid = law(['AffineGrid'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 0), shape: affineShape(context) });
});

function affineShape(context: LawContext): readonly Dim[] | undefined {
  const theta = shapeOfRank(context, 0, 3);
  const size = sizesOf(context, 1);
  const coordinates = theta?.[1]?.constant;
  const rank = lengthOf(context, 1) ?? (coordinates === undefined ? undefined : Number(coordinates) + 2);
  if (rank === undefined) return undefined;
  if (rank !== 4 && rank !== 5) context.contradiction(`AffineGrid is given a size of ${rank} values`);
  const batch =
    theta?.[0] && size?.[0] ? context.unify(theta[0], size[0], 'the batch sizes') : (theta?.[0] ?? size?.[0]);
  const spatial = Array.from({ length: rank - 2 }, (_, axis) => size?.[axis + 2] ?? context.unknownDim(0, axis + 1));
  return [batch ?? context.unknownDim(0, 0), ...spatial, Dim.of(rank - 2)];
}
