/** Fractions of dims, as laws read and combine them. See ../fraction.ts. */
import type { Dim } from '../dim.ts';
import {
  addFractions,
  carriesFractions,
  divideFractions,
  type Fraction,
  fractionOfNumber,
  inType,
  multiplyFractions,
  negateFraction,
  wholeFraction,
} from '../fraction.ts';
import type { LawContext, OutputFact } from '../law.ts';
import { countOf, gathered, staticDims } from './values.ts';

/** Longer tensors of floats are no sizes. */
const MAXIMUM_FRACTIONS = 16;

/** What a floating-point input holds, element by element; undefined when one of them is not known. */
export function fractionsOf(context: LawContext, index: number): readonly Fraction[] | undefined {
  const fact = context.input(index);
  if (fact?.fractions !== undefined) return fact.fractions;
  const dims = staticDims(fact?.shape);
  if (dims === undefined || !carriesFractions(fact?.dataType) || countOf(dims) > MAXIMUM_FRACTIONS) return undefined;
  return complete(context.floats(index)?.map(fractionOfNumber));
}

const combinations: Readonly<
  Record<string, (a: Fraction, b: Fraction, isPositive: (dim: Dim) => boolean) => Fraction | undefined>
> = {
  Add: addFractions,
  Sub: (a, b) => addFractions(a, negateFraction(b)),
  Mul: multiplyFractions,
  Div: divideFractions,
};

/** The result of arithmetic on vectors of one length, or on a vector and one number. */
export function combinedFractions(
  context: LawContext,
  shape: readonly Dim[] | undefined,
): readonly Fraction[] | undefined {
  const combine = combinations[context.node.opType];
  const dataType = context.input(0)?.dataType;
  const dims = staticDims(shape);
  if (combine === undefined || !carriesFractions(dataType) || dims === undefined || dims.length > 1) return undefined;
  const [left, right] = [fractionsOf(context, 0), fractionsOf(context, 1)];
  if (left === undefined || right === undefined) return undefined;
  const at = (list: readonly Fraction[], index: number): Fraction | undefined => list[list.length === 1 ? 0 : index];
  return complete(
    Array.from({ length: countOf(dims) }, (_, index) => {
      const [a, b] = [at(left, index), at(right, index)];
      return (
        a &&
        b &&
        inType(
          combine(a, b, (dim) => context.isPositive(dim)),
          dataType,
        )
      );
    }),
  );
}

/** Whole numbers as a floating-point tensor holds them. */
export function wholeFractions(
  elements: readonly Dim[] | undefined,
  dataType: 'float' | 'double',
): readonly Fraction[] | undefined {
  if (elements === undefined || elements.length > MAXIMUM_FRACTIONS) return undefined;
  return complete(elements.map((element) => inType(wholeFraction(element), dataType)));
}

/** Known elements and fractions of the first input, each taken to a position of the result from where `from` says. */
export function moved(
  context: LawContext,
  shape: readonly Dim[],
  from: ((position: readonly number[]) => number) | undefined,
): Pick<OutputFact, 'elements' | 'fractions'> {
  const dims = staticDims(shape);
  if (dims === undefined || from === undefined) return {};
  const [elements, fractions] = [context.elements(0), fractionsOf(context, 0)];
  return {
    elements: elements && gathered(elements, dims, from)?.elements,
    fractions: fractions && gathered(fractions, dims, from)?.elements,
  };
}

export function complete<T>(list: readonly (T | undefined)[] | undefined): readonly T[] | undefined {
  const known = list?.filter((each) => each !== undefined);
  return known?.length === list?.length ? known : undefined;
}
