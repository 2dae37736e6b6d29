/** Whether what inference says of values is true of what was computed. */
import { UsageError } from '../../src/base/errors.ts';
import { type NDArray } from '../../src/fold/array.ts';
import { isArray, isSequence, type RuntimeValue } from '../../src/fold/runtime-value.ts';
import type { Dim } from '../../src/infer/dim.ts';
import type { Fact } from '../../src/infer/fact.ts';
import type { ValueType } from '../../src/ir/value-type.ts';

/** What a dim says at a point. Throws when it says that a quotient is whole which is not. */
export function claimOf(dim: Dim, point: ReadonlyMap<string, bigint>, what: string): bigint | undefined {
  const claimed = valueAt(dim, point);
  if (
    claimed === undefined &&
    dim.hasWhole &&
    dim.roundings().every((rounded) => valueAt(rounded, point) !== undefined)
  )
    throw new Error(`${what} is ${dim.key}, inference says, which has a remainder at ${[...point].join(' ')}`);
  return claimed;
}

/** undefined for a symbol of something that was not computed, or a division by 0 in what a failed node would have given. */
function valueAt(dim: Dim, point: ReadonlyMap<string, bigint>): bigint | undefined {
  try {
    return dim.evaluate(point);
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** Compares facts with values at one point; symbols for what is not known take their values from where they occur first. */
export class FactCheck {
  /** How many dims and elements were compared. */
  checked = 0;
  /** True once a number went beyond its type on the way: it wraps there, which inference takes not to happen. */
  #isBeyond = false;
  /** Of these, how many were known by more than a symbol of their own. */
  known = 0;
  readonly #point: Map<string, bigint>;

  constructor(point: ReadonlyMap<string, bigint>) {
    this.#point = new Map(point);
  }

  /** Throws where a fact does not hold. */
  check(fact: Fact, value: RuntimeValue, name: string): void {
    if (this.#isBeyond) return;
    if (value !== null && isArray(value)) this.#checkArray(fact, value, name);
    else if (value !== null && isSequence(value)) this.#checkSequence(fact, value, name);
  }

  #checkArray({ dataType, shape, elements, otherType }: Fact, array: NDArray, name: string): void {
    // An optional with something in it is computed as that.
    if (otherType?.kind === 'optional') return this.#checkType(otherType.element, array, name);
    if (otherType !== undefined) throw new Error(`${name} is a tensor, inference says ${otherType.kind}`);
    if (dataType !== array.dataType)
      throw new Error(`${name} is of type ${array.dataType}, inference says ${dataType ?? 'nothing'}`);
    if (shape === undefined) return;
    if (shape.length !== array.dims.length)
      throw new Error(`${name} has the dims [${array.dims.join(', ')}], inference says [${shape.join(', ')}]`);
    shape.forEach((dim, axis) => this.#holds(dim, BigInt(array.dims[axis] ?? -1), `dimension ${axis} of ${name}`));
    elements?.forEach((element, index) =>
      this.#holds(
        element,
        BigInt((array.data as ArrayLike<bigint | number>)[index] ?? 0),
        `element ${index} of ${name}`,
        dataType === 'int32' ? 32 : 64,
      ),
    );
  }

  #checkSequence({ otherType, items }: Fact, values: readonly RuntimeValue[], name: string): void {
    if (otherType?.kind === 'optional') return;
    if (otherType?.kind !== 'sequence') throw new Error(`${name} is a sequence, inference does not say so`);
    if (items !== undefined && items.length !== values.length)
      throw new Error(`${name} has ${values.length} elements, inference says ${items.length}`);
    for (const [index, value] of values.entries()) {
      const item = items?.[index];
      if (item !== undefined) this.check(item, value, `element ${index} of ${name}`);
      if (value !== null && isArray(value)) this.#checkType(otherType.element, value, `element ${index} of ${name}`);
    }
  }

  #checkType(type: ValueType | undefined, array: NDArray, name: string): void {
    if (type?.kind !== 'tensor') return;
    if (type.dataType !== undefined && type.dataType !== array.dataType)
      throw new Error(`${name} is of type ${array.dataType}, inference says ${type.dataType}`);
    const { shape } = type;
    if (shape === undefined) return;
    const differs = shape.some((dim, axis) => {
      const known = typeof dim === 'string' ? this.#point.get(dim) : dim;
      return known !== undefined && Number(known) !== array.dims[axis];
    });
    if (shape.length !== array.dims.length || differs)
      throw new Error(`${name} has the dims [${array.dims.join(', ')}], its type says [${shape.join(', ')}]`);
  }

  #holds(dim: Dim, actual: bigint, what: string, bits = 64): void {
    const own = dim.symbolName ?? dim.signedName;
    const isNew = own !== undefined && !this.#point.has(own);
    if (isNew) this.#point.set(own, actual);
    const claimed = claimOf(dim, this.#point, what);
    if (claimed === undefined) return;
    this.#isBeyond ||= BigInt.asIntN(bits, claimed) !== claimed;
    if (this.#isBeyond) return;
    this.checked++;
    if (!isNew) this.known++;
    if (claimed !== actual)
      throw new Error(
        `${what} is ${actual}, inference says ${dim.toString()} = ${claimed} at ${[...this.#point].join(' ')}`,
      );
  }
}
