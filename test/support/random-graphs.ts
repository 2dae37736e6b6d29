/**
 * Random graphs of movements and shape arithmetic, as exporters write them. Every step is a run of choices from a tape of
 * numbers, so that a shorter tape is a smaller model. Sizes are followed for all bindings of the dim_params at once: a step is
 * taken only where it fits, so that the model computes for every binding (sizes of 0 may still leave a -1 without solution).
 */

/** What N and M are, in turn. */
export const BINDINGS: readonly (readonly [n: number, m: number])[] = [
  [2, 3],
  [3, 2],
  [1, 3],
  [3, 1],
  [1, 1],
  [0, 2],
  [2, 0],
];

/** A size, for each binding. */
type Size = readonly number[];

interface Matrix {
  readonly name: string;
  readonly dims: readonly Size[];
}

interface IntVector {
  readonly name: string;
  readonly elements: readonly Size[];
}

const MAXIMUM_ELEMENTS = 600;
const MAXIMUM_RANK = 5;

export interface RandomGraph {
  readonly text: string;
  readonly steps: number;
}

const constantSize = (size: number): Size => BINDINGS.map(() => size);
const sameSize = (a: Size, b: Size): boolean => a.every((size, index) => size === b[index]);
const zip = (a: Size, b: Size, combine: (x: number, y: number) => number): Size =>
  a.map((size, index) => combine(size, b[index] ?? 0));
const isConstant = (size: Size, value: number): boolean => size.every((one) => one === value);
const countOf = (dims: readonly Size[]): Size =>
  dims.reduce((product, dim) => zip(product, dim, (x, y) => x * y), constantSize(1));

/** The graph that a tape of numbers describes. */
export function randomGraph(tape: readonly number[]): RandomGraph {
  return new Builder(tape).build();
}

class Builder {
  readonly #tape: readonly number[];
  #at = 0;
  readonly #lines: string[] = [];
  readonly #initializers: string[] = [];
  readonly #values: Matrix[];
  #count = 0;

