/** Floor and Ceil, followed where sizes take a detour through floats. https://onnx.ai/onnx/operators/onnx__Floor.html */
import { carriesFractions, ceilFraction, floorFraction } from '../fraction.ts';
import { law } from '../law.ts';
import { fractionsOf, wholeFractions } from './fractions.ts';
import { shapeOf, typeOfInputs } from './support.ts';

export const rounding = law(['Ceil', 'Floor'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const round = context.node.opType === 'Floor' ? floorFraction : ceilFraction;
  const fractions = carriesFractions(dataType)
    ? wholeFractions(fractionsOf(context, 0)?.map(round), dataType)
    : undefined;
  context.output(0, { dataType, shape: shapeOf(context, 0), fractions });
});
