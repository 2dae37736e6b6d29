import { ModelError } from '../base/errors.ts';
import { FIXED32, FIXED64 } from '../wire/fields.ts';
import type { TypedField } from './typed-data.ts';

/**
 * Turns the entries of a typed field into raw bytes, piece by piece: bytes go in as they come out of the file, wherever
 * they are cut. With `tagged`, each entry has its tag before it (unpacked repeats); entries of other wire types are
 * not of this field's type and are skipped, as protobuf does.
 */
export class EntryDecoder {
  readonly #field: TypedField;
  #out: Uint8Array = new Uint8Array(0);
  #length = 0;
  /** Of the varint or fixed entry at hand. */
  #low = 0;
  #high = 0;
  #count = 0;
  #tag: number | undefined;

  constructor(field: TypedField) {
    this.#field = field;
  }

  /** The bytes that come next go into `out`, whose length must be a multiple of `field.entryBytes`. */
  fill(out: Uint8Array): void {
    this.#out = out;
    this.#length = 0;
  }

  get isFull(): boolean {
    return this.#length >= this.#out.byteLength;
  }

  /** Bytes written to the present output. */
  get byteLength(): number {
    return this.#length;
  }

  /** Takes bytes until the output is full; returns how many it took. */
  push(bytes: Uint8Array, tagged: boolean): number {
    if (!tagged && this.#field.wire !== 'varint') return this.#copy(bytes);
    let at = 0;
    for (; at < bytes.byteLength && this.#length < this.#out.byteLength; at++) {
      const byte = bytes[at] ?? 0;
      if (tagged && this.#tag === undefined) {
        if (this.#take7(byte)) {
          this.#tag = this.#low & 7;
          this.#reset();
        }
      } else if (this.#tag === FIXED32 || this.#tag === FIXED64) {
        this.#takeFixed(byte, this.#tag === FIXED32 ? 4 : 8);
      } else if (this.#take7(byte)) {
        if (this.#field.wire === 'varint') this.#emitVarint();
        this.#reset();
        this.#tag = undefined;
      }
    }
    return at;
  }

  #copy(bytes: Uint8Array): number {
    const room = this.#out.byteLength - this.#length;
    const taken = bytes.byteLength > room ? bytes.subarray(0, room) : bytes;
    this.#out.set(taken, this.#length);
    this.#length += taken.byteLength;
    return taken.byteLength;
  }

  #takeFixed(byte: number, size: number): void {
    const fits = this.#field.wire === (size === 4 ? 'fixed32' : 'fixed64');
    if (fits) this.#out[this.#length++] = byte;
    if (++this.#count === size) {
      this.#reset();
      this.#tag = undefined;
    }
  }

  /** Adds seven bits to the varint; true when it is complete. */
  #take7(byte: number): boolean {
    const count = this.#count++;
    const bits = byte & 127;
    if (count < 4) this.#low |= bits << (7 * count);
    else if (count === 4) {
      this.#low |= bits << 28;
      this.#high = bits >> 4;
    } else if (count < 10) this.#high |= bits << (7 * count - 32);
    else throw new ModelError('a varint of a tensor has more than ten bytes');
    return byte < 128;
  }

  #emitVarint(): void {
    const size = this.#field.entryBytes;
    for (let i = 0; i < size; i++) {
      this.#out[this.#length++] = i < 4 ? (this.#low >>> (8 * i)) & 255 : (this.#high >>> (8 * (i - 4))) & 255;
    }
  }

  #reset(): void {
    this.#low = 0;
    this.#high = 0;
    this.#count = 0;
  }
}
