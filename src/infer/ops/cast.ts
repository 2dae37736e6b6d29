/** Conversion of the element type. https://onnx.ai/onnx/operators/onnx__Cast.html */
import { type DataType, dataTypeOfCode, isDataType } from '../../ir/data-type.ts';
import { Dim } from '../dim.ts';
import { carriesFractions, type Fraction, inType, truncateFraction } from '../fraction.ts';
import { law, type LawContext } from '../law.ts';
import { complete, wholeFractions } from './fractions.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import { carriesElements, fitting, withUnknown } from './values.ts';

export const cast = law(['Cast'], (context) => {
  castOutput(context, targetType(context));
});

export const castLike = law(['CastLike'], (context) => {
  castOutput(context, typeOfInputs(context, 1));
});

/** `to` is a name such as FLOAT in opset 1, a code from 6 on. */
function targetType(context: LawContext): DataType | undefined {
  if (context.opset >= 6) return dataTypeOfCode(Number(context.attributes.int('to') ?? 0n));
  const name = context.attributes.string('to')?.toLowerCase() ?? '';
  return isDataType(name) ? name : undefined;
}

/**
 * Elements stay known from one whole-number type to another, and as fractions on the way through float and double.
 */
function castOutput(context: LawContext, dataType: DataType | undefined): void {
  const source = carriesElements(context.input(0))
    ? context.elements(0)
    : (floatsAs(context, dataType) ??
      (dataType === 'bool' ? undefined : context.input(0)?.fractions?.map(truncateFraction)));
  const elements = dataType === 'bool' ? truthOf(context, source) : source;
  context.output(0, {
    dataType,
    shape: shapeOf(context, 0),
    elements: fitting(dataType, elements),
    fractions: castFractions(context, dataType),
    constant:
      dataType !== undefined && context.input(0)?.dataType === dataType ? context.input(0)?.constant : undefined,
  });
}

function castFractions(context: LawContext, dataType: DataType | undefined): readonly Fraction[] | undefined {
  if (!carriesFractions(dataType)) return undefined;
  const fractions = context.input(0)?.fractions;
  if (fractions === undefined)
    return carriesElements(context.input(0)) ? wholeFractions(context.elements(0), dataType) : undefined;
  // From double to float a quotient would be rounded a second time.
  const isExact = context.input(0)?.dataType === dataType || fractions.every(({ isRounded }) => !isRounded);
  return isExact ? complete(fractions.map((fraction) => inType(fraction, dataType))) : undefined;
}

/** Constant floats as truths, or cut off towards zero; undefined when one is beyond any integer type (undefined by the standard). */
function floatsAs(context: LawContext, dataType: DataType | undefined): readonly Dim[] | undefined {
  const floats = context.floats(0);
  if (dataType === 'bool') return floats?.map((float) => (float === 0 ? Dim.zero : Dim.one));
  if (floats?.every((float) => Math.abs(float) < 2 ** 63) !== true) return undefined;
  return floats.map((float) => Dim.of(BigInt(Math.trunc(float))));
}

function truthOf(context: LawContext, elements: readonly Dim[] | undefined): readonly Dim[] | undefined {
  return withUnknown(
    context,
    elements?.map((element) => {
      if (element.constant !== undefined) return element.constant === 0n ? Dim.zero : Dim.one;
      return element.differs(Dim.zero) || context.isPositive(element) ? Dim.one : undefined;
    }),
  );
}
