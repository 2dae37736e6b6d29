/**
 * Elements that are looked up in a table of keys: the shape stays, the type is that of the table's values.
 * https://onnx.ai/onnx/operators/onnx_aionnxml_LabelEncoder.html
 */
import type { DataType } from '../../ir/data-type.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

/** Lists by the end of their name, and what they hold. */
const lists: readonly (readonly [ending: string, dataType: DataType])[] = [
  ['strings', 'string'],
  ['int64s', 'int64'],
  ['floats', 'float'],
];

/** Keys and values are lists of one type each; opset 1 has one list of strings, which its int64 elements count. */
export const labelEncoder = law(['ai.onnx.ml::LabelEncoder'], (context) => {
  const dataType = context.opset < 2 ? counterpart(context) : tableType(context, 'values');
  if (context.opset >= 2) {
    const keyType = tableType(context, 'keys');
    const given = typeOfInputs(context, 0);
    if (keyType !== undefined && given !== undefined && keyType !== given)
      context.contradiction(`its keys are ${keyType}, but its input is ${given}`);
    checkTable(context, dataType);
  }
  context.output(0, { dataType, shape: shapeOf(context, 0) });
});

/** Strings become numbers, numbers strings: `cats_strings` and `cats_int64s` run in parallel. */
export const categoryMapper = law(['ai.onnx.ml::CategoryMapper'], (context) => {
  const strings = listLength(context, 'cats_strings');
  const numbers = listLength(context, 'cats_int64s');
  if (strings === undefined || numbers === undefined || strings !== numbers)
    context.contradiction(
      `it needs cats_strings and cats_int64s of one length, but has ${strings ?? 'none'} and ${numbers ?? 'none'}`,
    );
  context.output(0, { dataType: counterpart(context), shape: shapeOf(context, 0) });
});

function counterpart(context: LawContext): DataType | undefined {
  const given = typeOfInputs(context, 0);
  return given === 'string' ? 'int64' : given === 'int64' ? 'string' : undefined;
}

/** The type of the one list, or tensor, that is given under a name; a contradiction when there are two. */
function tableType(context: LawContext, name: string): DataType | undefined {
  const found = lists.filter(([ending]) => context.attributes.has(`${name}_${ending}`)).map(([, dataType]) => dataType);
  const tensor = context.attributes.tensor(`${name}_tensor`);
  if (tensor !== undefined) found.push(tensor.dataType);
  if (found.length !== 1) context.contradiction(`it needs one list of ${name}, but has ${found.length}`);
  return found[0];
}

function checkTable(context: LawContext, dataType: DataType | undefined): void {
  const [keys, values] = ['keys', 'values'].map((name) => tableLength(context, name));
  if (keys !== undefined && values !== undefined && keys !== values)
    context.contradiction(`it has ${keys} keys for ${values} values`);
  const fallback = context.attributes.tensor('default_tensor');
  if (fallback === undefined) return;
  if (dataType !== undefined && fallback.dataType !== dataType)
    context.contradiction(`its default is ${fallback.dataType}, but its values are ${dataType}`);
  if (fallback.dims.length !== 1 || fallback.elementCount !== 1)
    context.contradiction(`its default must be one element of rank 1, but has the shape [${fallback.dims.join(', ')}]`);
}

function tableLength(context: LawContext, name: string): number | undefined {
  const tensor = context.attributes.tensor(`${name}_tensor`);
  if (tensor !== undefined) return tensor.elementCount;
  return lists.map(([ending]) => listLength(context, `${name}_${ending}`)).find((length) => length !== undefined);
}

/** The length of an attribute that is a list of strings, ints or floats; undefined when it is absent. */
export function listLength(context: LawContext, name: string): number | undefined {
  const { attributes } = context;
  return (attributes.bytesList(name) ?? attributes.ints(name) ?? attributes.floats(name))?.length;
}
