/**
 * Optionals wrap a tensor or a sequence, or nothing.
 * https://onnx.ai/onnx/operators/onnx__Optional.html
 */
import { Dim } from '../dim.ts';
import { law } from '../law.ts';
import { factOfType, typeOfFact } from './element-type.ts';

/** Without an input it is empty, and `type` says of what. */
export const optional = law(['Optional'], (context) => {
  const declared = context.node.attributes.get('type');
  const empty = declared?.kind === 'type_proto' ? declared.value : undefined;
  const element = context.input(0) === undefined ? empty : typeOfFact(context.input(0));
  context.output(0, { otherType: { kind: 'optional', element } });
});

/** Since opset 18 a tensor or a sequence may come in as it is. */
export const optionalGetElement = law(['OptionalGetElement'], (context) => {
  const input = context.input(0);
  const type = input?.otherType;
  if (type?.kind === 'optional') context.output(0, factOfType(context, 0, type.element));
  else if (input !== undefined) context.output(0, { dataType: input.dataType, shape: input.shape, otherType: type });
});

/** Of what is no optional, or left out (both since opset 18), the answer is known. */
export const optionalHasElement = law(['OptionalHasElement'], (context) => {
  const input = context.input(0);
  const isOptional = input?.otherType?.kind === 'optional';
  const isTold = input === undefined || input.dataType !== undefined || input.otherType !== undefined;
  const elements = isOptional || !isTold ? undefined : [input === undefined ? Dim.zero : Dim.one];
  context.output(0, { dataType: 'bool', shape: [], elements });
});
