/** Trilu keeps one triangle of the last two axes, `k` diagonals off. https://onnx.ai/onnx/operators/onnx__Trilu.html */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOfRankAtLeast, typeOfInputs } from './support.ts';
import { carriesElements, knownArray } from './values.ts';

export const triangle = law(['Trilu', 'com.microsoft::Trilu'], (context) => {
  const shape = shapeOfRankAtLeast(context, 0, 2);
  context.output(0, { dataType: typeOfInputs(context, 0), shape, elements: keptElements(context) });
});

function keptElements(context: LawContext): readonly Dim[] | undefined {
  const data = carriesElements(context.input(0)) ? knownArray(context, 0) : undefined;
  const k = context.input(1) === undefined ? 0n : context.integers(1)?.[0];
  const [rows = 0, columns = 0] = data?.dims.slice(-2) ?? [];
  if (data === undefined || k === undefined) return undefined;
  const isUpper = context.attributes.int('upper') !== 0n;
  return data.elements.map((element, flat) => {
    const beyond = BigInt((flat % columns) - (Math.floor(flat / columns) % rows)) - k;
    return (isUpper ? beyond >= 0n : beyond <= 0n) ? element : Dim.zero;
  });
}
