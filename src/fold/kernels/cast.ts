/** Cast CastLike BitCast. */
import { type DataType, dataTypeInfo, dataTypeOfCode, isDataType } from '../../ir/data-type.ts';
import { Tensor } from '../../ir/tensor.ts';
import { arrayOf, bytesOfArray, isStringData, type NDArray } from '../array.ts';
import { type ConversionOptions, converted } from '../convert.ts';
import type { PowerRounding } from '../float-formats.ts';
import { type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';

/** The type an attribute names by its code; before Cast-6 it was named by its text. */
export function typeAttribute(context: KernelContext, name: string): DataType | undefined {
  const code = context.attributes.number(name);
  if (code !== undefined) return dataTypeOfCode(code) ?? refuse(`${code} is no element type`);
  const text = context.attributes.string(name)?.toLowerCase();
  if (text === undefined) return undefined;
  return isDataType(text) ? text : refuse(`'${text}' is no element type`);
}

export function conversionOptions(context: KernelContext): ConversionOptions {
  return {
    saturate: (context.attributes.int('saturate') ?? 1n) !== 0n,
    roundMode: (context.attributes.string('round_mode') ?? 'up') as PowerRounding,
    saturateInfinity: context.opset >= 24,
    followReference: !context.isStrict,
  };
}

function runBitCast(context: KernelContext): NDArray {
  const array = context.input(0);
  const to = typeAttribute(context, 'to') ?? refuse('BitCast has no type');
  if (isStringData(array.data) || to === 'string' || dataTypeInfo(to).bits !== dataTypeInfo(array.dataType).bits)
    return refuse(`BitCast of ${array.dataType} to ${to}`);
  return arrayOf(new Tensor(to, array.dims, bytesOfArray(array)));
}

export const castKernels: readonly Kernel[] = [
  kernel(['Cast'], {
    exactness: 'exact',
    run: (context) =>
      converted(
        context.input(0),
        typeAttribute(context, 'to') ?? refuse('Cast has no type'),
        conversionOptions(context),
      ),
  }),
  kernel(['CastLike'], {
    exactness: 'exact',
    run: (context) => converted(context.input(0), context.input(1).dataType, conversionOptions(context)),
  }),
  kernel(['BitCast'], { exactness: 'exact', run: runBitCast }),
];
