import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { isVisibleAt } from './visibility.ts';

/** Bytes looked at to tell most tensors apart without reading them whole. */
const SAMPLED_BYTES = 16;

/** Constant initializers by content, so that equal ones can be shared. */
export class InitializerIndex {
  readonly #byKey = new Map<string, Set<Value>>();
  readonly #keys = new WeakMap<Tensor, string>();

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
    for (const candidate of values) {
      if (candidate === value) return undefined;
      const other = candidate.graph === undefined ? undefined : candidate.constant;
      if (other === undefined || this.#keyOf(other) !== key) values.delete(candidate);
      else if (sameElements(tensor, other) && isVisibleAt(candidate, node)) return candidate;
    }
    values.add(value);
    return undefined;
  }

  #keyOf(tensor: Tensor): string {
    let key = this.#keys.get(tensor);
    if (key === undefined) {
      key = `${tensor.dataType}[${tensor.dims.join(',')}]${sampleOf(tensor)}`;
      this.#keys.set(tensor, key);
    }
    return key;
  }
}

function sampleOf(tensor: Tensor): string {
  if (tensor.strings !== undefined || !tensor.isResident) return '';
  const { bytes } = tensor;
  const sampled: number[] = [];
  const stride = Math.max(1, Math.floor(bytes.byteLength / SAMPLED_BYTES));
  for (let at = 0; at < bytes.byteLength; at += stride) sampled.push(bytes[at] as number);
  return sampled.join(' ');
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
