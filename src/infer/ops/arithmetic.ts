/**
 * Arithmetic that broadcasts, carried out on the known elements of integer tensors: the heart of shape computations.
 * https://onnx.ai/onnx/operators/onnx__Div.html
 */
import type { DataType } from '../../ir/data-type.ts';
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { combinedFractions } from './fractions.ts';
import { isNonnegative, shapeOf, typeOfInputs } from './support.ts';
import { carriesElements, combined, fitting, knownArray, withUnknown } from './values.ts';

type Combine = (context: LawContext) => (a: Dim, b: Dim) => Dim | undefined;

/** Larger powers of dims do not occur, and would only blow expressions up. */
const MAXIMUM_POWER = 4n;

const operations: Readonly<Record<string, Combine>> = {
  Add: () => (a, b) => a.plus(b),
  Sub: () => (a, b) => a.minus(b),
  Mul: () => (a, b) => a.times(b),
  Div: () => (a, b) => (b.constant === 0n ? undefined : a.truncatedDivide(b)),
  Mod: (context) => {
    const isC = context.attributes.int('fmod') === 1n;
    return (a, b) => {
      if (b.constant === 0n) return undefined;
      return isC ? a.minus(a.truncatedDivide(b).times(b)) : a.modulo(b);
    };
  },
  Pow: () => (a, b) => {
    const exponent = b.constant;
    if (exponent === undefined || exponent < 0n || exponent > MAXIMUM_POWER) return undefined;
    return Array.from({ length: Number(exponent) }, () => a).reduce((power, factor) => power.times(factor), Dim.one);
  },
};

export const arithmetic = law(Object.keys(operations), (context) => {
  // Pow takes its type from the base alone.
  const dataType = context.node.opType === 'Pow' ? typeOfInputs(context, 0) : typeOfInputs(context, 0, 1);
  const shape = broadcastShape(context);
  const combine = operations[context.node.opType]?.(context);
  const fractions = context.opset < 7 ? undefined : combinedFractions(context, shape);
  context.output(0, {
    dataType,
    shape,
    elements: combine && pairElements(context, shape, dataType, combine),
    fractions,
  });
});

/** Before opset 7 the attribute `broadcast` says that B is to be aligned with A, at `axis` if given: the result is like A. */
export function broadcastShape(context: LawContext): readonly Dim[] | undefined {
  if (context.opset < 7) return shapeOf(context, 0);
  return context.broadcast(0, [shapeOf(context, 0), shapeOf(context, 1)]);
}

function pairElements(
  context: LawContext,
  shape: readonly Dim[] | undefined,
  dataType: DataType | undefined,
  combine: (a: Dim, b: Dim) => Dim | undefined,
): readonly Dim[] | undefined {
  if (context.opset < 7 || !carriesElements(context.input(0)) || !carriesElements(context.input(1))) return undefined;
  const arrays = [knownArray(context, 0), knownArray(context, 1)];
  const elements = combined(context, shape, arrays, (a = Dim.zero, b = Dim.zero) => combine(a, b));
  const fits = fitting(dataType, elements);
  if (context.isStrict && elements !== undefined && fits === undefined)
    context.contradiction(`[${elements.join(', ')}] is beyond ${dataType ?? 'its type'}`);
  return fits;
}

/** Min and Max take any number of operands. */
export const extremes = law(['Min', 'Max'], (context) => {
  const indices = Array.from({ length: context.inputCount }, (_, index) => index);
  const dataType = typeOfInputs(context, ...indices);
  const shapes = indices.map((index) => shapeOf(context, index));
  const shape = context.opset >= 8 ? context.broadcast(0, shapes) : shapes[0];
  const isMinimum = context.node.opType === 'Min';
  const carries = indices.every((index) => carriesElements(context.input(index)));
  const elements = carries
    ? combined(
        context,
        shape,
        indices.map((index) => knownArray(context, index)),
        (first = Dim.zero, ...rest) => rest.reduce((a, b) => (isMinimum ? a.minimum(b) : a.maximum(b)), first),
      )
    : undefined;
  context.output(0, { dataType, shape, elements: fitting(dataType, elements) });
});

export const signs = law(['Neg', 'Abs', 'Sign'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const elements = carriesElements(context.input(0))
    ? context.elements(0)?.map((dim) => signed(context, dim))
    : undefined;
  context.output(0, {
    dataType,
    shape: shapeOf(context, 0),
    elements: fitting(dataType, withUnknown(context, elements)),
  });
});

function signed(context: LawContext, dim: Dim): Dim | undefined {
  switch (context.node.opType) {
    case 'Neg':
      return dim.negated();
    case 'Abs':
      if (isNonnegative(context, dim)) return dim;
      return isNonnegative(context, dim.negated()) ? dim.negated() : dim.maximum(dim.negated());
    default:
      if (dim.constant !== undefined) return Dim.of(dim.constant > 0n ? 1 : dim.constant < 0n ? -1 : 0);
      if (context.isPositive(dim)) return Dim.one;
      return context.isPositive(dim.negated()) ? Dim.of(-1) : undefined;
  }
}