  constructor(tape: readonly number[]) {
    this.#tape = tape;
    const n = BINDINGS.map(([size]) => size);
    const m = BINDINGS.map(([, size]) => size);
    this.#values = [
      { name: 'x', dims: [n, m, constantSize(4)] },
      { name: 'z', dims: [n, constantSize(1), constantSize(4)] },
    ];
  }

  build(): RandomGraph {
    const steps = [
      this.#view,
      this.#view,
      this.#transpose,
      this.#unsqueeze,
      this.#squeeze,
      this.#slice,
      this.#concat,
      this.#expand,
      this.#same,
      this.#add,
      this.#flatten,
      this.#fill,
      this.#split,
    ];
    let taken = 0;
    while (this.#at < this.#tape.length) {
      const step = steps[this.#choose(steps.length)] ?? this.#same;
      // Mostly the newest value, so that chains grow long.
      const index = this.#choose(4) === 0 ? this.#choose(this.#values.length) : this.#values.length - 1;
      const value = this.#values[index];
      if (value === undefined) continue;
      const made = step.call(this, value);
      if (made === undefined || Math.max(...countOf(made.dims)) > MAXIMUM_ELEMENTS || made.dims.length > MAXIMUM_RANK)
        continue;
      taken++;
      this.#values.push(made);
    }
    const last = this.#values.at(-1);
    const outputs = this.#values.slice(2).filter((value) => value === last || this.#at % (value.dims.length + 2) === 0);
    const shown = outputs.length > 0 ? outputs : this.#values.slice(0, 1);
    const text = `agraph (float[N,M,4] x, float[N,1,4] z) => (${shown
      .map(({ name, dims }) => `float[${dims.map((_, axis) => `${name}_${axis}`).join(',')}] ${name}`)
      .join(', ')}) <${this.#initializers.join(', ')}> {\n  ${this.#lines.join('\n  ')}\n}`;
    return { text, steps: taken };
  }

  /** A number below `bound`, from the tape. */
  #choose(bound: number): number {
    const next = this.#tape[this.#at++] ?? 0;
    return next % bound;
  }

  #node(call: string): string {
    const name = `v${this.#count++}`;
    this.#lines.push(`${name} = ${call}`);
    return name;
  }

  #ints(values: readonly number[], type = 'int64'): string {
    const name = `c${this.#count++}`;
    this.#initializers.push(`${type}[${values.length}] ${name} = {${values.join(', ')}}`);
    return name;
  }

  #scalar(value: number): string {
    const name = `c${this.#count++}`;
    this.#initializers.push(`int64 ${name} = {${value}}`);
    return name;
  }

  /** A vector of one element that is the size of an axis, found in one of the ways exporters know. */
  #dim({ name, dims }: Matrix, axis: number): IntVector {
    const elements = [dims[axis] ?? constantSize(1)];
    switch (this.#choose(4)) {
      case 0:
        return { name: this.#node(`Shape <start = ${axis}, end = ${axis + 1}> (${name})`), elements };
      case 1: {
        const shape = this.#node(`Shape (${name})`);
        return { name: this.#node(`Slice (${shape}, ${this.#ints([axis])}, ${this.#ints([axis + 1])})`), elements };
      }
      case 2: {
        const shape = this.#node(`Shape (${name})`);
        const one = this.#node(`Gather (${shape}, ${this.#scalar(axis - dims.length)})`);
        return { name: this.#node(`Unsqueeze (${one}, ${this.#ints([0])})`), elements };
      }
      default: {
        const shape = this.#node(`Shape (${name})`);
        return { name: this.#node(`Gather (${shape}, ${this.#ints([axis])})`), elements };
      }
    }
  }

  /** The same vector by a detour. */
  #detour(vector: IntVector): IntVector {
    const { name, elements } = vector;
    switch (this.#choose(9)) {
      case 0: {
        const doubled = this.#node(`Mul (${name}, ${this.#ints([2])})`);
        return { name: this.#node(`Div (${doubled}, ${this.#ints([2])})`), elements };
      }
      case 1: {
        const more = this.#node(`Add (${name}, ${this.#ints([3])})`);
        return { name: this.#node(`Sub (${more}, ${this.#ints([3])})`), elements };
      }
      case 2: {
        const narrow = this.#node(`Cast <to = 6> (${name})`);
        return { name: this.#node(`Cast <to = 7> (${narrow})`), elements };
      }
      case 3: {
        const real = this.#node(`Cast <to = 1> (${name})`);
        const floor = this.#node(`Floor (${real})`);
        return { name: this.#node(`Cast <to = 7> (${floor})`), elements };
      }
      case 4: {
        const isOpen = this.#node(`Equal (${name}, ${this.#ints([-1])})`);
        return { name: this.#node(`Where (${isOpen}, ${this.#ints([1])}, ${name})`), elements };
      }
      case 5:
        return {
          name: this.#node(`Max (${name}, ${this.#ints([1])})`),
          elements: elements.map((size) => size.map((one) => Math.max(one, 1))),
        };
      case 6: {
        // Half, rounded down, and what is left of it.
        const half = this.#node(`Div (${name}, ${this.#ints([2])})`);
        const rest = this.#node(`Sub (${name}, ${half})`);
        return { name: this.#node(`Add (${rest}, ${half})`), elements };
      }
      default:
        return vector;
    }
  }

  #multiply(a: IntVector, b: IntVector): IntVector {
    const elements = a.elements.map((size, index) => zip(size, b.elements[index] ?? size, (x, y) => x * y));
    return { name: this.#node(`Mul (${a.name}, ${b.name})`), elements };
  }

  #join(parts: readonly IntVector[]): IntVector {
    const [only] = parts;
    if (parts.length === 1 && only !== undefined) return only;
    return {
      name: this.#node(`Concat <axis = 0> (${parts.map(({ name }) => name).join(', ')})`),
      elements: parts.flatMap(({ elements }) => elements),
    };
  }

  /** Reshape: neighbouring axes merged or an axis split, its sizes read, written, copied or left open. */
  #view(value: Matrix): Matrix | undefined {
    const { name, dims } = value;
    if (dims.length === 0) return undefined;
    const parts: IntVector[] = [];
    const made: Size[] = [];
    let isOpen = false;
    const allowZero = this.#choose(3) === 0;
    for (let axis = 0; axis < dims.length;) {
      const take = Math.min(1 + (this.#choose(3) === 0 ? 1 : 0), dims.length - axis);
      const merged = dims.slice(axis, axis + take);
      const size = countOf(merged);
      const split = take === 1 && isConstant(size, 4) && this.#choose(2) === 0;
      if (split) {
        parts.push({ name: this.#ints([2, 2]), elements: [constantSize(2), constantSize(2)] });
        made.push(constantSize(2), constantSize(2));
      } else {
        made.push(size);
        const choice = this.#choose(4);
        if (choice === 0 && !isOpen) {
          isOpen = true;
          parts.push({ name: this.#ints([-1]), elements: [size] });
        } else if (
          choice === 1 &&
          !allowZero &&
          sameSize(dims[parts.length] ?? constantSize(-1), size) &&
          made.length - 1 < dims.length &&
          sameSize(dims[made.length - 1] ?? constantSize(-1), size)
        ) {
          parts.push({ name: this.#ints([0]), elements: [size] });
        } else {
          let read = this.#detour(this.#dim(value, axis));
          for (let next = axis + 1; next < axis + take; next++)
            read = this.#multiply(read, this.#detour(this.#dim(value, next)));
          if (!sameSize(read.elements[0] ?? size, size)) return undefined;
          parts.push(read);
        }
      }
      axis += take;
    }
    // A 0 that is read means a copy, unless allowzero says otherwise: it must be the size of the same axis then.
    if (!allowZero && made.some((size, axis) => size.some((one, index) => one === 0 && dims[axis]?.[index] !== 0)))
      return undefined;
    if (isOpen && allowZero && made.some((size) => size.includes(0))) return undefined;
    const shape = this.#join(parts);
    const attribute = allowZero ? ' <allowzero = 1>' : '';
    return { name: this.#node(`Reshape${attribute} (${name}, ${shape.name})`), dims: made };
  }

  #transpose({ name, dims }: Matrix): Matrix {
    const left = dims.map((_, axis) => axis);
    const perm: number[] = [];
    while (left.length > 0) perm.push(...left.splice(this.#choose(left.length), 1));
    const isReversed = perm.every((axis, index) => axis === dims.length - 1 - index);
    const attribute = isReversed && this.#choose(2) === 0 ? '' : ` <perm = [${perm.join(', ')}]>`;
    return {
      name: this.#node(`Transpose${attribute} (${name})`),
      dims: perm.map((axis) => dims[axis] ?? constantSize(1)),
    };
  }

  #unsqueeze({ name, dims }: Matrix): Matrix {
    const axis = this.#choose(dims.length + 1);
    const written = this.#choose(2) === 0 ? axis : axis - dims.length - 1;
    return {
      name: this.#node(`Unsqueeze (${name}, ${this.#ints([written])})`),
      dims: [...dims.slice(0, axis), constantSize(1), ...dims.slice(axis)],
    };
  }

  #squeeze({ name, dims }: Matrix): Matrix | undefined {
    const axis = dims.findIndex((size) => isConstant(size, 1));
    if (axis < 0) return undefined;
    return {
      name: this.#node(`Squeeze (${name}, ${this.#ints([this.#choose(2) === 0 ? axis : axis - dims.length])})`),
      dims: dims.filter((_, at) => at !== axis),
    };
  }

  #slice(value: Matrix): Matrix | undefined {
    const { name, dims } = value;
    if (dims.length === 0) return undefined;
    const axis = this.#choose(dims.length);
    const size = dims[axis] ?? constantSize(1);
    const replaced = (by: Size): Size[] => dims.map((dim, at) => (at === axis ? by : dim));
    const axes = this.#ints([this.#choose(2) === 0 ? axis : axis - dims.length]);
    switch (this.#choose(4)) {
      case 0: {
        const end = this.#detour(this.#dim(value, axis));
        return { name: this.#node(`Slice (${name}, ${this.#ints([0])}, ${end.name}, ${axes})`), dims: [...dims] };
      }
      case 1: {
        const call = `Slice (${name}, ${this.#ints([-1])}, ${this.#ints(['-9223372036854775807' as never])}, ${axes}, ${this.#ints([-1])})`;
        return { name: this.#node(call), dims: [...dims] };
      }
      case 2: {
        const other = this.#choose(dims.length);
        const end = this.#dim(value, other);
        const limit = end.elements[0] ?? size;
        return {
          name: this.#node(`Slice (${name}, ${this.#ints([0])}, ${end.name}, ${axes})`),
          dims: replaced(zip(size, limit, Math.min)),
        };
      }
      default: {
        const start = this.#choose(3);
        return {
          name: this.#node(`Slice (${name}, ${this.#ints([start])}, ${this.#ints([100])}, ${axes})`),
          dims: replaced(size.map((one) => Math.max(0, one - start))),
        };
      }
    }
  }

  /** Another value that agrees with this one on all axes but one. */
  #concat({ name, dims }: Matrix): Matrix | undefined {
    if (dims.length === 0) return undefined;
    const axis = this.#choose(dims.length);
    const fits = this.#values.filter(
      (other) =>
        other.dims.length === dims.length &&
        other.dims.every((size, at) => at === axis || sameSize(size, dims[at] ?? size)),
    );
    const other = fits[this.#choose(fits.length)];
    if (other === undefined) return undefined;
    const sum = zip(dims[axis] ?? constantSize(0), other.dims[axis] ?? constantSize(0), (x, y) => x + y);
    return {
      name: this.#node(`Concat <axis = ${this.#choose(2) === 0 ? axis : axis - dims.length}> (${name}, ${other.name})`),
      dims: dims.map((size, at) => (at === axis ? sum : size)),
    };
  }

  #expand(value: Matrix): Matrix | undefined {
    const { name, dims } = value;
    if (dims.length === 0) return undefined;
    const parts = dims.map((size, axis): IntVector => {
      const choice = this.#choose(3);
      if (choice === 0) return { name: this.#ints([1]), elements: [size] };
      if (choice === 1 && isConstant(size, 1)) return { name: this.#ints([3]), elements: [constantSize(3)] };
      return this.#detour(this.#dim(value, axis));
    });
    const shape = this.#join(
      this.#choose(3) === 0 ? [{ name: this.#ints([2]), elements: [constantSize(2)] }, ...parts] : parts,
    );
    const offset = shape.elements.length - dims.length;
    const made = shape.elements.map((size, axis) =>
      zip(dims[axis - offset] ?? constantSize(1), size, (x, y) => (x === 1 ? y : y === 1 ? x : x === y ? x : -1)),
    );
    if (made.some((size) => size.includes(-1))) return undefined;
    return { name: this.#node(`Expand (${name}, ${shape.name})`), dims: made };
  }

  /** Something that keeps the shape. */
  #same({ name, dims }: Matrix): Matrix {
    const calls = [
      `Identity (${name})`,
      `Neg (${name})`,
      `Cast <to = 1> (${name})`,
      `Dropout (${name})`,
      `CastLike (${name}, x)`,
      `Softmax <axis = -1> (${name})`,
    ];
    const choice = this.#choose(dims.length === 0 ? 5 : 6);
    if (choice === 5 && this.#choose(2) === 0) {
      const wide = this.#node(`Cast <to = 11> (${name})`);
      return { name: this.#node(`Cast <to = 1> (${wide})`), dims: [...dims] };
    }
    return { name: this.#node(calls[choice] ?? `Neg (${name})`), dims: [...dims] };
  }

  #add({ name, dims }: Matrix): Matrix | undefined {
    const fits = this.#values.filter(
      (other) =>
        other.dims.length === dims.length && other.dims.every((size, axis) => sameSize(size, dims[axis] ?? size)),
    );
    const other = fits[this.#choose(fits.length)];
    const operator = ['Add', 'Mul', 'Sub'][this.#choose(3)] ?? 'Add';
    return other && { name: this.#node(`${operator} (${name}, ${other.name})`), dims: [...dims] };
  }

  #flatten({ name, dims }: Matrix): Matrix {
    const axis = this.#choose(dims.length + 1);
    return {
      name: this.#node(`Flatten <axis = ${axis}> (${name})`),
      dims: [countOf(dims.slice(0, axis)), countOf(dims.slice(axis))],
    };
  }

  /** Zeros of the shape of a value, or a range as long as an axis, added to it. */
  #fill(value: Matrix): Matrix | undefined {
    const { name, dims } = value;
    if (dims.length === 0) return undefined;
    if (this.#choose(2) === 0) {
      const shape = this.#join(dims.map((_, axis) => this.#dim(value, axis)));
      const zeros = this.#node(`ConstantOfShape (${shape.name})`);
      return { name: this.#node(`Add (${name}, ${zeros})`), dims: [...dims] };
    }
    const last = this.#detour(this.#dim(value, dims.length - 1));
    if (!sameSize(last.elements[0] ?? constantSize(-1), dims.at(-1) ?? constantSize(-2))) return undefined;
    const limit = this.#node(`Squeeze (${last.name}, ${this.#ints([0])})`);
    const range = this.#node(`Range (${this.#scalar(0)}, ${limit}, ${this.#scalar(1)})`);
    const real = this.#node(`Cast <to = 1> (${range})`);
    return { name: this.#node(`Add (${name}, ${real})`), dims: [...dims] };
  }

  /** Two halves of an axis of 4, joined the other way round. */
  #split({ name, dims }: Matrix): Matrix | undefined {
    const axis = dims.findIndex((size) => isConstant(size, 4));
    if (axis < 0) return undefined;
    const [a, b] = [`v${this.#count++}`, `v${this.#count++}`];
    this.#lines.push(`${a}, ${b} = Split <axis = ${axis}, num_outputs = 2> (${name})`);
    return { name: this.#node(`Concat <axis = ${axis}> (${b}, ${this.#choose(2) === 0 ? a : b})`), dims: [...dims] };
  }
}
