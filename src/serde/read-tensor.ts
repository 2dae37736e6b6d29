import { byteLengthOf, type DataType, dataTypeOfCode } from '../ir/data-type.ts';
import {
  elementCountOf,
  type Payload,
  ResidentPayload,
  type SparseTensor,
  Tensor,
  type TensorOptions,
} from '../ir/tensor.ts';
import { type ModelError, type Place } from '../base/errors.ts';
import { onnx, type StringStringEntryProto, type TensorProto } from '../wire/codec.ts';
import { field, layouts } from '../wire/fields.ts';
import type { MessageParts, PayloadField, Spans } from '../wire/split.ts';
import { EntryDecoder } from './entry-decoder.ts';
import { Origin } from './origin.ts';
import { ExternalPayload, SourcePayload, TypedPayload } from './payloads.ts';
import { type ReadContext, spansOfAll } from './read-context.ts';
import { packSixBits, type TypedField, typedFieldOf } from './typed-data.ts';

/** TensorProto.DataLocation.EXTERNAL */
const EXTERNAL = 1;

const noMetadata: ReadonlyMap<string, string> = new Map();

export function metadataOf(entries: readonly StringStringEntryProto[] | undefined): ReadonlyMap<string, string> {
  if (entries === undefined || entries.length === 0) return noMetadata;
  return new Map(entries.map(({ key, value }) => [key ?? '', value ?? '']));
}

export function readTensor(context: ReadContext, spans: Spans, place: Place): Tensor {
  const { parts, own } = context.open(layouts.tensor, onnx.TensorProto, spans);
  const name = own.name ?? '';
  const label = name === '' ? 'a tensor' : `tensor '${name}'`;
  const fail = (message: string, hint?: string): ModelError => context.error(`${label} ${message}`, { ...place }, hint);

  const dataType = dataTypeOfCode(own.dataType ?? 0);
  if (dataType === undefined) {
    throw own.dataType === 0 || own.dataType === null || own.dataType === undefined
      ? fail('has no data type')
      : fail(`has the data type ${own.dataType}, which is not one of IR 14`, 'a newer release may know it');
  }
  if (own.segment !== null && own.segment !== undefined) throw fail('is one segment of a tensor, which no tool reads');
  const dims = readDims(own.dims ?? [], fail);
  const origin = new Origin(context.skeleton, spans, undefined);
  const data = dataOf(context, own, parts, dataType, dims, fail);
  const tensor = new Tensor(dataType, dims, data, tensorOptions(own, origin, data));
  origin.object = tensor;
  return tensor;
}

function tensorOptions(own: TensorProto, origin: unknown, data: unknown): TensorOptions {
  return {
    name: own.name ?? '',
    ...(typeof own.docString === 'string' && { docString: own.docString }),
    metadataProps: metadataOf(own.metadataProps),
    ...(data instanceof ExternalPayload && { external: data.reference }),
    origin,
  };
}

export function readDims(dims: readonly bigint[], fail: (message: string) => ModelError): number[] {
  const numbers = dims.map((dim) => {
    const number = Number(dim);
    if (number < 0 || !Number.isSafeInteger(number)) throw fail(`has the impossible dimension ${dim}`);
    return number;
  });
  let count = 1;
  for (const number of numbers) count *= number;
  // A dimension of 0 makes any product 0; without one the product must be exact.
  if (!Number.isSafeInteger(count)) throw fail(`has more elements than can be counted: [${dims.join(', ')}]`);
  return numbers;
}

