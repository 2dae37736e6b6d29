import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { isVisibleAt } from './visibility.ts';

/** Tensors up to this many bytes are compared by all their bytes; larger ones are told apart by what they are made of. */
const MAXIMUM_COMPARED_BYTES = 65536;

/** Constant initializers by content, so that equal ones can be shared. */
export class InitializerIndex {
  readonly #byKey = new Map<string, Set<Value>>();
  readonly #keys = new WeakMap<Tensor, string>();
  readonly #payloadIds = new WeakMap<object, number>();
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
    for (const candidate of values) {
      if (candidate === value) return undefined;
      const stillThere =
        candidate.graph !== undefined && candidate.constant !== undefined && this.#keyOf(candidate.constant) === key;
      if (!stillThere) values.delete(candidate);
      else if (isVisibleAt(candidate, node)) return candidate;
    }
    values.add(value);
    return undefined;
  }

  #keyOf(tensor: Tensor): string {
    let key = this.#keys.get(tensor);
    if (key === undefined)
      this.#keys.set(tensor, (key = `${tensor.dataType}[${tensor.dims.join(',')}]${this.#contentKey(tensor)}`));
    return key;
  }

  #contentKey(tensor: Tensor): string {
    if (tensor.strings !== undefined) return JSON.stringify(tensor.strings.map((text) => Array.from(text)));
    if (tensor.isResident && tensor.byteLength <= MAXIMUM_COMPARED_BYTES) {
      let text = '=';
      for (const byte of tensor.bytes) text += String.fromCharCode(byte);
      return text;
    }
    let id = this.#payloadIds.get(tensor.payload);
    if (id === undefined) this.#payloadIds.set(tensor.payload, (id = this.#nextId++));
    return `#${id}`;
  }
}
