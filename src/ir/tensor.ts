import { InternalError, invariant, ModelError } from '../base/errors.ts';
import { byteLengthOf, type DataType } from './data-type.ts';
import { noMetadata } from './metadata.ts';

/**
 * The elements of a tensor, as the little-endian bytes raw_data would hold, wherever they really are.
 * A payload is immutable. Above serde all work is synchronous and sees resident bytes only;
 * large payloads are read in the asynchronous stages (load, `needs: 'values'`, save).
 */
export interface Payload {
  readonly byteLength: number;
  /** The bytes when they are in memory. */
  readonly bytes: Uint8Array | undefined;
  /**
   * Bytes [offset, offset + length); the caller keeps to the payload's length. `into`, of at least that length, may be
   * filled and handed back, so that a long copy can go through one buffer.
   */
  read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array>;
  /** How much is best read at once, where each read costs as much however little it is for; multiples of it need nothing twice. */
  readonly pieceBytes?: number;
}

/** Bytes that are in memory. */
export class ResidentPayload implements Payload {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get byteLength(): number {
    return this.bytes.byteLength;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    return this.bytes.subarray(offset, offset + length);
  }
}

/**
 * The bytes [offset, offset + length) of a computed payload. It may use `into` for them; what it returns must be its own,
 * never bytes of another payload.
 */
export type Compute = (offset: number, length: number, into?: Uint8Array) => Promise<Uint8Array>;

/**
 * A payload that is a pure function of other payloads, evaluated piece by piece while the model is saved
 * (a Conv weight scaled by a BatchNormalization).
 * `granule` is the smallest piece it accepts: offsets and lengths handed to it are multiples of it, but for the end.
 */
export class ComputedPayload implements Payload {
  readonly byteLength: number;
  readonly bytes = undefined;
  readonly #granule: number;
  readonly #compute: Compute;
  readonly pieceBytes: number;

  constructor(byteLength: number, granule: number, compute: Compute, pieceBytes = granule) {
    this.byteLength = byteLength;
    this.#granule = granule;
    this.#compute = compute;
    this.pieceBytes = pieceBytes;
  }

