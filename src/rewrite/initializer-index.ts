import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { isVisibleAt } from './visibility.ts';

/** As many tensors of one digest are compared whole; more of them that differ were made to cost time. */
const MAXIMUM_COMPARED = 16;

/** Constant initializers by content, so that equal ones can be shared. */
export class InitializerIndex {
  readonly #byKey = new Map<string, Set<Value>>();
  readonly #keys = new WeakMap<Tensor, string>();
  readonly #payloadIds = new WeakMap<Tensor['payload'], number>();
  #nextId = 0;

  /** Another initializer with the same elements that is visible at `node`; the first one noted is everybody's twin. */
  twinOf(value: Value, node: Node): Value | undefined {
    const tensor = value.constant;
    if (tensor === undefined || value.producer !== undefined) return undefined;
    const key = this.#keyOf(tensor);
    const values = this.#byKey.get(key);
    if (values === undefined) {
      this.#byKey.set(key, new Set([value]));
      return undefined;
    }
    let compared = 0;
    for (const candidate of values) {
      if (candidate === value) return undefined;
      const other = candidate.graph === undefined ? undefined : candidate.constant;
      if (other === undefined || this.#keyOf(other) !== key) values.delete(candidate);
      else if (sameElements(tensor, other) && isVisibleAt(candidate, node)) return candidate;
      else if (++compared >= MAXIMUM_COMPARED) return undefined;
    }
    values.add(value);
    return undefined;
  }

  #keyOf(tensor: Tensor): string {
    let key = this.#keys.get(tensor);
    if (key === undefined) {
      const content = tensor.isResident ? digestOf(tensor) : `#${this.#idOf(tensor.payload)}`;
      key = `${tensor.dataType}[${tensor.dims.join(',')}]${content}`;
      this.#keys.set(tensor, key);
    }
    return key;
  }

  #idOf(payload: Tensor['payload']): number {
    let id = this.#payloadIds.get(payload);
    if (id === undefined) this.#payloadIds.set(payload, (id = this.#nextId++));
    return id;
  }
}

/** All elements count: a sample would do for weights that differ, and not for tables made to look alike. */
function digestOf(tensor: Tensor): number {
  let digest = 0x811c9dc5;
  for (const bytes of tensor.strings ?? [tensor.bytes]) {
    const whole = bytes.byteLength & ~3;
    // Word by word, since this sees all weights that are in memory.
    const words =
      bytes.byteOffset % 4 === 0
        ? new Int32Array(bytes.buffer, bytes.byteOffset, whole / 4)
        : new Int32Array(bytes.slice(0, whole).buffer);
    for (let at = 0; at < words.length; at++) digest = mixed(digest, words[at] as number);
    for (let at = whole; at < bytes.byteLength; at++) digest = mixed(digest, bytes[at] as number);
    digest = mixed(digest, bytes.byteLength);
  }
  return digest >>> 0;
}

/** A step of FNV-1a on words; the shift carries the high bits, which a product alone never brings down. */
function mixed(digest: number, word: number): number {
  const product = Math.imul(digest ^ word, 0x01000193);
  return product ^ (product >>> 15);
}

/** Equal types and dims are taken for granted. Tensors that are not in memory are the same only when they share their payload. */
function sameElements(a: Tensor, b: Tensor): boolean {
  if (a.strings !== undefined || b.strings !== undefined) {
    return (
      a.strings?.length === b.strings?.length &&
      a.strings?.every((text, index) => sameBytes(text, b.strings?.[index])) === true
    );
  }
  if (a.payload === b.payload) return true;
  return a.isResident && b.isResident && sameBytes(a.bytes, b.bytes);
}

function sameBytes(a: Uint8Array, b: Uint8Array | undefined): boolean {
  if (a.byteLength !== b?.byteLength) return false;
  for (let index = 0; index < a.byteLength; index++) if (a[index] !== b[index]) return false;
  return true;
}
