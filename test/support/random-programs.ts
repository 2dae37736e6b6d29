/** Random shape arithmetic: graphs of what exporters write around sizes, and the operators that carry known values. */
import { attribute, type Attribute } from '../../src/ir/attribute.ts';
import { addConstant, Graph } from '../../src/ir/graph.ts';
import { Model } from '../../src/ir/model.ts';
import { createNode } from '../../src/ir/node.ts';
import { ResidentPayload, int64Tensor, Tensor } from '../../src/ir/tensor.ts';
import { Value } from '../../src/ir/value.ts';
import { type Dimension, tensorType } from '../../src/ir/value-type.ts';
import { Choices } from './choices.ts';

/** What a step may take: tensors of data, int64 vectors, int64 scalars. */
interface Pool {
  readonly data: Value[];
  readonly vectors: Value[];
  readonly scalars: Value[];
}

export class Program {
  readonly graph = new Graph({ name: 'random' });
  readonly model: Model;
  readonly input: Value;
  readonly #pool: Pool = { data: [], vectors: [], scalars: [] };
  readonly #choose: Choices;

  /** With outputs, all that is computed is one; without, no node is needed for a run to succeed. */
  constructor(numbers: readonly number[], shape: readonly Dimension[], hasOutputs: boolean) {
    this.#choose = new Choices(numbers);
    this.input = new Value('x', { type: tensorType('float', shape) });
    this.graph.addInput(this.input);
    this.#pool.data.push(this.input);
    this.model = new Model({ irVersion: 10, opsetImports: new Map([['', 21]]), graph: this.graph });
    this.#shape();
    for (let step = 0; step < 14; step++) this.#choose.of(this.#steps)();
    if (!hasOutputs) return;
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
    () => this.#add('vectors', this.#choose.of(['Abs', 'Neg', 'Sign']), [this.#vector()]),
    () => this.#add('vectors', 'Pow', [this.#vector(), this.#ints(this.#choose.between(0, 2))]),
    () => this.#add('vectors', 'CumSum', [this.#vector(), this.#ints(0)], this.#flags('exclusive', 'reverse')),
    () => this.#add('scalars', this.#choose.of(['ArgMax', 'ArgMin']), [this.#vector()], this.#position()),
    () =>
      this.#add(
        'vectors',
        'TopK',
        [this.#vector(), this.#ints([this.#choose.between(1, 2)])],
        this.#flags('largest'),
        2,
      ),
    () => this.#add('vectors', 'GatherElements', [this.#vector(), this.#indices()]),
    () => this.#scatter(),
    () => this.#nonZero(),
    () => this.#oneHot(),
    () => this.#triangle(),
    () => this.#detour(),
    () => this.#detour(),
    () => this.#vectorDetour(),
    () => this.#pool3(),
    () => this.#add('data', 'MatMul', [this.#data(), this.#data()]),
    () => this.#add('data', 'Pad', [this.#data(), this.#ints([this.#choose.between(-1, 2), 1])]),
    () => this.#add('data', 'ReduceSum', [this.#data(), this.#ints([-1])], this.#flags('keepdims')),
    () => this.#add('data', 'Compress', [this.#data(), this.#truths()], [attribute.int('axis', 0)]),
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
    const names = Array.from({ length: outputs }, (_, index) =>
      this.graph.names.unique(`${opType.toLowerCase()}${index}`),
    );
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

  #flags(...names: readonly string[]): Attribute[] {
    return names.map((name) => attribute.int(name, this.#choose.below(2)));
  }

  #position(): Attribute[] {
    return [attribute.int('keepdims', 0), ...this.#flags('select_last_index')];
  }

  #indices(): Value {
    return this.#ints(Array.from({ length: this.#choose.between(1, 2) }, () => this.#choose.between(-1, 1)));
  }

  #truths(): Value {
    const bytes = Uint8Array.from({ length: this.#choose.between(1, 3) }, () => this.#choose.below(2));
    return addConstant(this.graph, 'truth', new Tensor('bool', [bytes.length], new ResidentPayload(bytes)));
  }

  #node(opType: string, inputs: readonly Value[], attributes: readonly Attribute[] = []): Value {
    const node = createNode(opType, inputs, [this.graph.names.unique(opType.toLowerCase())], { attributes });
    this.graph.append(node);
    return node.output;
  }

  /** Whatever the shape is, as a vector. */
  #flat(value: Value): void {
    this.#add('vectors', 'Reshape', [value, this.#ints([-1])]);
  }

