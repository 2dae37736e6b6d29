/** Running sums and products along an axis. https://onnx.ai/onnx/operators/onnx__CumSum.html */
import { Dim } from '../dim.ts';
import { law } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import { carriesElements, fitting, knownArray } from './values.ts';

export const cumulative = law(['CumSum', 'CumProd'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const isSum = context.node.opType === 'CumSum';
  const data = carriesElements(context.input(0)) ? knownArray(context, 0) : undefined;
  const reverse = context.attributes.int('reverse') === 1n;
  const exclusive = context.attributes.int('exclusive') === 1n;
  let elements: readonly Dim[] | undefined;
  if (data?.dims.length === 1) {
    const order = reverse ? [...data.elements].reverse() : data.elements;
    let running = isSum ? Dim.zero : Dim.one;
    const results = order.map((element) => {
      const before = running;
      running = isSum ? running.plus(element) : running.times(element);
      return exclusive ? before : running;
    });
    elements = reverse ? results.reverse() : results;
  }
  context.output(0, { dataType, shape: shapeOf(context, 0), elements: fitting(dataType, elements) });
});