function dataOf(
  context: ReadContext,
  own: TensorProto,
  parts: MessageParts,
  dataType: DataType,
  dims: readonly number[],
  fail: (message: string, hint?: string) => ModelError,
): Payload | readonly Uint8Array[] {
  const count = elementCountOf(dims);
  if (dataType === 'string') {
    const strings = own.stringData ?? [];
    if (strings.length < count)
      throw fail(`has ${strings.length} strings, but its dims [${dims.join(', ')}] ask for ${count}`);
    return strings.slice(0, count).map((text) => text.slice());
  }
  const byteLength = byteLengthOf(dataType, count);
  if (own.dataLocation === EXTERNAL) {
    const entries = (own.externalData ?? []).map(({ key, value }) => [key ?? '', value ?? ''] as const);
    const location = entries.find(([key]) => key === 'location')?.[1] ?? '';
    return context.wanted(new ExternalPayload({ location, entries }, byteLength, context.external));
  }
  if (byteLength === 0) return new ResidentPayload(new Uint8Array(0));
  const isSmall = byteLength <= context.residentBytes;

  const raw = parts.payload.filter(({ number, isRun }) => number === field.tensor.rawData && !isRun).at(-1);
  if (raw !== undefined) {
    const length = raw.sourceEnd - raw.sourceStart;
    if (length < byteLength)
      throw fail(`has ${length} bytes of data, but its type and dims [${dims.join(', ')}] ask for ${byteLength}`);
    if (raw.bytes !== undefined && isSmall) return new ResidentPayload(context.keep(raw.bytes.subarray(0, byteLength)));
    return context.wanted(
      new SourcePayload(context.skeleton.source, [[raw.sourceStart, raw.sourceStart + byteLength]], byteLength),
    );
  }

  const typed = typedFieldOf(dataType);
  const fields = parts.payload.filter(({ number }) => number === typed?.number);
  if (typed === undefined || fields.length === 0) throw fail(`has no data for its dims [${dims.join(', ')}]`);
  const resident = fields.flatMap(({ bytes, isRun }) => (bytes === undefined ? [] : [{ bytes, isRun }]));
  if (resident.length === fields.length && isSmall)
    return new ResidentPayload(decodeEntries(resident, typed, count, fail));
  return context.wanted(longTyped(context, fields, typed, count, byteLength, fail));
}

function longTyped(
  context: ReadContext,
  fields: readonly PayloadField[],
  typed: TypedField,
  count: number,
  byteLength: number,
  fail: (message: string) => ModelError,
): SourcePayload | TypedPayload {
  const { source } = context.skeleton;
  if (typed.wire === 'varint' || fields.some(({ isRun }) => isRun)) {
    return new TypedPayload(source, fields, typed, count, byteLength);
  }
  const length = fields.reduce((sum, { sourceStart, sourceEnd }) => sum + sourceEnd - sourceStart, 0);
  if (length < byteLength) throw fail(`has ${length} bytes of data, but its type and dims ask for ${byteLength}`);
  const ranges = fields.map(({ sourceStart, sourceEnd }) => [sourceStart, sourceEnd] as const);
  return new SourcePayload(source, ranges, byteLength);
}

function decodeEntries(
  fields: readonly { readonly bytes: Uint8Array; readonly isRun: boolean }[],
  typed: TypedField,
  count: number,
  fail: (message: string) => ModelError,
): Uint8Array {
  const available = fields.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  const wanted = typed.entries(count);
  // Every entry takes a byte at least, so what is allocated is bounded by what is there.
  if (wanted > available) throw fail(`has fewer elements than its dims say (${wanted})`);
  const decoder = new EntryDecoder(typed);
  const out = new Uint8Array(wanted * typed.entryBytes);
  decoder.fill(out);
  for (const { bytes, isRun } of fields) decoder.push(bytes, isRun);
  if (!decoder.isFull)
    throw fail(`has ${decoder.byteLength / typed.entryBytes} entries of data, but its dims ask for ${wanted}`);
  return typed.packsSixBits ? packSixBits(out) : out;
}

export function readSparseTensor(context: ReadContext, spans: Spans, place: Place): SparseTensor {
  const { parts, own } = context.open(layouts.sparseTensor, onnx.SparseTensorProto, spans);
  const valueSpans = spansOfAll(parts, field.sparseTensor.values);
  const indexSpans = spansOfAll(parts, field.sparseTensor.indices);
  if (valueSpans === undefined || indexSpans === undefined) {
    throw context.error('a sparse tensor lacks its values or indices', place);
  }
  const values = readTensor(context, valueSpans, place);
  const indices = readTensor(context, indexSpans, place);
  const fail = (message: string): ModelError => context.error(`sparse tensor '${values.name}' ${message}`, place);
  const origin = new Origin(context.skeleton, spans, undefined);
  const sparse: SparseTensor = { values, indices, dims: readDims(own.dims ?? [], fail), origin };
  origin.object = sparse;
  return sparse;
}
