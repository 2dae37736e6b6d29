import type { DataType } from '../ir/data-type.ts';
import type { AttributeReader } from '../opset/attributes.ts';
import { type BigData, countOf, isBigData, isStringData, type NDArray, type NumberData } from './array.ts';
import { refuse } from './refusal.ts';

/**
 * `exact`: the result is the one the standard defines, bit for bit: movement, integers, comparison, cast, and
 * + - * / sqrt rounded once in the operator's type. `bounded`: another implementation may differ by rounding.
 */
export type Exactness = 'exact' | 'bounded';

/** One node to compute: its attributes, with the defaults of its opset, and its input arrays. */
export class KernelContext {
  readonly opType: string;
  /** Imported opset version of the node's domain. */
  readonly opset: number;
  readonly attributes: AttributeReader;
  readonly inputs: readonly (NDArray | undefined)[];
  readonly outputCount: number;
  /** False where a model is run rather than folded: what the standard leaves open is then computed as the reference does. */
  readonly isStrict: boolean;

  constructor(
    opType: string,
    opset: number,
    attributes: AttributeReader,
    inputs: readonly (NDArray | undefined)[],
    outputCount: number,
    isStrict = true,
  ) {
    this.opType = opType;
    this.opset = opset;
    this.attributes = attributes;
    this.inputs = inputs;
    this.outputCount = outputCount;
    this.isStrict = isStrict;
  }

  /** The standard does not define the result, or implementations differ: a fold is refused, a run goes on as the reference does. */
  disputed(reason: string): void {
    if (this.isStrict) refuse(reason);
  }

  /** Input `index`, which must be there. */
  input(index: number): NDArray {
    return this.inputs[index] ?? refuse(`${this.opType} needs its input ${index}`);
  }

  optional(index: number): NDArray | undefined {
    return this.inputs[index];
  }

  /** The inputs of a variadic operator. */
  all(): NDArray[] {
    return this.inputs.map((_, index) => this.input(index));
  }

  /** Elements of an integer input as exact integers; undefined when it is omitted. */
  integers(index: number): bigint[] | undefined {
    const array = this.inputs[index];
    return array === undefined ? undefined : integersIn(array);
  }

  /** Elements of a small integer input as numbers; refuses what a double cannot hold. */
  numbers(index: number): number[] | undefined {
    return this.integers(index)?.map((value) => safeNumber(value));
  }

  /** An int attribute; refuses when it is missing. */
  int(name: string): number {
    return safeNumber(this.attributes.int(name) ?? refuse(`${this.opType} needs its attribute '${name}'`));
  }

  ints(name: string): number[] | undefined {
    return this.attributes.ints(name)?.map((value) => safeNumber(value));
  }

  float(name: string): number {
    return this.attributes.float(name) ?? refuse(`${this.opType} needs its attribute '${name}'`);
  }

  flag(name: string): boolean {
    return (this.attributes.int(name) ?? 0n) !== 0n;
  }
}

export type KernelResult = NDArray | readonly (NDArray | undefined)[];

export interface KernelOptions {
  readonly exactness: Exactness | ((context: KernelContext) => Exactness);
  /** Computes all outputs, at least the first `context.outputCount`. Throws KernelRefusal for undefined behaviour. */
  readonly run: (context: KernelContext) => KernelResult;
  /**
   * For `bounded` kernels: how far a faithful implementation may be off, in units in the last place of the result type
   * relative to the largest intermediate magnitude (for a contraction, the sum of the magnitudes of its terms).
   */
  readonly ulp?: number;
}

export interface Kernel extends KernelOptions {
  /** `op_type` for ai.onnx, `domain::op_type` for others. */
  readonly operators: readonly string[];
  /** The standard operator, at an opset, whose attributes and types those of another domain are. */
  readonly standard?: { readonly opType: string; readonly opset: number };
}

export function kernel(operators: readonly string[], options: KernelOptions): Kernel {
  return { operators, ...options };
}

/** `exact` on integers and bools, `bounded` on floats: reductions, powers and contractions. */
export function exactOnIntegers(context: KernelContext): Exactness {
  const array = context.inputs[0];
  if (array === undefined || isStringData(array.data)) return 'exact';
  return array.data instanceof Float32Array || array.data instanceof Float64Array ? 'bounded' : 'exact';
}

export function safeNumber(value: bigint): number {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : refuse(`${value} is too large a number here`);
}

/** Elements of an integer or bool array as bigints. */
export function integersIn(array: NDArray): bigint[] {
  const { data } = array;
  if (isStringData(data) || data instanceof Float32Array || data instanceof Float64Array)
    return refuse(`integers were expected, not ${array.dataType}`);
  return isBigData(data) ? Array.from(data) : Array.from(data, (value) => BigInt(value));
}

/** The data of an array of any type that fits a double. */
export function numbersIn(array: NDArray): NumberData {
  const { data } = array;
  if (isStringData(data) || isBigData(data)) return refuse(`there is no kernel for ${array.dataType} here`);
  return data;
}

export function bigsIn(array: NDArray): BigData {
  const { data } = array;
  return isBigData(data) ? data : refuse(`int64 was expected, not ${array.dataType}`);
}

/** Elements as doubles, whatever the number type; 64-bit integers are rounded. */
export function doublesIn(array: NDArray): Float64Array {
  const { data } = array;
  if (isStringData(data)) return refuse('numbers were expected, not strings');
  if (data instanceof Float64Array) return data;
  return isBigData(data) ? Float64Array.from(data, Number) : Float64Array.from(data);
}

/** The only element of a scalar or one-element array, as a double. */
export function scalarIn(array: NDArray): number {
  if (countOf(array) !== 1) return refuse(`a scalar was expected, not dims [${array.dims.join(', ')}]`);
  return doublesIn(array)[0] as number;
}

/** `axis` counted from the front. */
export function normalAxis(axis: number | bigint, rank: number): number {
  const number = Number(axis);
  if (!Number.isInteger(number) || number < -rank || number >= rank)
    return refuse(`axis ${axis} is out of range for rank ${rank}`);
  return number < 0 ? number + rank : number;
}

export function normalAxes(axes: readonly (number | bigint)[], rank: number): number[] {
  const result = axes.map((axis) => normalAxis(axis, rank));
  if (new Set(result).size !== result.length) return refuse(`axes [${axes.join(', ')}] name one axis twice`);
  return result;
}

export function requireType(array: NDArray, ...types: readonly DataType[]): void {
  if (!types.includes(array.dataType)) refuse(`${array.dataType} is none of the types ${types.join(', ')}`);
}
