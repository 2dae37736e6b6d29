/** What a value is while a model is evaluated, and the operators on sequences and optionals. */
import type { Attribute } from '../ir/attribute.ts';
import type { Node } from '../ir/node.ts';
import { int64Array, type NDArray } from './array.ts';
import { integersIn, normalAxis, safeNumber } from './kernel.ts';
import { concatenated } from './kernels/movement.ts';
import { gatherStrided, reshaped } from './move.ts';
import { refuse } from './refusal.ts';
import { stridesOf } from './strided.ts';

/** A map of ai.onnx.ml: as many values as keys, both of rank 1. */
export interface MapValue {
  readonly kind: 'map';
  readonly keys: NDArray;
  readonly values: NDArray;
}

/** A tensor, a sequence, a map, or null: an empty optional, or an input that a call left out. */
export type RuntimeValue = NDArray | readonly RuntimeValue[] | MapValue | null;

export function isArray(value: RuntimeValue): value is NDArray {
  return value !== null && 'dims' in value;
}

export function isMap(value: RuntimeValue): value is MapValue {
  return value !== null && 'kind' in value;
}

export function isSequence(value: RuntimeValue): value is readonly RuntimeValue[] {
  return Array.isArray(value);
}

export interface Call {
  readonly node: Node;
  readonly attributes: ReadonlyMap<string, Attribute>;
}

export type SequenceOperator = (
  inputs: readonly (RuntimeValue | undefined)[],
  call: Call,
) => RuntimeValue[] | undefined;

function sequenceIn(inputs: readonly (RuntimeValue | undefined)[], index: number): readonly RuntimeValue[] {
  const value = inputs[index];
  return value !== undefined && isSequence(value) ? value : refuse(`input ${index} is no sequence`);
}

function arrayIn(inputs: readonly (RuntimeValue | undefined)[], index: number): NDArray {
  const value = inputs[index];
  return value !== undefined && isArray(value) ? value : refuse(`input ${index} is no tensor`);
}

function intOf({ attributes }: Call, name: string, standard: number): number {
  const attribute = attributes.get(name);
  return attribute?.kind === 'int' ? safeNumber(attribute.value) : standard;
}

/** A position in a sequence of `length`; negative ones count from the end. */
function positionIn(inputs: readonly (RuntimeValue | undefined)[], index: number, length: number): number {
  const position = safeNumber(integersIn(arrayIn(inputs, index))[0] ?? refuse('a position is missing'));
  const at = position < 0 ? position + length : position;
  return at >= 0 && at <= length ? at : refuse(`position ${position} is outside a sequence of ${length}`);
}

/** One slice along `axis`, without that axis when `squeeze`. */
export function sliceOf(array: NDArray, axis: number, start: number, size: number, squeeze = false): NDArray {
  const strides = stridesOf(array.dims);
  const dims = array.dims.map((dim, at) => (at === axis ? size : dim));
  const part = gatherStrided(array, dims, strides, start * (strides[axis] as number));
  return squeeze
    ? reshaped(
        part,
        array.dims.filter((_, at) => at !== axis),
      )
    : part;
}

/** Arrays of one shape along a new axis. */
export function stacked(arrays: readonly NDArray[], axis: number): NDArray {
  return concatenated(
    arrays.map((array) => reshaped(array, [...array.dims.slice(0, axis), 1, ...array.dims.slice(axis)])),
    axis,
  );
}

function splitToSequence(inputs: readonly (RuntimeValue | undefined)[], call: Call): RuntimeValue[] {
  const array = arrayIn(inputs, 0);
  const axis = normalAxis(intOf(call, 'axis', 0), array.dims.length);
  const dim = array.dims[axis] as number;
  const split = inputs[1] === undefined || inputs[1] === null ? undefined : arrayIn(inputs, 1);
  const keep = split !== undefined || intOf(call, 'keepdims', 1) !== 0;
  let sizes: number[];
  if (split === undefined) sizes = new Array<number>(dim).fill(1);
  else if (split.dims.length > 0) sizes = integersIn(split).map(safeNumber);
  else {
    const size = safeNumber(integersIn(split)[0] ?? 0n);
    if (size < 1) return refuse(`parts of ${size}`);
    sizes = Array.from({ length: Math.ceil(dim / size) }, (_, index) => Math.min(size, dim - index * size));
  }
  if (sizes.reduce((sum, size) => sum + size, 0) !== dim) return refuse('the parts do not make up the axis');
  let start = 0;
  const parts = sizes.map((size) => {
    const part = sliceOf(array, axis, start, size, !keep);
    start += size;
    return part;
  });
  return [parts];
}

/** By operator; undefined where the inputs are plain tensors and a kernel is to compute them. */
export const sequenceOperators: ReadonlyMap<string, SequenceOperator> = new Map<string, SequenceOperator>([
  ['SequenceEmpty', () => [[]]],
  ['SequenceConstruct', (inputs) => [inputs.map((value) => value ?? null)]],
  ['SequenceLength', (inputs) => [int64Array([sequenceIn(inputs, 0).length], [])]],
  [
    'SequenceAt',
    (inputs) => {
      const sequence = sequenceIn(inputs, 0);
      return [sequence[positionIn(inputs, 1, sequence.length)] ?? refuse('the position is past the end')];
    },
  ],
  [
    'SequenceInsert',
    (inputs) => {
      const sequence = sequenceIn(inputs, 0);
      const at =
        inputs[2] === undefined || inputs[2] === null ? sequence.length : positionIn(inputs, 2, sequence.length);
      return [[...sequence.slice(0, at), inputs[1] ?? null, ...sequence.slice(at)]];
    },
  ],
  [
    'SequenceErase',
    (inputs) => {
      const sequence = sequenceIn(inputs, 0);
      const last = inputs[1] === undefined || inputs[1] === null;
      const at = last ? sequence.length - 1 : positionIn(inputs, 1, sequence.length);
      return at >= 0 && at < sequence.length
        ? [sequence.filter((_, index) => index !== at)]
        : refuse('nothing to erase');
    },
  ],
  [
    'ConcatFromSequence',
    (inputs, call) => {
      const sequence = sequenceIn(inputs, 0);
      const arrays = sequence.map((_, index) => arrayIn(sequence, index));
      const stacks = intOf(call, 'new_axis', 0) !== 0;
      const rank = (arrays[0]?.dims.length ?? 0) + (stacks ? 1 : 0);
      const axis = normalAxis(intOf(call, 'axis', 0), rank);
      return [stacks ? stacked(arrays, axis) : concatenated(arrays, axis)];
    },
  ],
  ['SplitToSequence', splitToSequence],
  ['Identity', (inputs) => (inputs[0] === undefined || isArray(inputs[0]) ? undefined : [inputs[0]])],
  ['Optional', (inputs) => [inputs[0] ?? null]],
  [
    'OptionalHasElement',
    (inputs) => [{ dataType: 'bool', dims: [], data: Uint8Array.of((inputs[0] ?? null) === null ? 0 : 1) }],
  ],
  ['OptionalGetElement', (inputs) => [inputs[0] ?? refuse('the optional is empty')]],
]);
