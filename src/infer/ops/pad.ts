/**
 * Pad: each axis grows by what is put before and after it; negative pads cut.
 * Pads are the attribute `paddings` in opset 1, `pads` from 2, an input from 11; `axes` from 18.
 * https://onnx.ai/onnx/operators/onnx__Pad.html
 */
import { Dim } from '../dim.ts';
import { law, normalAxis, type LawContext } from '../law.ts';
import { isNegative, rankFromLength, shapeOf, typeOfInputs } from './support.ts';

export const pad = law(['Pad', 'com.microsoft::Pad'], (context) => {
  context.output(0, { dataType: typeOfInputs(context, 0, 2), shape: paddedShape(context) });
});

function paddedShape(context: LawContext): readonly Dim[] | undefined {
  const input = shapeOf(context, 0);
  const pads = padsOf(context);
  const hasAxes = context.input(3) !== undefined;
  if (input === undefined) {
    const length = hasAxes ? undefined : (pads?.length ?? rankFromLength(context, 1));
    return length === undefined ? undefined : context.unknownShape(0, length / 2);
  }
  const axes = hasAxes
    ? context.integers(3)?.map((axis) => normalAxis(context, axis, input.length))
    : input.map((_, axis) => axis);
  if (axes !== undefined && pads !== undefined && pads.length !== 2 * axes.length)
    context.contradiction(`Pad is given ${pads.length} pads for ${axes.length} axes`);
  return input.map((dim, axis) => {
    const index = axes?.indexOf(axis);
    if (index === -1) return dim;
    if (index === undefined || axes === undefined) return context.unknownDim(0, axis);
    const begin = pads?.[index];
    const end = pads?.[index + axes.length];
    if (begin === undefined || end === undefined) return context.unknownDim(0, axis);
    const padded = dim.plus(begin).plus(end);
    if (isNegative(padded))
      context.contradiction(`axis ${axis} of size ${dim.toString()} is padded to ${padded.toString()}`);
    return padded;
  });
}

function padsOf(context: LawContext): readonly Dim[] | undefined {
  if (context.node.domain === '' && context.opset < 11) {
    const name = context.opset === 1 ? 'paddings' : 'pads';
    return context.attributes.ints(name)?.map((value) => Dim.of(value));
  }
  return context.elements(1);
}
