import { createData, isBigData, tensorOf } from '../../src/fold/array.ts';
import { isFloatType } from '../../src/ir/data-type.ts';
import type { Model } from '../../src/ir/model.ts';
import { elementCountOf, type Tensor } from '../../src/ir/tensor.ts';

/** A small deterministic generator (mulberry32), so that a failure can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Random inputs of a model; each dim_param gets `size`. Floats in [-2, 2), integers in [0, 3), bools, three texts. */
export function randomInputs(model: Model, size: number, seed = 1): Map<string, Tensor> {
  const random = randomNumbers(seed);
  const inputs = new Map<string, Tensor>();
  for (const value of model.graph.inputs) {
    if (value.initializer !== undefined) continue;
    const { type } = value;
    if (type?.kind !== 'tensor' || type.dataType === undefined || type.shape === undefined) {
      throw new Error(`input '${value.name}' of an example needs a tensor type with a shape`);
    }
    const dims = type.shape.map((dim) => (typeof dim === 'number' ? dim : size));
    if (type.dataType === 'string') {
      const texts = Array.from({ length: elementCountOf(dims) }, () => `text ${Math.floor(random() * 3)}`);
      inputs.set(value.name, tensorOf({ dataType: 'string', dims, data: texts.map((text) => Buffer.from(text)) }));
      continue;
    }
    const data = createData(type.dataType, elementCountOf(dims));
    for (let index = 0; index < data.length; index++) {
      const number = random();
      if (isBigData(data)) data[index] = BigInt(Math.floor(number * 3));
      else if (isFloatType(type.dataType)) data[index] = Math.round((number * 4 - 2) * 64) / 64;
      else data[index] = Math.floor(number * (type.dataType === 'bool' ? 2 : 3));
    }
    inputs.set(value.name, tensorOf({ dataType: type.dataType, dims, data }));
  }
  return inputs;
}
