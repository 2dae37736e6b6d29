/** Initializers that rules left to be computed while the model is saved, although they are small. */
import { graphsOfModel, type Model } from '../ir/model.ts';
import { ComputedPayload, ResidentPayload } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { DEFAULT_RESIDENT_BYTES } from '../wire/limits.ts';

/** Those that something reads, and that would be in memory if the model were written and read again. */
export function smallComputed(model: Model): readonly Value[] {
  const values: Value[] = [];
  for (const graph of graphsOfModel(model))
    for (const value of graph.initializers) if (isSmallComputed(value) && value.isUsed) values.push(value);
  return values;
}

function isSmallComputed({ initializer }: Value): boolean {
  return initializer?.payload instanceof ComputedPayload && initializer.byteLength <= DEFAULT_RESIDENT_BYTES;
}

/** Computes the elements now. ModelError when what they are computed from cannot be read. */
export async function bringIntoMemory(value: Value): Promise<void> {
  const { initializer } = value;
  if (initializer === undefined) return;
  const { byteLength } = initializer;
  const bytes = await initializer.payload.read(0, byteLength, new Uint8Array(byteLength));
  value.initializer = initializer.withPayload(new ResidentPayload(bytes));
}
