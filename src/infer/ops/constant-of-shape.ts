/** A tensor of one value repeated. https://onnx.ai/onnx/operators/onnx__ConstantOfShape.html */
import { integersOf, type Tensor } from '../../ir/tensor.ts';
import { Dim } from '../dim.ts';
import { law } from '../law.ts';
import { rankFromLength } from './support.ts';
import { countOf, isSmall, staticDims } from './values.ts';

export const constantOfShape = law(['ConstantOfShape'], (context) => {
  const value = context.attributes.tensor('value');
  const dataType = value?.dataType ?? 'float';
  const shape = context.elements(0);
  if (shape === undefined) {
    const rank = rankFromLength(context, 0);
    return context.output(0, { dataType, shape: rank === undefined ? undefined : context.unknownShape(0, rank) });
  }
  // What may be negative as far as is known fails where it is.
  const known = shape.map((dim) => (dim.constant === undefined ? dim.maximum(Dim.zero) : dim));
  const dims = staticDims(known);
  const fill = fillOf(value);
  const elements =
    dims === undefined || fill === undefined || !isSmall(dims)
      ? undefined
      : Array.from({ length: countOf(dims) }, () => Dim.of(fill));
  context.output(0, { dataType, shape: known, elements });
});

function fillOf(value: Tensor | undefined): bigint | undefined {
  if (value === undefined) return undefined;
  if (value.dataType === 'bool' && value.isResident) return BigInt(value.bytes[0] ?? 0);
  return integersOf(value)?.[0];
}
