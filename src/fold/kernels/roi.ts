/** RoiAlign MaxRoiPool: a grid of values from each region of interest of an image [N, C, height, width]. */
import type { NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { doublesIn, integersIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';

/** Linear value of a plane at (y, x); 0 beyond one step outside, the edge within it (RoiAlign-10). */
function bilinear(
  plane: (y: number, x: number) => number,
  height: number,
  width: number,
  y: number,
  x: number,
  combine: (terms: readonly number[]) => number,
): number {
  if (y < -1 || y > height || x < -1 || x > width) return 0;
  const [cy, cx] = [Math.max(y, 0), Math.max(x, 0)];
  const [y0, x0] = [Math.min(Math.floor(cy), height - 1), Math.min(Math.floor(cx), width - 1)];
  const [y1, x1] = [Math.min(y0 + 1, height - 1), Math.min(x0 + 1, width - 1)];
  const [fy, fx] = [y0 === height - 1 ? 0 : cy - y0, x0 === width - 1 ? 0 : cx - x0];
  return combine([
    (1 - fy) * (1 - fx) * plane(y0, x0),
    (1 - fy) * fx * plane(y0, x1),
    fy * (1 - fx) * plane(y1, x0),
    fy * fx * plane(y1, x1),
  ]);
}

function runRoiAlign(context: KernelContext): NDArray {
  const [x, rois] = [context.input(0), context.input(1)];
  const batchOf = integersIn(context.input(2)).map(Number);
  const [batches, channels, height, width] = x.dims as [number, number, number, number];
  const [outHeight, outWidth] = [context.int('output_height'), context.int('output_width')];
  const [scale, ratio] = [context.float('spatial_scale'), context.int('sampling_ratio')];
  const takesMaximum = context.attributes.string('mode') === 'max';
  const isHalfPixel =
    context.opset >= 16 && context.attributes.string('coordinate_transformation_mode') !== 'output_half_pixel';
  const offset = isHalfPixel ? 0.5 : 0;
  const [values, corners] = [doublesIn(x), doublesIn(rois)];
  const count = rois.dims[0] as number;
  const data = new Float64Array(count * channels * outHeight * outWidth);
  for (let r = 0; r < count; r++) {
    const batch = batchOf[r] as number;
    if (batch < 0 || batch >= batches) return refuse('a batch index is out of range');
    const [x1, y1, x2, y2] = [0, 1, 2, 3].map((k) => (corners[r * 4 + k] as number) * scale - offset) as [
      number,
      number,
      number,
      number,
    ];
    const size = (length: number): number => (isHalfPixel ? length : Math.max(length, 1));
    const [binHeight, binWidth] = [size(y2 - y1) / outHeight, size(x2 - x1) / outWidth];
    const rows = ratio > 0 ? ratio : Math.ceil(binHeight);
    const columns = ratio > 0 ? ratio : Math.ceil(binWidth);
    for (let c = 0; c < channels; c++) {
      const base = (batch * channels + c) * height * width;
      const plane = (y: number, column: number): number => values[base + y * width + column] as number;
      for (let i = 0; i < outHeight; i++) {
        for (let j = 0; j < outWidth; j++) {
          let total = takesMaximum ? -Infinity : 0;
          for (let a = 0; a < rows; a++) {
            for (let b = 0; b < columns; b++) {
              const y = y1 + i * binHeight + ((a + 0.5) * binHeight) / rows;
              const at = x1 + j * binWidth + ((b + 0.5) * binWidth) / columns;
              const sum = (terms: readonly number[]): number => terms.reduce((left, right) => left + right, 0);
              // The maximum is taken over the weighted neighbours, not over interpolated values, as ONNX Runtime does.
              if (takesMaximum)
                total = Math.max(
                  total,
                  bilinear(plane, height, width, y, at, (terms) => Math.max(...terms)),
                );
              else total += bilinear(plane, height, width, y, at, sum);
            }
          }
          data[((r * channels + c) * outHeight + i) * outWidth + j] = takesMaximum
            ? total
            : total / Math.max(1, rows * columns);
        }
      }
    }
  }
  return converted({ dataType: 'double', dims: [count, channels, outHeight, outWidth], data }, x.dataType);
}

/** The cells of a region that belong to bin `index` of `bins`, cut to the image. */
function binRange(start: number, size: number, index: number, bins: number, limit: number): readonly [number, number] {
  const clamp = (value: number): number => Math.min(Math.max(value, 0), limit);
  const low = Math.floor(Math.fround(index * Math.fround(size / bins)));
  const high = Math.ceil(Math.fround((index + 1) * Math.fround(size / bins)));
  return [clamp(low + start), clamp(high + start)];
}

/** The maximum of each bin; regions are (batch, x1, y1, x2, y2), rounded to whole cells and at least one cell large. */
function runMaxRoiPool(context: KernelContext): NDArray {
  const [x, rois] = [context.input(0), context.input(1)];
  const [batches = 0, channels = 0, height = 0, width = 0] = x.dims;
  const [rows = 0, columns = 0] = context.ints('pooled_shape') ?? [];
  const scale = context.float('spatial_scale');
  if (x.dims.length !== 4 || rois.dims.length !== 2 || rois.dims[1] !== 5 || rows < 1 || columns < 1)
    return refuse('inputs of MaxRoiPool do not fit');
  const [values, regions] = [doublesIn(x), doublesIn(rois)];
  const count = rois.dims[0] as number;
  const data = new Float64Array(count * channels * rows * columns);
  for (let r = 0; r < count; r++) {
    const batch = regions[r * 5] as number;
    if (!Number.isInteger(batch) || batch < 0 || batch >= batches) return refuse('a batch index is out of range');
    // Halves are rounded away from 0, as C's round does.
    const [x1, y1, x2, y2] = [1, 2, 3, 4].map((k) => {
      const corner = Math.fround((regions[r * 5 + k] as number) * scale);
      return Math.sign(corner) * Math.round(Math.abs(corner));
    }) as [number, number, number, number];
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < rows; i++) {
        const [top, bottom] = binRange(y1, Math.max(y2 - y1 + 1, 1), i, rows, height);
        for (let j = 0; j < columns; j++) {
          const [left, right] = binRange(x1, Math.max(x2 - x1 + 1, 1), j, columns, width);
          let best = top >= bottom || left >= right ? 0 : -Infinity;
          for (let y = top; y < bottom; y++)
            for (let at = left; at < right; at++)
              best = Math.max(best, values[((batch * channels + c) * height + y) * width + at] as number);
          data[((r * channels + c) * rows + i) * columns + j] = best;
        }
      }
    }
  }
  return converted({ dataType: 'double', dims: [count, channels, rows, columns], data }, x.dataType);
}

export const roiKernels: readonly Kernel[] = [
  kernel(['RoiAlign'], { exactness: 'bounded', ulp: 4, run: runRoiAlign }),
  kernel(['MaxRoiPool'], { exactness: 'exact', run: runMaxRoiPool }),
];
