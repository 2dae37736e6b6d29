/**
 * Random shape arithmetic, inferred once with symbols and computed with numbers: every shape and every element that
 * inference knows must be what the kernels compute, for inputs with and without empty dimensions.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { UsageError } from '../../src/base/errors.ts';
import { int64Array, type NDArray, ndarray } from '../../src/fold/array.ts';
import { evaluateArrays } from '../../src/fold/evaluate-node.ts';
import type { Dim } from '../../src/infer/dim.ts';
import type { ModelFacts } from '../../src/infer/facts.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { attribute, type Attribute } from '../../src/ir/attribute.ts';
import { addConstant, Graph } from '../../src/ir/graph.ts';
import { Model } from '../../src/ir/model.ts';
import { createNode, type Node } from '../../src/ir/node.ts';
import { int64Tensor, type Tensor } from '../../src/ir/tensor.ts';
import { Value } from '../../src/ir/value.ts';
import { type Dimension, tensorType } from '../../src/ir/value-type.ts';

/** What a step may take: tensors of data, int64 vectors, int64 scalars. */
interface Pool {
  readonly data: Value[];
  readonly vectors: Value[];
  readonly scalars: Value[];
}

/** Endless choices out of a list of numbers. */
class Choices {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  below(limit: number): number {
    const number = this.#numbers[this.#at++ % this.#numbers.length] ?? 0;
    return (number + Math.floor(this.#at / this.#numbers.length)) % limit;
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  of<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to choose from');
    return item;
  }
}

class Program {
  readonly graph = new Graph({ name: 'random' });
  readonly model: Model;
  readonly input: Value;
  readonly #pool: Pool = { data: [], vectors: [], scalars: [] };
  readonly #choose: Choices;

  constructor(numbers: readonly number[], shape: readonly Dimension[]) {
    this.#choose = new Choices(numbers);
    this.input = new Value('x', { type: tensorType('float', shape) });
    this.graph.addInput(this.input);
    this.#pool.data.push(this.input);
    this.model = new Model({ irVersion: 10, opsetImports: new Map([['', 21]]), graph: this.graph });
    this.#shape();
    for (let step = 0; step < 14; step++) this.#choose.of(this.#steps)();
    for (const node of this.graph.nodes) for (const output of node.outputs) if (output) this.graph.addOutput(output);
  }

  readonly #steps: readonly (() => void)[] = [
    () => this.#shape(),
    () => this.#shape(),
    () => this.#arithmetic('vectors'),
    () => this.#arithmetic('scalars'),
    () => this.#arithmetic('scalars'),
    () => this.#gather(),
    () => this.#gather(),
    () => this.#concat(),
    () => this.#concat(),
    () => this.#add('vectors', 'Unsqueeze', [this.#scalar(), this.#ints([0])]),
    () => this.#add('scalars', 'ReduceProd', [this.#vector()], [attribute.int('keepdims', 0)]),
    () => this.#add('scalars', 'Size', [this.#data()]),
    () => this.#slice('vectors'),
    () => this.#where(),
    () => this.#add('data', 'Reshape', [this.#data(), this.#target()]),
    () =>
      this.#add('data', 'Reshape', [this.#data(), this.#vector()], [attribute.int('allowzero', this.#choose.below(2))]),
    () => this.#reshape(),
    () => this.#reshape(),
    () => this.#add('data', 'Expand', [this.#data(), this.#vector()]),
    () => this.#slice('data'),
    () => this.#dynamicSlice(),
    () => this.#add('data', 'ConstantOfShape', [this.#vector()]),
    () => this.#add('data', 'Tile', [this.#data(), this.#vector()]),
    () => this.#add('data', 'Transpose', [this.#data()]),
    () => this.#add('data', 'Flatten', [this.#data()], [attribute.int('axis', this.#choose.between(-1, 2))]),
    () =>
      this.#add('data', 'Concat', [this.#data(), this.#data()], [attribute.int('axis', this.#choose.between(-1, 1))]),
    () => this.#add('data', 'Add', [this.#data(), this.#data()]),
    () => this.#split(),
    () => this.#range(),
  ];

  #data(): Value {
    return this.#choose.of(this.#pool.data);
  }

