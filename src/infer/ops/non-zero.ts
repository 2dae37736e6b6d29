/** The indices of what is not zero: [rank, count], row by row. https://onnx.ai/onnx/operators/onnx__NonZero.html */
import { Dim } from '../dim.ts';
import { law } from '../law.ts';
import { shapeOf } from './support.ts';
import { carriesElements, isSmall, knownArray, stridesOf } from './values.ts';

export const nonZero = law(['NonZero'], (context) => {
  const data = shapeOf(context, 0);
  if (data === undefined) return context.output(0, { dataType: 'int64', shape: context.unknownShape(0, 2) });
  const rank = Dim.of(data.length);
  const array = carriesElements(context.input(0)) ? knownArray(context, 0) : undefined;
  const isSet = array?.elements.map((dim) => {
    if (dim.constant !== undefined) return dim.constant !== 0n;
    return dim.differs(Dim.zero) || context.isPositive(dim) || context.isPositive(dim.negated()) || undefined;
  });
  // Of a scalar, ONNX's inference makes [0, n] and ONNX Runtime [1, n].
  if (data.length === 0) return context.output(0, { dataType: 'int64', shape: context.unknownShape(0, 2) });
  if (array === undefined || isSet?.every((set) => set !== undefined) !== true) {
    return context.output(0, { dataType: 'int64', shape: [rank, context.unknownDim(0, 1)] });
  }
  const found = isSet.flatMap((set, flat) => (set === true ? [flat] : []));
  const strides = stridesOf(array.dims);
  const elements = array.dims.flatMap((dim, axis) =>
    found.map((flat) => Dim.of(Math.floor(flat / (strides[axis] ?? 1)) % Math.max(dim, 1))),
  );
  const shape = [rank, Dim.of(found.length)];
  context.output(0, {
    dataType: 'int64',
    shape,
    elements: isSmall([data.length, found.length]) ? elements : undefined,
  });
});
