/** Values for the inputs of a model: random, but such as its use of them allows. */
import { ModelError } from '../base/errors.ts';
import { createData, isBigData, type NDArray } from '../fold/array.ts';
import { converted } from '../fold/convert.ts';
import type { RuntimeValue } from '../fold/runtime-value.ts';
import type { Facts } from '../infer/fact.ts';
import { type DataType, dataTypeInfo, isFloatType } from '../ir/data-type.ts';
import type { Model } from '../ir/model.ts';
import { elementCountOf } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import type { ValueType } from '../ir/value-type.ts';
import { type Binding, boundShape, boundSize } from './bindings.ts';
import { type InputRole, roleOf } from './input-roles.ts';
import type { RandomNumbers } from './random.ts';

/** Elements of all inputs together, beyond which a run would need more memory than it is worth. */
const MAXIMUM_ELEMENTS = 1 << 28;
/** Items of a sequence. */
const SEQUENCE_LENGTH = 2;
/** Sizes of tensors in sequences and optionals that do not say theirs. */
const UNKNOWN_SIZE = 3;

/** Makes the values of inputs; what they are used for is found once. */
export class InputMaker {
  readonly inputs: readonly Value[];
  readonly #facts: Facts;
  readonly #roles = new Map<Value, InputRole>();

  /** `inputs` are those that have no default. */
  constructor(model: Model, facts: Facts, inputs: readonly Value[]) {
    this.inputs = inputs;
    this.#facts = facts;
    for (const input of inputs) this.#roles.set(input, roleOf(input, model, facts));
  }

  /**
   * A value for each input, those that are `given` excepted. `isTame` keeps numbers small and integers at 0 and 1, for models
   * that fail on others. Undefined when the binding gives an input no size, or too large a one. ModelError for a type of which
   * no values can be made.
   */
  make(
    binding: Binding,
    random: RandomNumbers,
    given: ReadonlyMap<string, RuntimeValue>,
    isTame: boolean,
  ): Map<string, RuntimeValue> | undefined {
    const values = new Map<string, RuntimeValue>();
    let elements = 0;
    for (const input of this.inputs) {
      const known = given.get(input.name);
      if (known !== undefined) {
        values.set(input.name, known);
        continue;
      }
      const { shape, dataType, otherType } = this.#facts.get(input);
      if (otherType !== undefined) {
        values.set(input.name, otherValue(otherType, input, random, isTame));
        continue;
      }
      if (shape === undefined || dataType === undefined)
        throw new ModelError(
          `input '${input.name}' has no ${dataType === undefined ? 'element type' : 'rank'}, so no values can be made for it`,
          { value: input.name },
          dataType === undefined
            ? 'give its values with --data'
            : 'give its shape with --input-shape, or its values with --data',
        );
      const dims = boundShape(shape, binding);
      if (dims === undefined) return undefined;
      elements += elementCountOf(dims);
      if (elements > MAXIMUM_ELEMENTS) return undefined;
      const role = this.#roles.get(input);
      values.set(input.name, tensor(dataType, dims, elementMaker(dataType, dims, role, binding, random, isTame)));
    }
    return values;
  }
}

/** Gives the element at a place, in row-major order. */
type ElementMaker = (index: number) => number;

function elementMaker(
  dataType: DataType,
  dims: readonly number[],
  role: InputRole | undefined,
  binding: Binding,
  random: RandomNumbers,
  isTame: boolean,
): ElementMaker {
  const least = (bounds: InputRole['below']): number | undefined => {
    const sizes = bounds.map((dim) => boundSize(dim, binding)).filter((size) => size !== undefined);
    return sizes.length === 0 ? undefined : Number(sizes.reduce((a, b) => (a < b ? a : b)));
  };
  const below = least(role?.below ?? []);
  if (below !== undefined) return () => random.integer(0, Math.max(0, (isTame ? Math.min(below, 2) : below) - 1));
  const upTo = least(role?.upTo ?? []);
  if (upTo !== undefined) return () => random.integer(Math.min(1, upTo), upTo);
  const sizes = role?.sizesOf;
  if (sizes !== undefined && sizes.length === dims[0]) {
    const shape = boundShape(sizes, binding) ?? [];
    return (index) => shape[index] ?? 1;
  }
  // As many as fit: all in one axis, the others 1.
  if (sizes !== undefined) return (index) => (index === (dims[0] ?? 1) - 1 ? -1 : 1);
  if (role?.isScale === true) return (index) => (index < 2 && dims[0] !== 2 ? 1 : 2);
  if (role?.small !== undefined) {
    const [low, high] = role.small;
    return () => random.integer(low, isTame ? low : high);
  }
  if (dataType === 'bool' || role?.isMask === true) return prefixMask(dims, random);
  return plainMaker(dataType, random, isTame);
}

/** Ones up to a random length of each row, as masks of padded texts are, and one at least: a row without any has no softmax. */
function prefixMask(dims: readonly number[], random: RandomNumbers): ElementMaker {
  const row = dims.at(-1) ?? 1;
  if (dims.length < 2) return () => random.integer(0, 1);
  let length = 0;
  return (index) => {
    if (index % row === 0) length = random.integer(1, row);
    return index % row < length ? 1 : 0;
  };
}

/** Of no known use: normal floats, pixels for uint8, and integers that most tables have a row for. */
function plainMaker(dataType: DataType, random: RandomNumbers, isTame: boolean): ElementMaker {
  const { kind, bits } = dataTypeInfo(dataType);
  if (isFloatType(dataType) || kind === 'complex') return isTame ? () => random.next() : () => random.normal();
  if (isTame) return () => random.integer(0, 1);
  if (bits > 8 || kind === 'bool') return () => random.integer(0, 9);
  const half = 2 ** (bits - 1);
  return kind === 'uint' ? () => random.integer(0, 2 * half - 1) : () => random.integer(-half, half - 1);
}

function tensor(dataType: DataType, dims: readonly number[], element: ElementMaker): NDArray {
  const count = elementCountOf(dims);
  if (dataType === 'string') {
    const texts = Array.from({ length: count }, (_, index) => new TextEncoder().encode(`text ${element(index)}`));
    return { dataType, dims, data: texts };
  }
  // What the type cannot hold is rounded to what it can.
  if (isFloatType(dataType) && dataType !== 'double') {
    const data = Float64Array.from({ length: count }, (_, index) => element(index));
    return converted({ dataType: 'double', dims, data }, dataType);
  }
  const data = createData(dataType, count);
  for (let index = 0; index < data.length; index++) {
    if (isBigData(data)) data[index] = BigInt(element(index));
    else data[index] = element(index);
  }
  return { dataType, dims, data };
}

/** A sequence of a few, or an optional that is there. */
function otherValue(type: ValueType, input: Value, random: RandomNumbers, isTame: boolean): RuntimeValue {
  if (type.kind === 'sequence' && type.element !== undefined) {
    const { element } = type;
    return Array.from({ length: SEQUENCE_LENGTH }, () => otherValue(element, input, random, isTame));
  }
  if (type.kind === 'optional' && type.element !== undefined) return otherValue(type.element, input, random, isTame);
  if (type.kind === 'tensor' && type.dataType !== undefined && type.shape !== undefined) {
    const dims = type.shape.map((dim) => (typeof dim === 'number' ? dim : UNKNOWN_SIZE));
    return tensor(type.dataType, dims, elementMaker(type.dataType, dims, undefined, new Map(), random, isTame));
  }
  throw new ModelError(`input '${input.name}' is a ${type.kind}, of which no values can be made`, {
    value: input.name,
  });
}
