import { invariant } from '../base/errors.ts';
import { ComputedPayload, Tensor } from '../ir/tensor.ts';

/** Bytes of an element of the types that are joined. */
const WIDTHS: Partial<Record<Tensor['dataType'], number>> = { float: 4, double: 8, float16: 2, bfloat16: 2 };

/** Matrices of equally many rows, of dims [K, N1], [K, N2] ..., side by side; undefined for types that are no floats. */
export function joinedColumns(matrices: readonly Tensor[]): Tensor | undefined {
  const [first] = matrices;
  const width = first === undefined ? undefined : WIDTHS[first.dataType];
  if (first === undefined || width === undefined) return undefined;
  const rows = first.dims[0] ?? 0;
  const { dataType } = first;
  if (matrices.some((matrix) => matrix.dataType !== dataType || matrix.dims.length !== 2 || matrix.dims[0] !== rows))
    return undefined;
  const strides = matrices.map(({ dims }) => (dims[1] ?? 0) * width);
  const stride = strides.reduce((sum, bytes) => sum + bytes, 0);
  if (stride === 0 || rows === 0) return undefined;
  const dims = [rows, stride / width];
  const join = (parts: readonly Uint8Array[], count: number, target: Uint8Array): Uint8Array => {
    let start = 0;
    for (const [part, bytes] of parts.entries()) {
      const own = strides[part] ?? 0;
      for (let row = 0; row < count; row++)
        target.set(bytes.subarray(row * own, (row + 1) * own), row * stride + start);
      start += own;
    }
    return target;
  };
  if (matrices.every(({ isResident }) => isResident)) {
    const parts = matrices.map(({ bytes }) => bytes);
    return new Tensor(dataType, dims, join(parts, rows, new Uint8Array(rows * stride)));
  }
  const payload = new ComputedPayload(rows * stride, stride, async (offset, length) => {
    const [start, count] = [offset / stride, length / stride];
    const parts: Uint8Array[] = [];
    for (const [part, matrix] of matrices.entries()) {
      const own = strides[part] ?? 0;
      parts.push(await matrix.payload.read(start * own, count * own));
    }
    invariant(Number.isInteger(start) && Number.isInteger(count), 'rows are computed as a whole');
    return join(parts, count, new Uint8Array(length));
  });
  return new Tensor(dataType, dims, payload);
}
