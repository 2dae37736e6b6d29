/** The operators of ai.onnx.ml on maps: ZipMap makes them, CastMap and DictVectorizer take them apart. */
import type { DataType } from '../ir/data-type.ts';
import { AttributeReader } from '../opset/attributes.ts';
import { findSchema } from '../opset/schema.ts';
import { countOf, createData, isBigData, isStringData, type NDArray } from './array.ts';
import { converted } from './convert.ts';
import { integersIn, safeNumber } from './kernel.ts';
import { concatenated } from './kernels/movement.ts';
import { zeroOf } from './kernels/pad.ts';
import { gatherRuns } from './move.ts';
import { refuse } from './refusal.ts';
import {
  type Call,
  isArray,
  isMap,
  type MapValue,
  type RuntimeValue,
  type SequenceOperator,
  sliceOf,
} from './runtime-value.ts';

type Inputs = readonly (RuntimeValue | undefined)[];

function readerOf({ node, attributes }: Call): AttributeReader {
  const opset = node.graph?.opsetVersion(node.domain) ?? 1;
  return new AttributeReader(attributes, findSchema(node.domain, node.opType, opset));
}

function mapIn(inputs: Inputs): MapValue {
  const value = inputs[0];
  return value !== undefined && isMap(value) ? value : refuse('input 0 is no map');
}

function keyArray(texts: readonly Uint8Array[] | undefined, numbers: readonly bigint[] | undefined): NDArray {
  if (texts !== undefined && texts.length > 0) return { dataType: 'string', dims: [texts.length], data: texts };
  if (numbers === undefined) return refuse('there are no keys');
  return { dataType: 'int64', dims: [numbers.length], data: BigInt64Array.from(numbers) };
}

/** A sequence of maps, one for each row of [N, C]; a vector is one row. */
function zipMap(inputs: Inputs, call: Call): RuntimeValue[] {
  const x = inputs[0];
  if (x === undefined || !isArray(x) || x.dims.length === 0 || x.dims.length > 2) return refuse('ZipMap takes [N, C]');
  const attributes = readerOf(call);
  const keys = keyArray(attributes.bytesList('classlabels_strings'), attributes.ints('classlabels_int64s'));
  const matrix = x.dims.length === 1 ? { ...x, dims: [1, countOf(x)] } : x;
  if (matrix.dims[1] !== countOf(keys)) return refuse('ZipMap has other than one key for each column');
  const rows = Array.from({ length: matrix.dims[0] as number }, (_, row) => row);
  return [rows.map((row): MapValue => ({ kind: 'map', keys, values: sliceOf(matrix, 0, row, 1, true) }))];
}

const castTypes: ReadonlyMap<string, DataType> = new Map<string, DataType>([
  ['TO_FLOAT', 'float'],
  ['TO_STRING', 'string'],
  ['TO_INT64', 'int64'],
]);

/** The values [1, C] in the order of their keys, or at the places that their keys name. */
function castMap(inputs: Inputs, call: Call): RuntimeValue[] {
  const { keys, values } = mapIn(inputs);
  const attributes = readerOf(call);
  const type = castTypes.get(attributes.string('cast_to') ?? 'TO_FLOAT') ?? refuse('the type of CastMap');
  const cast = converted(values, type);
  const places = integersIn(keys).map(safeNumber);
  const order = places.map((_, index) => index).sort((a, b) => (places[a] as number) - (places[b] as number));
  if ((attributes.string('map_form') ?? 'DENSE') === 'DENSE') return [gatherRuns(cast, order, 1, [1, order.length])];
  const length = attributes.number('max_map') ?? 1;
  const from = new Uint32Array(length).fill(places.length);
  places.forEach((place, index) => {
    if (place < 0 || place >= length) refuse(`key ${place} of a map of ${length}`);
    from[place] = index;
  });
  return [gatherRuns(concatenated([cast, { ...zeroOf(cast), dims: [1] }], 0), from, 1, [1, length])];
}

function elementKey(array: NDArray, index: number): string {
  return isStringData(array.data) ? (array.data[index] as Uint8Array).join() : String(array.data[index]);
}

/** The values at the places of their keys in a vocabulary, 0 or an empty string elsewhere. */
function dictVectorizer(inputs: Inputs, call: Call): RuntimeValue[] {
  const { keys, values } = mapIn(inputs);
  const attributes = readerOf(call);
  const vocabulary = keyArray(attributes.bytesList('string_vocabulary'), attributes.ints('int64_vocabulary'));
  const count = countOf(keys);
  const places = new Map(Array.from({ length: count }, (_, index) => [elementKey(keys, index), index]));
  const length = countOf(vocabulary);
  const from = Uint32Array.from({ length }, (_, index) => places.get(elementKey(vocabulary, index)) ?? count);
  if (keys.dataType !== vocabulary.dataType) return refuse(`keys of ${keys.dataType} in a vocabulary of another type`);
  return [gatherRuns(concatenated([values, { ...zeroOf(values), dims: [1] }], 0), from, 1, [1, length])];
}

/** A map of any key and value type from pairs; what a caller hands to a model. */
export function mapOf(
  keyType: 'string' | 'int64',
  valueType: DataType,
  pairs: readonly (readonly [Uint8Array | bigint, Uint8Array | bigint | number])[],
): MapValue {
  const list = (dataType: DataType, elements: readonly (Uint8Array | bigint | number)[]): NDArray => {
    const dims = [elements.length];
    if (dataType === 'string') return { dataType, dims, data: elements as Uint8Array[] };
    const data = createData(dataType, elements.length);
    elements.forEach((element, index) => {
      if (isBigData(data)) data[index] = BigInt(element as bigint);
      else data[index] = Number(element);
    });
    return { dataType, dims, data };
  };
  return {
    kind: 'map',
    keys: list(
      keyType,
      pairs.map(([key]) => key),
    ),
    values: list(
      valueType,
      pairs.map(([, value]) => value),
    ),
  };
}

export const mapOperators: ReadonlyMap<string, SequenceOperator> = new Map<string, SequenceOperator>([
  ['ai.onnx.ml::ZipMap', zipMap],
  ['ai.onnx.ml::CastMap', castMap],
  ['ai.onnx.ml::DictVectorizer', dictVectorizer],
]);
