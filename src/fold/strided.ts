/** Walks over several arrays at once, each with strides of its own: how every kernel broadcasts, transposes and slices. */

/** Row-major strides, in elements. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides = new Array<number>(dims.length);
  let stride = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    strides[axis] = stride;
    stride *= dims[axis] as number;
  }
  return strides;
}

export function product(dims: readonly number[]): number {
  let result = 1;
  for (const dim of dims) result *= dim;
  return result;
}

/** The shape all of these broadcast to (Broadcasting.md), or undefined when they do not agree. */
export function broadcastDims(...shapes: readonly (readonly number[])[]): number[] | undefined {
  const rank = Math.max(0, ...shapes.map((dims) => dims.length));
  const result = new Array<number>(rank).fill(1);
  for (const dims of shapes) {
    for (let i = 0; i < dims.length; i++) {
      const axis = rank - dims.length + i;
      const dim = dims[i] as number;
      if (dim === 1 || dim === result[axis]) continue;
      if (result[axis] !== 1) return undefined;
      result[axis] = dim;
    }
  }
  return result;
}

/** Strides that read an array of `dims` as if it had the shape `target`: 0 along broadcast axes. */
export function broadcastStrides(dims: readonly number[], target: readonly number[]): number[] {
  const own = stridesOf(dims);
  return target.map((_, axis) => {
    const at = axis - (target.length - dims.length);
    return at < 0 || dims[at] === 1 ? 0 : (own[at] as number);
  });
}

/**
 * Calls `row` for each run along the innermost axis. `offsets` are where each operand starts, `steps` how it advances;
 * the arrays are reused. Neighbouring axes that every operand crosses evenly are merged first, so that a contiguous
 * walk is one row.
 */
export function eachRow(
  dims: readonly number[],
  strides: readonly (readonly number[])[],
  row: (offsets: readonly number[], length: number, steps: readonly number[]) => void,
): void {
  const operands = strides.length;
  const sizes: number[] = [];
  const moves: number[][] = strides.map(() => []);
  for (let axis = 0; axis < dims.length; axis++) {
    const size = dims[axis] as number;
    if (size === 0) return;
    if (size === 1) continue;
    const last = sizes.length - 1;
    const mergeable =
      last >= 0 && strides.every((own, k) => (moves[k]?.[last] as number) === (own[axis] as number) * size);
    if (mergeable) {
      sizes[last] = (sizes[last] as number) * size;
      for (let k = 0; k < operands; k++) (moves[k] as number[])[last] = strides[k]?.[axis] as number;
    } else {
      sizes.push(size);
      for (let k = 0; k < operands; k++) moves[k]?.push(strides[k]?.[axis] as number);
    }
  }
  const offsets = new Array<number>(operands).fill(0);
  const inner = sizes.length - 1;
  if (inner < 0) {
    row(offsets, 1, offsets);
    return;
  }
  const length = sizes[inner] as number;
  const steps = moves.map((own) => own[inner] as number);
  const counters = new Array<number>(inner).fill(0);
  for (;;) {
    row(offsets, length, steps);
    let axis = inner - 1;
    for (; axis >= 0; axis--) {
      const count = (counters[axis] as number) + 1;
      if (count < (sizes[axis] as number)) {
        counters[axis] = count;
        for (let k = 0; k < operands; k++) offsets[k] = (offsets[k] as number) + (moves[k]?.[axis] as number);
        break;
      }
      counters[axis] = 0;
      for (let k = 0; k < operands; k++)
        offsets[k] = (offsets[k] as number) - (moves[k]?.[axis] as number) * (count - 1);
    }
    if (axis < 0) return;
  }
}
