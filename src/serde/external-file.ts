import type { ExternalReference, Tensor } from '../ir/tensor.ts';
import { Rope } from '../wire/rope.ts';
import { ExternalPayload } from './payloads.ts';
import { payloadRope } from './write-tensor.ts';

/**
 * Large tensors start at a page, so that runtimes can map them (onnx.proto asks for multiples of 4096); small ones
 * would waste a page each and start at a cache line.
 */
const PAGE_BYTES = 4096;
const LINE_BYTES = 64;
const LARGE_BYTES = 64 * 1024;

/** A file of external data that is being put together; ranges that several tensors share are written once. */
export class ExternalFile {
  readonly location: string;
  readonly rope = new Rope();
  readonly #references = new Map<string, ExternalReference>();

  constructor(location: string) {
    this.location = location;
  }

  /** Takes the elements of a tensor in, and says where they are. ModelError when its present data cannot be read. */
  async add(tensor: Tensor): Promise<ExternalReference> {
    const { payload } = tensor;
    if (!(payload instanceof ExternalPayload)) return this.#append(payloadRope(payload), []);
    // Also for data in memory: what cannot be found must not be referred to.
    const { source, offset } = await payload.locate();
    const key = JSON.stringify([payload.resolver?.folder, source.name, offset, payload.byteLength]);
    const known = this.#references.get(key);
    if (known !== undefined) return known;
    const extra = payload.reference.entries.filter(([name]) => !placeKeys.has(name));
    const reference = this.#append(new Rope().range(source, offset, offset + payload.byteLength), extra);
    this.#references.set(key, reference);
    return reference;
  }

  #append(content: Rope, extra: ExternalReference['entries']): ExternalReference {
    const alignment = content.byteLength >= LARGE_BYTES ? PAGE_BYTES : LINE_BYTES;
    const padding = (alignment - (this.rope.byteLength % alignment)) % alignment;
    const offset = this.rope.byteLength + padding;
    this.rope.bytes(new Uint8Array(padding)).rope(content);
    return {
      location: this.location,
      entries: [
        ['location', this.location],
        ['offset', String(offset)],
        ['length', String(content.byteLength)],
        ...extra,
      ],
    };
  }
}

/** Keys that say where the data is or was, or what the whole old file was; they do not move along. */
const placeKeys: ReadonlySet<string> = new Set(['location', 'offset', 'length', 'checksum', 'basepath']);