  #vector(): Value {
    return this.#choose.of(this.#pool.vectors);
  }

  #scalar(): Value {
    return this.#pool.scalars.length === 0
      ? this.#ints(this.#choose.between(-2, 4))
      : this.#choose.of(this.#pool.scalars);
  }

  #ints(values: number | readonly number[]): Value {
    const list = typeof values === 'number' ? [values] : values;
    return addConstant(this.graph, 'c', int64Tensor(list.map(BigInt), { scalar: typeof values === 'number' }));
  }

  #add(
    kind: keyof Pool,
    opType: string,
    inputs: readonly Value[],
    attributes: readonly Attribute[] = [],
    outputs = 1,
  ): void {
    const names = Array.from({ length: outputs }, () => this.graph.names.unique(opType.toLowerCase()));
    const node = createNode(opType, inputs, names, { attributes });
    this.graph.append(node);
    for (const output of node.outputs) if (output !== undefined) this.#pool[kind].push(output);
  }

  #shape(): void {
    const attributes = this.#choose.below(3) > 0 ? [] : [attribute.int('start', this.#choose.between(-2, 1))];
    this.#add('vectors', 'Shape', [this.#data()], attributes);
  }

  #arithmetic(kind: 'vectors' | 'scalars'): void {
    const opType = this.#choose.of(['Add', 'Sub', 'Mul', 'Div', 'Mod', 'Min', 'Max', 'Add', 'Mul', 'Div']);
    const operand = kind === 'vectors' ? this.#vector() : this.#scalar();
    const isConstant = this.#choose.below(2) === 0;
    const constant = this.#choose.between(-2, 4);
    const other = isConstant ? this.#ints(constant) : kind === 'vectors' ? this.#vector() : this.#scalar();
    this.#add(kind, opType, this.#choose.below(3) === 0 ? [other, operand] : [operand, other]);
  }

  #gather(): void {
    if (this.#choose.below(2) === 0)
      this.#add('scalars', 'Gather', [this.#vector(), this.#ints(this.#choose.between(-2, 1))]);
    else {
      const indices = Array.from({ length: this.#choose.between(1, 3) }, () => this.#choose.between(-1, 1));
      this.#add('vectors', 'Gather', [this.#vector(), this.#ints(indices)]);
    }
  }

  #concat(): void {
    const parts = Array.from({ length: this.#choose.between(1, 2) }, () => this.#vector());
    if (this.#choose.below(2) === 0) parts.push(this.#ints([this.#choose.between(-1, 3)]));
    this.#add('vectors', 'Concat', parts, [attribute.int('axis', 0)]);
  }

  #slice(kind: 'vectors' | 'data'): void {
    const step = this.#choose.of([1, 1, 2, -1, -2]);
    const start = this.#choose.of([0, 1, -1, -2, 3]);
    const end = this.#choose.of([1, 2, -1, 100, -100]);
    const axis = this.#ints([kind === 'vectors' ? 0 : this.#choose.between(-1, 1)]);
    const from = kind === 'vectors' ? this.#vector() : this.#data();
    this.#add(kind, 'Slice', [from, this.#ints([start]), this.#ints([end]), axis, this.#ints([step])]);
  }

  #dynamicSlice(): void {
    const bound = (): Value => {
      this.#add('vectors', 'Unsqueeze', [this.#scalar(), this.#ints([0])]);
      return this.#pool.vectors.at(-1) ?? this.#vector();
    };
    this.#add('data', 'Slice', [this.#data(), bound(), bound(), this.#ints([this.#choose.between(-1, 0)])]);
  }

  #where(): void {
    const vector = this.#vector();
    const compare = this.#choose.of(['Equal', 'Less', 'GreaterOrEqual']);
    const name = this.graph.names.unique('condition');
    const condition = createNode(compare, [vector, this.#ints(this.#choose.between(-1, 2))], [name]);
    this.graph.append(condition);
    this.#add('vectors', 'Where', [condition.output, this.#ints([this.#choose.between(-1, 3)]), vector]);
  }

  /** A constant target with room for a 0 and a -1. */
  #target(): Value {
    return this.#ints(
      Array.from({ length: this.#choose.between(1, 3) }, (_, at) => (at === 0 ? -1 : this.#choose.between(0, 3))),
    );
  }

  /** To sizes read from shapes, and a -1 somewhere among them. */
  #reshape(): void {
    const part = (): Value => {
      this.#add('vectors', 'Gather', [this.#vector(), this.#ints([this.#choose.between(-1, 1)])]);
      return this.#pool.vectors.at(-1) ?? this.#vector();
    };
    const parts = [part(), this.#ints([-1])];
    if (this.#choose.below(2) === 0) parts.push(part());
    if (this.#choose.below(2) === 0) parts.reverse();
    this.#add('vectors', 'Concat', parts, [attribute.int('axis', 0)]);
    this.#add('data', 'Reshape', [this.#data(), this.#pool.vectors.at(-1) ?? this.#vector()]);
  }

  #split(): void {
    const count = this.#choose.between(2, 3);
    const attributes = [attribute.int('num_outputs', count), attribute.int('axis', this.#choose.between(-1, 0))];
    this.#add('data', 'Split', [this.#data()], attributes, count);
  }

  #range(): void {
    this.#add('vectors', 'Range', [this.#scalar(), this.#scalar(), this.#ints(this.#choose.of([1, 2, -1, 3]))]);
  }
}

const LARGEST = 5000;

/** Values that the kernels compute; what fails, and what follows from it, is left out. */
function compute(program: Program, dims: readonly number[]): Map<Value, NDArray> {
  const values = new Map<Value, NDArray>();
  const count = dims.reduce((product, dim) => product * dim, 1);
  values.set(program.input, ndarray('float', dims, new Float32Array(count)));
  for (const value of program.graph.initializers) if (value.constant) values.set(value, vectorOf(value.constant));
  for (const node of program.graph.nodes) {
    const inputs = node.inputs.map((input) => (input === undefined ? undefined : values.get(input)));
    if (inputs.some((input) => input === undefined) || isTooLarge(node, inputs)) continue;
    const evaluation = evaluateArrays(node, inputs);
    if ('refusal' in evaluation) continue;
    node.outputs.forEach((value, index) => {
      const array = evaluation.outputs[index];
      if (value !== undefined && array !== undefined) values.set(value, array);
    });
  }
  return values;
}

function vectorOf(tensor: Tensor): NDArray {
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset);
  return int64Array(
    Array.from({ length: tensor.elementCount }, (_, index) => view.getBigInt64(index * 8, true)),
    tensor.dims,
  );
}

/** Operators whose results may be far larger than their inputs are not run with large targets. */
function isTooLarge({ opType }: Node, inputs: readonly (NDArray | undefined)[]): boolean {
  const product = (array: NDArray | undefined): number =>
    [...((array?.data ?? []) as Iterable<bigint>)].reduce(
      (total, element) => total * Math.max(1, Math.abs(Number(element))),
      1,
    );
  const count = (array: NDArray | undefined): number => array?.dims.reduce((total, dim) => total * dim, 1) ?? 0;
  if (opType === 'ConstantOfShape') return product(inputs[0]) > LARGEST;
  if (opType === 'Expand' || opType === 'Tile') return product(inputs[1]) * Math.max(1, count(inputs[0])) > LARGEST;
  if (opType === 'Range') return inputs.some((input) => product(input) > LARGEST);
  return inputs.some((input) => count(input) > LARGEST);
}

/** Fails when a fact does not hold of what was computed; symbols for the unknown take their values from there. */
function check(
  facts: ModelFacts,
  program: Program,
  values: ReadonlyMap<Value, NDArray>,
  point: Map<string, bigint>,
): number {
  let checked = 0;
  const holds = (dim: Dim, actual: bigint, what: string): void => {
    const own = dim.symbolName ?? dim.signedName;
    if (own !== undefined && !point.has(own)) point.set(own, actual);
    let claimed: bigint;
    try {
      claimed = dim.evaluate(point);
    } catch (error) {
      // A symbol of something that was not computed, or a division by 0 in what a failed node would have given.
      if (error instanceof UsageError) return;
      throw error;
    }
    checked++;
    if (claimed !== actual)
      throw new Error(`${what} is ${actual}, inference says ${dim.toString()} = ${claimed} at ${[...point].join(' ')}`);
  };
  for (const node of program.graph.nodes) {
    for (const value of node.outputs) {
      const array = value === undefined ? undefined : values.get(value);
      if (value === undefined || array === undefined) continue;
      const { dataType, shape, elements } = facts.get(value);
      expect(dataType).toBe(array.dataType);
      if (shape !== undefined) expect([value.name, shape.length]).toEqual([value.name, array.dims.length]);
      shape?.forEach((dim, axis) => holds(dim, BigInt(array.dims[axis] ?? -1), `dimension ${axis} of ${value.name}`));
      elements?.forEach((element, index) =>
        holds(
          element,
          BigInt((array.data as ArrayLike<bigint | number>)[index] ?? 0),
          `element ${index} of ${value.name}`,
        ),
      );
    }
  }
  return checked;
}

const RUNS = 400;

function property(allowEmpty: boolean): void {
  let checked = 0;
  const size = fc.integer({ min: allowEmpty ? 0 : 1, max: 5 });
  fc.assert(
    fc.property(
      fc.array(fc.nat(10_000), { minLength: 20, maxLength: 60 }),
      fc.array(fc.tuple(size, fc.boolean()), { minLength: 1, maxLength: 3 }),
      fc.array(fc.array(size, { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 3 }),
      (numbers, axes, sizes) => {
        const shape = axes.map(([dim, isStatic], axis): Dimension => (isStatic ? dim : `n${axis}`));
        const program = new Program(numbers, shape);
        const facts = inferModel(program.model, { allowEmpty });
        for (const chosen of sizes) {
          const dims = axes.map(([dim, isStatic], axis) => (isStatic ? dim : (chosen[axis] ?? 1)));
          const point = new Map(dims.map((dim, axis) => [`n${axis}`, BigInt(dim)]));
          checked += check(facts, program, compute(program, dims), point);
        }
      },
    ),
    { numRuns: RUNS },
  );
  // The programs must be more than failures.
  expect(checked).toBeGreaterThan(10 * RUNS);
}

test('what is inferred holds for every size', () => property(true));
test('what is inferred under nonempty holds for sizes from 1 on', () => property(false));
