import { ModelError } from '../base/errors.ts';
import type { ExternalReference, Payload } from '../ir/tensor.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import { externalRange, type ExternalResolver } from '../wire/external-data.ts';
import { CHUNK_BYTES } from '../wire/limits.ts';
import { refusePointer } from '../wire/not-onnx.ts';
import type { PayloadField } from '../wire/split.ts';
import { EntryDecoder } from './entry-decoder.ts';
import { packSixBits, type TypedField } from './typed-data.ts';

/** A payload that was left in the file and may be brought into memory while the model is loaded. */
export interface LazyPayload extends Payload {
  preload(): Promise<void>;
}

/** Stands in for elements that the file does not hold as it should; the model was refused for it. */
export class UnreadablePayload implements Payload {
  readonly byteLength: number;
  readonly bytes = undefined;

  constructor(byteLength: number) {
    this.byteLength = byteLength;
  }

  async read(): Promise<Uint8Array> {
    throw new ModelError('the elements of a tensor cannot be read');
  }
}

/** Raw little-endian bytes that lie in the model's file, in one range or in several that follow each other. */
export class SourcePayload implements LazyPayload {
  readonly byteLength: number;
  bytes: Uint8Array | undefined;
  readonly source: ByteSource;
  /** Start and end of each range. */
  readonly ranges: readonly (readonly [start: number, end: number])[];

  constructor(source: ByteSource, ranges: readonly (readonly [start: number, end: number])[], byteLength: number) {
    this.source = source;
    this.ranges = ranges;
    this.byteLength = byteLength;
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    if (this.bytes !== undefined) return this.bytes.subarray(offset, offset + length);
    const [first] = this.ranges;
    if (this.ranges.length === 1 && first !== undefined) return this.source.read(first[0] + offset, length, into);
    const result = new Uint8Array(length);
    let at = 0;
    let rangeOffset = 0;
    for (const [start, end] of this.ranges) {
      const from = Math.max(offset + at - rangeOffset, 0);
      const size = Math.min(end - start - from, length - at);
      if (size > 0) {
        result.set(await this.source.read(start + from, size), at);
        at += size;
      }
      rangeOffset += end - start;
    }
    return result;
  }

  async preload(): Promise<void> {
    this.bytes = (await this.read(0, this.byteLength)).slice();
  }
}

/** Reads the entries of a typed field in order. */
class EntryStream {
  readonly #source: ByteSource;
  readonly #fields: readonly PayloadField[];
  readonly #decoder: EntryDecoder;
  #field = 0;
  #offset = 0;
  /** Entry bytes handed out so far. */
  position = 0;

  constructor(source: ByteSource, fields: readonly PayloadField[], typed: TypedField) {
    this.#source = source;
    this.#fields = fields;
    this.#decoder = new EntryDecoder(typed);
  }

  async read(out: Uint8Array): Promise<void> {
    this.#decoder.fill(out);
    while (!this.#decoder.isFull) {
      const field = this.#fields[this.#field];
      if (field === undefined) throw tooShort();
      const start = field.sourceStart + this.#offset;
      const length = Math.min(field.sourceEnd - start, CHUNK_BYTES);
      const bytes = field.bytes?.subarray(this.#offset) ?? (await this.#source.read(start, length));
      this.#offset += this.#decoder.push(bytes, field.isRun);
      if (field.sourceStart + this.#offset < field.sourceEnd) continue;
      this.#field++;
      this.#offset = 0;
    }
    this.position += out.byteLength;
  }
}

function tooShort(): ModelError {
  return new ModelError('a tensor has fewer elements than its dims say');
}

/** The elements of a long typed field, decoded while they are read: cheap in order, from the start otherwise. */
export class TypedPayload implements LazyPayload {
  readonly byteLength: number;
  bytes: Uint8Array | undefined;
  readonly #source: ByteSource;
  readonly #fields: readonly PayloadField[];
  readonly #typed: TypedField;
  /** Where the last read ended, for the next one to go on from. */
  #stream: EntryStream | undefined;

  readonly #entryBytes: number;

  /** `count` is the number of elements. */
  constructor(
    source: ByteSource,
    fields: readonly PayloadField[],
    typed: TypedField,
    count: number,
    byteLength: number,
  ) {
    this.#source = source;
    this.#fields = fields;
    this.#typed = typed;
    this.#entryBytes = typed.entries(count) * typed.entryBytes;
    this.byteLength = byteLength;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (this.bytes !== undefined) return this.bytes.subarray(offset, offset + length);
    // Six-bit elements come one a byte and are packed four to three bytes.
    const six = this.#typed.packsSixBits;
    const granule = six ? 3 : this.#typed.entryBytes;
    const start = offset - (offset % granule);
    const end = Math.ceil((offset + length) / granule) * granule;
    const first = six ? (start / 3) * 4 : start;
    const last = Math.min(six ? Math.ceil((end * 4) / 3) : end, this.#entryBytes);
    let stream = this.#stream;
    this.#stream = undefined;
    if (stream === undefined || stream.position > first) {
      stream = new EntryStream(this.#source, this.#fields, this.#typed);
    }
    while (stream.position < first) {
      const skipped = Math.min(first - stream.position, CHUNK_BYTES);
      await stream.read(new Uint8Array(skipped));
    }
    const entries = new Uint8Array(last - first);
    await stream.read(entries);
    this.#stream = stream;
    const raw = six ? packSixBits(entries) : entries;
    return raw.subarray(offset - start, offset - start + length);
  }

  async preload(): Promise<void> {
    this.bytes = (await this.read(0, this.byteLength)).slice();
  }
}

/** Elements in a file of their own. Nothing is opened before the first read. */
export class ExternalPayload implements LazyPayload {
  readonly byteLength: number;
  bytes: Uint8Array | undefined;
  readonly reference: ExternalReference;
  readonly resolver: ExternalResolver | undefined;

  constructor(reference: ExternalReference, byteLength: number, resolver: ExternalResolver | undefined) {
    this.reference = reference;
    this.byteLength = byteLength;
    this.resolver = resolver;
  }

  /** The file and the range in it. ModelError when the location, the range or the file is not what it should be. */
  async locate(): Promise<{ readonly source: ByteSource; readonly offset: number }> {
    const { location, offset, length } = externalRange(this.reference.entries);
    if (length !== undefined && length !== this.byteLength) {
      throw new ModelError(
        `external data '${location}' gives ${length} bytes to a tensor of ${this.byteLength}`,
        {},
        'the model and its data file do not belong together',
      );
    }
    if (this.resolver === undefined) {
      throw new ModelError(
        `the tensor's data is in the file '${location}', and the model was read without its folder`,
        {},
        'open the model from its file',
      );
    }
    const source = await this.resolver.open(location);
    await refusePointer(source, location);
    const end = offset + (length ?? this.byteLength);
    if (end > source.byteLength) {
      throw new ModelError(
        `external data reaches byte ${end} of '${location}', which has ${source.byteLength}`,
        { file: source.name },
        'the data file is truncated or belongs to another model',
      );
    }
    return { source, offset };
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    if (this.bytes !== undefined) return this.bytes.subarray(offset, offset + length);
    const { source, offset: start } = await this.locate();
    return source.read(start + offset, length, into);
  }

  async preload(): Promise<void> {
    this.bytes = (await this.read(0, this.byteLength)).slice();
  }
}
