import { ModelError } from '../base/errors.ts';
import { byteLengthOf, type DataType, dataTypeOfCode } from '../ir/data-type.ts';
import { makeProblem, type ProblemArguments, type ProblemPlace, type ProblemWeight } from '../ir/problem.ts';
import {
  elementCountOf,
  type Payload,
  ResidentPayload,
  type SparseTensor,
  Tensor,
  type TensorOptions,
} from '../ir/tensor.ts';
import { onnx, type TensorProto } from '../wire/codec.ts';
import { externalRange } from '../wire/external-data.ts';
import { field, layouts } from '../wire/fields.ts';
import { MAXIMUM_RANK } from '../wire/limits.ts';
import type { MessageParts, PayloadField, Spans } from '../wire/split.ts';
import { EntryDecoder } from './entry-decoder.ts';
import { Origin } from './origin.ts';
import { ExternalPayload, SourcePayload, TypedPayload, UnreadablePayload } from './payloads.ts';
import { type ReadContext, spansOfAll } from './read-context.ts';
import { externalData, sparseTensorParts, tensorData } from './reading-rules.ts';
import { packSixBits, type TypedField, typedFieldOf } from './typed-data.ts';

/** TensorProto.DataLocation.EXTERNAL */
const EXTERNAL = 1;

const keep: ProblemWeight = { effect: 'keep' };
const remark: ProblemWeight = { effect: 'keep', severity: 'warning' };

/** A tensor that was read; undefined, and a problem, where it cannot be. */
export interface ReadTensor<Kind> {
  readonly name: string;
  readonly tensor: Kind | undefined;
}

type Messages = typeof tensorData.messages;

/** The tensor that is being read: its message, and who is told of what is wrong with it. */
class TensorReader {
  readonly context: ReadContext;
  readonly own: TensorProto;
  readonly parts: MessageParts;
  readonly label: string;
  readonly #place: ProblemPlace;
  isReadable = true;

  constructor(context: ReadContext, own: TensorProto, parts: MessageParts, place: ProblemPlace) {
    this.context = context;
    this.own = own;
    this.parts = parts;
    this.#place = own.name && place.node === undefined ? { ...place, value: own.name } : place;
    this.label = own.name ? `tensor '${own.name}'` : 'a tensor';
  }

