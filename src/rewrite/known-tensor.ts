import type { Fact } from '../infer/fact.ts';
import type { DataType } from '../ir/data-type.ts';
import { Tensor } from '../ir/tensor.ts';

const WRITERS: Partial<
  Record<DataType, { width: number; write: (view: DataView, offset: number, value: bigint) => void }>
> = {
  int64: { width: 8, write: (view, offset, value) => view.setBigInt64(offset, value, true) },
  uint64: { width: 8, write: (view, offset, value) => view.setBigUint64(offset, value, true) },
  int32: { width: 4, write: (view, offset, value) => view.setInt32(offset, Number(value), true) },
  uint32: { width: 4, write: (view, offset, value) => view.setUint32(offset, Number(value), true) },
  int16: { width: 2, write: (view, offset, value) => view.setInt16(offset, Number(value), true) },
  int8: { width: 1, write: (view, offset, value) => view.setInt8(offset, Number(value)) },
  uint8: { width: 1, write: (view, offset, value) => view.setUint8(offset, Number(value)) },
  bool: { width: 1, write: (view, offset, value) => view.setUint8(offset, value === 0n ? 0 : 1) },
};

/** The tensor a value always is, when inference knows every element as a number; undefined otherwise. */
export function knownTensor(fact: Fact): Tensor | undefined {
  const { dataType, shape, elements } = fact;
  if (dataType === undefined || shape === undefined || elements === undefined) return undefined;
  const writer = WRITERS[dataType];
  if (writer === undefined) return undefined;
  const dims: number[] = [];
  for (const { constant } of shape) {
    if (constant === undefined) return undefined;
    dims.push(Number(constant));
  }
  const bytes = new Uint8Array(elements.length * writer.width);
  const view = new DataView(bytes.buffer);
  for (const [index, { constant }] of elements.entries()) {
    if (constant === undefined) return undefined;
    writer.write(view, index * writer.width, constant);
  }
  return new Tensor(dataType, dims, bytes);
}
