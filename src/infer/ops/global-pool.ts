/**
 * Global pools: one window over all of the spatial axes, which stay with size 1.
 * https://onnx.ai/onnx/operators/onnx__GlobalAveragePool.html
 */
import { Dim } from '../dim.ts';
import { law } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

export const globalPool = law(
  ['GlobalAveragePool', 'GlobalLpPool', 'GlobalMaxPool', 'com.microsoft::QLinearGlobalAveragePool'],
  (context) => {
    const channelsLast = (context.attributes.int('channels_last') ?? 0n) !== 0n;
    const shape = shapeOf(context, 0);
    context.output(0, {
      dataType: typeOfInputs(context, 0),
      shape: shape?.map((dim, axis) => {
        const kept = axis === 0 || axis === (channelsLast ? shape.length - 1 : 1);
        return kept ? dim : Dim.one;
      }),
    });
  },
);
