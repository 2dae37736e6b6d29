/** Conversion of the element type. https://onnx.ai/onnx/operators/onnx__Cast.html */
import { type DataType, dataTypeOfCode, isDataType } from '../../ir/data-type.ts';
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import { carriesElements, fitting } from './values.ts';

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

function castOutput(context: LawContext, dataType: DataType | undefined): void {
  const source = carriesElements(context.input(0)) ? context.elements(0) : undefined;
  const elements = dataType === 'bool' ? truthOf(source) : source;
  context.output(0, { dataType, shape: shapeOf(context, 0), elements: fitting(dataType, elements) });
}

function truthOf(elements: readonly Dim[] | undefined): readonly Dim[] | undefined {
  const truths = elements?.map((element) => {
    if (element.constant !== undefined) return element.constant === 0n ? Dim.zero : Dim.one;
    return element.differs(Dim.zero) ? Dim.one : undefined;
  });
  return truths?.every((truth) => truth !== undefined) === true ? truths : undefined;
}