  async read(offset: number, length: number, into?: Uint8Array): Promise<Uint8Array> {
    const start = offset - (offset % this.#granule);
    const end = Math.min(this.byteLength, Math.ceil((offset + length) / this.#granule) * this.#granule);
    const bytes = await this.#compute(
      start,
      end - start,
      into !== undefined && into.byteLength >= end - start ? into : undefined,
    );
    invariant(bytes.byteLength === end - start, 'a computed payload returned another number of bytes than asked for');
    return bytes.subarray(offset - start, offset - start + length);
  }
}

/** Where external data lies, as the model says it (TensorProto.external_data). Extra keys are kept in `entries`. */
export interface ExternalReference {
  readonly location: string;
  /** All key/value pairs in file order, location included. */
  readonly entries: readonly (readonly [key: string, value: string])[];
}

export interface TensorOptions {
  readonly name?: string;
  readonly docString?: string;
  readonly metadataProps?: ReadonlyMap<string, string>;
  /** Set when the elements live in a file of their own. */
  readonly external?: ExternalReference;
  /** Serde's record of the source bytes; opaque to everyone else. */
  readonly origin?: unknown;
}

/** TensorProto: immutable. Strings are kept as bytes, since string_data need not be UTF-8. */
export class Tensor {
  readonly name: string;
  readonly dataType: DataType;
  readonly dims: readonly number[];
  readonly payload: Payload;
  /** Elements of a string tensor; undefined for every other type. */
  readonly strings: readonly Uint8Array[] | undefined;
  readonly docString: string | undefined;
  readonly metadataProps: ReadonlyMap<string, string>;
  readonly external: ExternalReference | undefined;
  readonly origin: unknown;

  constructor(
    dataType: DataType,
    dims: readonly number[],
    data: Payload | Uint8Array | readonly Uint8Array[],
    options: TensorOptions = {},
  ) {
    this.dataType = dataType;
    this.dims = dims;
    if (dataType === 'string') {
      invariant(Array.isArray(data), 'a string tensor is made of strings');
      this.strings = data as readonly Uint8Array[];
      this.payload = new ResidentPayload(new Uint8Array(0));
    } else {
      invariant(!Array.isArray(data), 'only a string tensor is made of strings');
      this.strings = undefined;
      this.payload = data instanceof Uint8Array ? new ResidentPayload(data) : (data as Payload);
    }
    this.name = options.name ?? '';
    this.docString = options.docString;
    this.metadataProps = options.metadataProps ?? noMetadata;
    this.external = options.external;
    this.origin = options.origin;
  }

  get elementCount(): number {
    return elementCountOf(this.dims);
  }

  /** Bytes that the elements occupy; for strings the sum of their lengths. */
  get byteLength(): number {
    if (this.strings !== undefined) return this.strings.reduce((sum, text) => sum + text.byteLength, 0);
    return byteLengthOf(this.dataType, this.elementCount);
  }

  /** True when the elements can be looked at synchronously. */
  get isResident(): boolean {
    return this.strings !== undefined || this.payload.bytes !== undefined;
  }

  /** The resident bytes; a bug in the caller when there are none. Ask `isResident` first. */
  get bytes(): Uint8Array {
    const { bytes } = this.payload;
    if (bytes === undefined) throw new InternalError(`the elements of tensor '${this.name}' are not resident`);
    return bytes;
  }

  /** The same elements under another name: bytes are shared, the source record is dropped. */
  renamed(name: string): Tensor {
    return new Tensor(this.dataType, this.dims, this.strings ?? this.payload, {
      name,
      ...(this.docString !== undefined && { docString: this.docString }),
      metadataProps: this.metadataProps,
      ...(this.external !== undefined && { external: this.external }),
    });
  }

  /** The same tensor with its elements in memory. */
  withPayload(payload: Payload): Tensor {
    return new Tensor(this.dataType, this.dims, payload, {
      name: this.name,
      ...(this.docString !== undefined && { docString: this.docString }),
      metadataProps: this.metadataProps,
      ...(this.external !== undefined && { external: this.external }),
      origin: this.origin,
    });
  }
}

/** SparseTensorProto: `values` [NNZ] and `indices` int64 [NNZ] or [NNZ, rank]. */
export interface SparseTensor {
  readonly values: Tensor;
  readonly indices: Tensor;
  readonly dims: readonly number[];
  readonly origin?: unknown;
}

/** Product of dims; ModelError when a dim is negative or the product is beyond what a double counts exactly. */
export function elementCountOf(dims: readonly number[]): number {
  let count = 1;
  for (const dim of dims) {
    if (dim < 0 || !Number.isSafeInteger(dim)) throw new ModelError(`a tensor has the impossible dimension ${dim}`);
    count *= dim;
    if (!Number.isSafeInteger(count))
      throw new ModelError(`a tensor of dims [${dims.join(', ')}] has more elements than can be counted`);
  }
  return count;
}

/** An int64 tensor of rank 1, or of rank 0 when `scalar`. */
export function int64Tensor(
  values: readonly bigint[],
  options: TensorOptions & { readonly scalar?: boolean } = {},
): Tensor {
  const bytes = new Uint8Array(values.length * 8);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setBigInt64(index * 8, value, true));
  return new Tensor('int64', options.scalar === true ? [] : [values.length], bytes, options);
}

/** The elements of a resident int64 or int32 tensor as bigints; undefined for other types or when not resident. */
export function integersOf(tensor: Tensor): bigint[] | undefined {
  if (!tensor.isResident) return undefined;
  if (tensor.dataType !== 'int64' && tensor.dataType !== 'int32') return undefined;
  const { bytes } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = tensor.dataType === 'int64' ? 8 : 4;
  return Array.from({ length: tensor.elementCount }, (_, index) =>
    width === 8 ? view.getBigInt64(index * 8, true) : BigInt(view.getInt32(index * 4, true)),
  );
}
