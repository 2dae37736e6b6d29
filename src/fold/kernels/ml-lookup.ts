/** ai.onnx.ml operators that look elements up: LabelEncoder CategoryMapper OneHotEncoder. */
import { bytesOf } from '../../ir/attribute.ts';
import { type DataType, isFloatType } from '../../ir/data-type.ts';
import { arrayOf, countOf, createData, isBigData, isStringData, type NDArray, type StringData } from '../array.ts';
import type { Element } from '../elementwise.ts';
import { integersIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { gatherRuns } from '../move.ts';
import { refuse } from '../refusal.ts';
import { concatenated } from './movement.ts';

type Key = number | bigint | string;

/** A key that is equal for equal elements: one NaN is like another, 0 like -0, strings byte for byte. */
function keyOf(element: Element): Key {
  if (!(element instanceof Uint8Array)) return element;
  let text = '';
  for (const byte of element) text += String.fromCharCode(byte);
  return text;
}

function elementsOf(array: NDArray): ArrayLike<Element> {
  return array.data as ArrayLike<Element>;
}

function integers(values: readonly bigint[]): NDArray {
  return { dataType: 'int64', dims: [values.length], data: BigInt64Array.from(values) };
}

function strings(values: StringData): NDArray {
  return { dataType: 'string', dims: [values.length], data: values };
}

function floats(values: readonly number[]): NDArray {
  return { dataType: 'float', dims: [values.length], data: Float32Array.from(values) };
}

/** The list among `keys_*` or `values_*` that the node has, by its ending. */
function listOf({ attributes }: KernelContext, stem: string): NDArray | undefined {
  const tensor = attributes.tensor(`${stem}_tensor`);
  if (tensor !== undefined) return tensor.isResident ? arrayOf(tensor) : refuse(`${stem}_tensor is not in memory`);
  const [texts, whole, real] = [
    attributes.bytesList(`${stem}_strings`),
    attributes.ints(`${stem}_int64s`),
    attributes.floats(`${stem}_floats`),
  ];
  if (texts !== undefined) return strings(texts);
  if (whole !== undefined) return integers(whole);
  return real === undefined ? undefined : floats(real);
}

/** What stands for keys that are not listed, as an array of one element of the type of the values. */
function fallbackOf({ attributes }: KernelContext, dataType: DataType): NDArray {
  const tensor = attributes.tensor('default_tensor');
  if (tensor !== undefined && tensor.dataType === dataType) return { ...arrayOf(tensor), dims: [1] };
  if (dataType === 'string') return strings([attributes.bytes('default_string') ?? bytesOf('_Unused')]);
  const data = createData(dataType, 1);
  if (isBigData(data)) data[0] = attributes.int('default_int64') ?? -1n;
  else if (isFloatType(dataType)) data[0] = dataType === 'float' ? (attributes.float('default_float') ?? -0) : -0;
  else data[0] = -1;
  return { dataType, dims: [1], data };
}

/** Elements of `x` found among `keys` become the values at the same place, others the fallback. The last of equal keys counts. */
function lookedUp(x: NDArray, keys: NDArray, values: NDArray, fallback: NDArray): NDArray {
  if (keys.dataType !== x.dataType) return refuse(`keys of ${keys.dataType} for elements of ${x.dataType}`);
  if (countOf(keys) !== countOf(values)) return refuse('keys and values differ in length');
  const places = new Map<Key, number>();
  Array.from(elementsOf(keys), keyOf).forEach((key, index) => places.set(key, index));
  const missing = countOf(values);
  const positions = Uint32Array.from(Array.from(elementsOf(x), keyOf), (key) => places.get(key) ?? missing);
  return gatherRuns(concatenated([{ ...values, dims: [missing] }, fallback], 0), positions, 1, x.dims);
}

/** LabelEncoder-1 maps strings to their place in classes_strings, or places to strings. */
function runOldLabelEncoder(context: KernelContext): NDArray {
  const x = context.input(0);
  const classes = strings(context.attributes.bytesList('classes_strings') ?? refuse('LabelEncoder has no classes'));
  const places = integers(Array.from({ length: countOf(classes) }, (_, index) => BigInt(index)));
  return isStringData(x.data)
    ? lookedUp(x, classes, places, fallbackOf(context, 'int64'))
    : lookedUp(x, places, classes, fallbackOf(context, 'string'));
}

function runLabelEncoder(context: KernelContext): NDArray {
  if (context.opset < 2) return runOldLabelEncoder(context);
  const keys = listOf(context, 'keys') ?? refuse('LabelEncoder has no keys');
  const values = listOf(context, 'values') ?? refuse('LabelEncoder has no values');
  // LabelEncoder-4 says that it matches any NaN.
  if (context.opset < 4 && Array.from(elementsOf(keys)).some(Number.isNaN)) context.disputed('NaN as a key');
  return lookedUp(context.input(0), keys, values, fallbackOf(context, values.dataType));
}

/** Strings to integers or back, by two parallel lists. */
function runCategoryMapper(context: KernelContext): NDArray {
  const x = context.input(0);
  const texts = strings(context.attributes.bytesList('cats_strings') ?? []);
  const numbers = integers(context.attributes.ints('cats_int64s') ?? []);
  return isStringData(x.data)
    ? lookedUp(x, texts, numbers, fallbackOf(context, 'int64'))
    : lookedUp(x, numbers, texts, fallbackOf(context, 'string'));
}

/** A new last axis with a 1 at the place of the category; numbers are cast to int64 before they are looked up. */
function runOneHotEncoder(context: KernelContext): NDArray {
  const x = context.input(0);
  const texts = context.attributes.bytesList('cats_strings');
  const categories = isStringData(x.data)
    ? (texts ?? refuse('OneHotEncoder has no strings')).map(keyOf)
    : (context.attributes.ints('cats_int64s') ?? refuse('OneHotEncoder has no integers'));
  const places = new Map<Key, number>(categories.map((category, index) => [category, index]));
  const sought: Key[] = isStringData(x.data)
    ? x.data.map(keyOf)
    : isFloatType(x.dataType)
      ? Array.from(x.data as Float32Array, (value) =>
          Number.isFinite(value) ? BigInt(Math.trunc(value)) : refuse('a category that is not finite'),
        )
      : integersIn(x);
  const data = new Float32Array(sought.length * categories.length);
  sought.forEach((key, index) => {
    const place = places.get(key);
    if (place !== undefined) data[index * categories.length + place] = 1;
    else if (!context.flag('zeros')) refuse('a category is not listed, and zeros is 0');
  });
  return { dataType: 'float', dims: [...x.dims, categories.length], data };
}

export const lookupKernels: readonly Kernel[] = [
  kernel(['ai.onnx.ml::LabelEncoder'], { exactness: 'exact', run: runLabelEncoder }),
  kernel(['ai.onnx.ml::CategoryMapper'], { exactness: 'exact', run: runCategoryMapper }),
  kernel(['ai.onnx.ml::OneHotEncoder'], { exactness: 'exact', run: runOneHotEncoder }),
];