  report<Id extends keyof Messages & string>(
    id: Id,
    args: Omit<ProblemArguments<Messages[Id]>, 'tensor'>,
    weight?: ProblemWeight,
  ): void {
    const all = { tensor: this.label, ...args } as ProblemArguments<Messages[Id]>;
    const problem = makeProblem(tensorData, id, all, this.#place, weight);
    this.context.problems.push(problem);
    if (problem.effect === 'refuse') this.isReadable = false;
  }

  get place(): ProblemPlace {
    return this.#place;
  }
}

export function readTensor(context: ReadContext, spans: Spans, place: ProblemPlace): ReadTensor<Tensor> {
  const message = context.open(layouts.tensor, onnx.TensorProto, spans, place);
  if (message === undefined) return { name: '', tensor: undefined };
  const { own, parts } = message;
  const reader = new TensorReader(context, own, parts, place);
  const name = own.name ?? '';
  const dataType = dataTypeOfCode(own.dataType ?? 0);
  if (dataType === undefined) {
    if ((own.dataType ?? 0) === 0) reader.report('noDataType', {});
    else reader.report('unknownDataType', { code: own.dataType ?? 0 });
  }
  if (own.segment !== null && own.segment !== undefined) reader.report('segment', {});
  const dims = readDims(own.dims ?? [], reader);
  if (!reader.isReadable || dataType === undefined || dims === undefined) return { name, tensor: undefined };
  const origin = new Origin(context.skeleton, spans, undefined);
  const data = dataOf(reader, dataType, dims);
  const tensor = new Tensor(dataType, dims, data, tensorOptions(context, own, place, origin, data));
  origin.object = tensor;
  return { name, tensor };
}

function tensorOptions(
  context: ReadContext,
  own: TensorProto,
  place: ProblemPlace,
  origin: unknown,
  data: unknown,
): TensorOptions {
  const name = own.name ?? '';
  return {
    name,
    ...(typeof own.docString === 'string' && { docString: own.docString }),
    metadataProps: context.metadata(own.metadataProps, `tensor '${name}'`, place),
    ...(data instanceof ExternalPayload && { external: data.reference }),
    origin,
  };
}

function readDims(dims: readonly bigint[], reader: TensorReader): number[] | undefined {
  if (dims.length > MAXIMUM_RANK) {
    reader.report('tooManyDims', { count: dims.length, most: MAXIMUM_RANK });
    return undefined;
  }
  const numbers = dims.map(Number);
  const impossible = numbers.findIndex((number) => number < 0 || !Number.isSafeInteger(number));
  if (impossible >= 0) {
    reader.report('impossibleDimension', { dimension: String(dims[impossible]) });
    return undefined;
  }
  let count = 1;
  for (const number of numbers) count *= number;
  // A dimension of 0 makes any product 0; without one the product must be exact.
  if (Number.isSafeInteger(count)) return numbers;
  reader.report('uncountable', { dims: dims.join(', ') });
  return undefined;
}

const fieldNames: Readonly<Record<number, string>> = {
  [field.tensor.floatData]: 'float_data',
  [field.tensor.int32Data]: 'int32_data',
  [field.tensor.int64Data]: 'int64_data',
  [field.tensor.doubleData]: 'double_data',
  [field.tensor.uint64Data]: 'uint64_data',
  [field.tensor.rawData]: 'raw_data',
};

/** The names of the fields that hold elements. */
function filledFields({ own, parts }: TensorReader): readonly string[] {
  const [only] = parts.payload;
  if (parts.payload.length === 1 && only !== undefined && only.sourceEnd > only.sourceStart && !own.stringData?.length)
    return [fieldNames[only.number] ?? ''];
  const filled = parts.payload.filter(({ sourceStart, sourceEnd }) => sourceEnd > sourceStart);
  const names = filled.map(({ number }) => fieldNames[number] ?? '');
  return [...new Set(own.stringData?.length ? [...names, 'string_data'] : names)];
}

function dataOf(reader: TensorReader, dataType: DataType, dims: readonly number[]): Payload | readonly Uint8Array[] {
  const { context, own } = reader;
  const count = elementCountOf(dims);
  const filled = filledFields(reader);
  const isExternal = own.dataLocation === EXTERNAL;
  if (!isExternal && filled.length > 1) reader.report('severalFields', { fields: filled.join(' and ') });
  if (!isExternal && count === 0 && filled.length > 0) reader.report('emptyWithData', {}, keep);
  if (dataType === 'string') return stringsOf(reader, dims, count, filled);
  const byteLength = byteLengthOf(dataType, count);
  if (isExternal) return externalPayload(reader, byteLength, filled);
  if (byteLength === 0) return new ResidentPayload(new Uint8Array(0));
  if (!reader.isReadable) return new UnreadablePayload(byteLength);
  return filled[0] === 'raw_data'
    ? rawPayload(reader, dataType, dims, byteLength)
    : typedPayload(context, reader, dataType, dims, byteLength, filled);
}

function stringsOf(
  reader: TensorReader,
  dims: readonly number[],
  wanted: number,
  filled: readonly string[],
): readonly Uint8Array[] {
  const strings = reader.own.stringData ?? [];
  if (strings.length >= wanted) return strings.slice(0, wanted).map((text) => text.slice());
  if (filled[0] === 'raw_data') reader.report('rawStrings', {});
  else reader.report('tooFewStrings', { count: strings.length, dims: dims.join(', '), wanted });
  return [];
}

function externalPayload(reader: TensorReader, byteLength: number, filled: readonly string[]): Payload {
  const { context, own, label, place } = reader;
  const entries = (own.externalData ?? []).map(({ key, value }) => [key ?? '', value ?? ''] as const);
  const location = entries.find(([key]) => key === 'location')?.[1] ?? '';
  if (filled.length > 0) context.report(externalData, 'dataInModel', { tensor: label }, place);
  const payload = new ExternalPayload({ location, entries }, byteLength, context.external);
  try {
    const { length } = externalRange(entries);
    if (length === undefined || length === byteLength) context.externals.push(payload);
    else context.report(externalData, 'wrongLength', { tensor: label, location, length, wanted: byteLength }, place);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    context.report(externalData, 'unusable', { tensor: label, reason: error.message }, place);
  }
  return context.wanted(payload);
}

function rawPayload(reader: TensorReader, dataType: DataType, dims: readonly number[], byteLength: number): Payload {
  const { context, parts } = reader;
  const raw = parts.payload.filter(({ number, isRun }) => number === field.tensor.rawData && !isRun).at(-1);
  const length = raw === undefined ? 0 : raw.sourceEnd - raw.sourceStart;
  if (raw === undefined || length < byteLength) {
    reader.report('tooFewBytes', { count: length, dims: dims.join(', '), wanted: byteLength });
    return new UnreadablePayload(byteLength);
  }
  if (length > byteLength)
    reader.report('tooManyBytes', { count: length, dims: dims.join(', '), wanted: byteLength }, remark);
  if (raw.bytes !== undefined && byteLength <= context.residentBytes) {
    const bytes = context.keep(raw.bytes.subarray(0, byteLength));
    checkPadding(reader, dataType, elementCountOf(dims), bytes);
    return new ResidentPayload(bytes);
  }
  return context.wanted(
    new SourcePayload(context.skeleton.source, [[raw.sourceStart, raw.sourceStart + byteLength]], byteLength),
  );
}

/** Of 6-bit types the standard asks for zeros behind the last element (onnx.proto, FLOAT6E2M3). */
function checkPadding(reader: TensorReader, dataType: DataType, count: number, bytes: Uint8Array): void {
  if (dataType !== 'float6e2m3' && dataType !== 'float6e3m2') return;
  const used = (count * 6) % 8;
  if (used !== 0 && (bytes.at(-1) ?? 0) >> used !== 0) reader.report('paddingBits', {}, keep);
}

function typedPayload(
  context: ReadContext,
  reader: TensorReader,
  dataType: DataType,
  dims: readonly number[],
  byteLength: number,
  filled: readonly string[],
): Payload {
  const typed = typedFieldOf(dataType);
  const fields = reader.parts.payload.filter(({ number }) => number === typed?.number);
  const [only] = filled;
  if (typed === undefined || fields.length === 0 || only === undefined) {
    if (only === undefined) reader.report('noData', { dims: dims.join(', ') });
    else reader.report('wrongField', { dataType, field: only });
    return new UnreadablePayload(byteLength);
  }
  const count = elementCountOf(dims);
  const resident = fields.flatMap(({ bytes, isRun }) => (bytes === undefined ? [] : [{ bytes, isRun }]));
  const isSmall = byteLength <= context.residentBytes;
  const payload =
    resident.length === fields.length && isSmall
      ? decodeEntries(reader, resident, typed, count)
      : longTyped(reader, fields, typed, dims, byteLength);
  return payload ?? new UnreadablePayload(byteLength);
}

function longTyped(
  reader: TensorReader,
  fields: readonly PayloadField[],
  typed: TypedField,
  dims: readonly number[],
  byteLength: number,
): Payload | undefined {
  const { context } = reader;
  const { source } = context.skeleton;
  if (typed.wire === 'varint' || fields.some(({ isRun }) => isRun)) {
    const available = fields.reduce((sum, { sourceStart, sourceEnd }) => sum + sourceEnd - sourceStart, 0);
    // As in `decodeEntries`; how many there really are shows when they are read.
    const wanted = typed.entries(elementCountOf(dims));
    if (wanted > available) {
      reader.report('tooFewElements', { wanted });
      return undefined;
    }
    return context.wanted(new TypedPayload(source, fields, typed, elementCountOf(dims), byteLength));
  }
  const length = fields.reduce((sum, { sourceStart, sourceEnd }) => sum + sourceEnd - sourceStart, 0);
  if (length < byteLength) {
    reader.report('tooFewBytes', { count: length, dims: dims.join(', '), wanted: byteLength });
    return undefined;
  }
  const ranges = fields.map(({ sourceStart, sourceEnd }) => [sourceStart, sourceEnd] as const);
  return context.wanted(new SourcePayload(source, ranges, byteLength));
}

function decodeEntries(
  reader: TensorReader,
  fields: readonly { readonly bytes: Uint8Array; readonly isRun: boolean }[],
  typed: TypedField,
  count: number,
): Payload | undefined {
  const available = fields.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
  const wanted = typed.entries(count);
  // Every entry takes a byte at least, so what is allocated is bounded by what is there.
  if (wanted > available) {
    reader.report('tooFewElements', { wanted });
    return undefined;
  }
  const decoder = new EntryDecoder(typed);
  const out = new Uint8Array(wanted * typed.entryBytes);
  decoder.fill(out);
  try {
    for (const { bytes, isRun } of fields) decoder.push(bytes, isRun);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    reader.report('undecodable', { reason: error.message });
    return undefined;
  }
  if (decoder.isFull) return new ResidentPayload(typed.packsSixBits ? packSixBits(out) : out);
  reader.report('tooFewEntries', { count: decoder.byteLength / typed.entryBytes, wanted });
  return undefined;
}

export function readSparseTensor(context: ReadContext, spans: Spans, place: ProblemPlace): ReadTensor<SparseTensor> {
  const message = context.open(layouts.sparseTensor, onnx.SparseTensorProto, spans, place);
  if (message === undefined) return { name: '', tensor: undefined };
  const { parts, own } = message;
  const valueSpans = spansOfAll(parts, field.sparseTensor.values);
  const indexSpans = spansOfAll(parts, field.sparseTensor.indices);
  const values = valueSpans && readTensor(context, valueSpans, place);
  const indices = indexSpans && readTensor(context, indexSpans, place);
  const name = values?.name ?? '';
  if (values === undefined || indices === undefined) context.report(sparseTensorParts, 'parts', {}, place);
  const dims = readDims(own.dims ?? [], new TensorReader(context, { name }, parts, place));
  if (values?.tensor === undefined || indices?.tensor === undefined || dims === undefined)
    return { name, tensor: undefined };
  const origin = new Origin(context.skeleton, spans, undefined);
  const tensor: SparseTensor = { values: values.tensor, indices: indices.tensor, dims, origin };
  origin.object = tensor;
  return { name, tensor };
}