  #scatter(): void {
    const at = this.#ints([this.#choose.between(-1, 1)]);
    const update = this.#node('Gather', [this.#vector(), this.#ints([0])]);
    this.#add('vectors', 'ScatterElements', [this.#vector(), at, update]);
  }

  #nonZero(): void {
    this.#flat(this.#node('NonZero', [this.#vector()]));
  }

  #oneHot(): void {
    const values = this.#node('Gather', [this.#vector(), this.#ints([0, this.#choose.between(-1, 1)])]);
    const depth = this.#ints(this.#choose.between(1, 3));
    this.#flat(
      this.#node('OneHot', [this.#indices(), depth, values], [attribute.int('axis', this.#choose.between(-1, 1))]),
    );
  }

  #triangle(): void {
    const square = this.#node('Reshape', [
      this.#vector(),
      this.#ints(
        this.#choose.of([
          [1, -1],
          [2, -1],
          [-1, 1],
        ]),
      ),
    ]);
    this.#flat(this.#node('Trilu', [square, this.#ints(this.#choose.between(-1, 1))], this.#flags('upper')));
  }

  /** A size that is scaled as a float and rounded. */
  #detour(): void {
    const code = this.#choose.of([1, 11]);
    const value = this.#scaled(this.#node('Cast', [this.#scalar()], [attribute.int('to', code)]), code);
    this.#add('scalars', 'Cast', [value], [attribute.int('to', 7)]);
  }

  /** Sizes that are moved about as floats. */
  #vectorDetour(): void {
    const code = this.#choose.of([1, 11]);
    const cast = (): Value => this.#node('Cast', [this.#vector()], [attribute.int('to', code)]);
    let value = cast();
    if (this.#choose.below(2) === 0) value = this.#node('Gather', [value, this.#indices()]);
    if (this.#choose.below(2) === 0)
      value = this.#node('Slice', [value, this.#ints([this.#choose.between(-2, 1)]), this.#ints([100])]);
    if (this.#choose.below(2) === 0) value = this.#scaled(value, code);
    if (this.#choose.below(2) === 0) value = this.#node('Concat', [value, cast()], [attribute.int('axis', 0)]);
    this.#add('vectors', 'Cast', [value], [attribute.int('to', 7)]);
  }

  #scaled(source: Value, code: number): Value {
    let value = source;
    for (let step = this.#choose.between(1, 2); step > 0; step--) {
      const factor = this.#choose.of([0.5, 2, 3, 0.25, 0.7, 1.5, -1]);
      const bytes = new Uint8Array((code === 1 ? new Float32Array([factor]) : new Float64Array([factor])).buffer);
      const dataType = code === 1 ? 'float' : 'double';
      const constant = addConstant(this.graph, 'factor', new Tensor(dataType, [], new ResidentPayload(bytes)));
      value = this.#node(this.#choose.of(['Mul', 'Div', 'Add', 'Sub']), [value, constant]);
    }
    return this.#choose.below(3) > 0 ? this.#node(this.#choose.of(['Floor', 'Ceil']), [value]) : value;
  }

  #pool3(): void {
    const line = this.#node('Reshape', [this.#data(), this.#ints([1, 1, -1])]);
    const window = [
      attribute.ints('kernel_shape', [this.#choose.between(1, 3)]),
      attribute.ints('strides', [this.#choose.between(1, 3)]),
      ...this.#flags('ceil_mode'),
    ];
    this.#add('data', 'MaxPool', [line], window);
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
