/**
 * Random networks of all kinds of operators. A network is grown along a run with one set of input sizes, as exporters trace
 * a model, so that each node fits what is before it; for other sizes some may fail.
 */
import { ndarray, tensorOf } from '../../src/fold/array.ts';
import { isArray, isSequence, type RuntimeValue } from '../../src/fold/runtime-value.ts';
import { type Attribute, attribute } from '../../src/ir/attribute.ts';
import { addConstant, Graph } from '../../src/ir/graph.ts';
import { Model } from '../../src/ir/model.ts';
import { createNode } from '../../src/ir/node.ts';
import { int64Tensor, ResidentPayload, Tensor } from '../../src/ir/tensor.ts';
import { Value } from '../../src/ir/value.ts';
import { type Dimension, tensorType } from '../../src/ir/value-type.ts';
import { parseModel } from '../../src/text/parse.ts';
import { Choices } from './choices.ts';
import { networkSteps } from './network-steps.ts';
import { Frame, lookUp, runNode } from './run-node.ts';

/** What a step may take: tensors of floats, int64 vectors and scalars, tensors of bools, other tensors, sequences. */
export type Kind = 'data' | 'vector' | 'scalar' | 'truth' | 'other' | 'sequence' | 'optional';

type Given = number | string | readonly number[] | { readonly float: number } | Graph;

/** Results of this many elements or more go on to nothing. */
const LARGEST = 400;
const STEPS = 12;

/** Functions that networks call: one that reads sizes, and one with control flow. */
const functions = parseModel(`<ir_version: 10, opset_import: ["" : 21, "local" : 1]>
agraph (float[1] x) => (float[1] y) { y = Identity (x) }
<domain: "local", opset_import: ["" : 21]>
Flat (x) => (y) {
  s = Shape <start = 0, end = 1> (x)
  m = Constant <value = int64[1] {-1}> ()
  t = Concat <axis = 0> (s, m)
  y = Reshape (x, t)
}
<domain: "local", opset_import: ["" : 21]>
Twice (x) => (y, n) {
  n = Size (x)
  zero = Constant <value = int64 {0}> ()
  any = Greater (n, zero)
  y = If (any) <
    then_branch = many () => (a) { a = Concat <axis = 0> (x, x) },
    else_branch = none () => (b) { b = Identity (x) }
  >
}`).functions;

export class Network {
  readonly model: Model;
  readonly choose: Choices;
  /** The values of the inputs of the run that the network is grown along. */
  readonly probe: ReadonlyMap<string, RuntimeValue>;
  graph: Graph;
  frame = new Frame(undefined, new Map());
  #pool: { readonly kind: Kind; readonly value: Value }[] = [];
  #depth = 0;

  constructor(numbers: readonly number[], shape: readonly Dimension[], probe: ReadonlyMap<string, RuntimeValue>) {
    this.choose = new Choices(numbers);
    this.probe = probe;
    this.graph = new Graph({ name: 'network' });
    const opset = this.choose.of([18, 19, 20, 21, 21, 22, 23, 24, 25, 26, 27, 28]);
    const opsetImports = new Map([
      ['', opset],
      ['local', 1],
      ['ai.onnx.ml', 3],
    ]);
    this.model = new Model({ irVersion: 10, opsetImports, graph: this.graph, functions });
    const types = {
      x: tensorType('float', shape),
      w: tensorType('float', [2, 'n0']),
      s: tensorType('int64', [2]),
      c: tensorType('bool', []),
      k: tensorType('int64', [1]),
    };
    for (const [name, type] of Object.entries(types)) {
      const value = new Value(name, { type });
      this.graph.addInput(value);
      this.#keep(value, probe.get(name) ?? null);
    }
    for (let step = 0; step < STEPS; step++) this.step();
  }

  step(): void {
    this.choose.of(networkSteps)(this);
  }

  /** A value of a kind, mostly one of the newest; undefined when none has such dims. */
  pick(kind: Kind, accepts: (dims: readonly number[]) => boolean = () => true): Value | undefined {
    const fitting = this.#pool.filter((entry) => entry.kind === kind && accepts(this.dims(entry.value)));
    const newest = this.choose.below(2) === 0 ? fitting.slice(-4) : fitting;
    return newest.length === 0 ? undefined : this.choose.of(newest).value;
  }

  data(accepts?: (dims: readonly number[]) => boolean): Value | undefined {
    return this.pick('data', accepts);
  }

  /** The dims in the run that the network is grown along. */
  dims(value: Value): readonly number[] {
    const found = lookUp(value, this.frame);
    return found !== undefined && isArray(found) ? found.dims : [];
  }

  rank(value: Value): number {
    return this.dims(value).length;
  }

  /** An axis of the value, counted from the front or from the end. */
  axis(value: Value): number {
    const rank = this.rank(value);
    return rank === 0 ? 0 : this.choose.between(-rank, rank - 1);
  }

  ints(values: readonly number[]): Value {
    return addConstant(this.graph.root, 'c', int64Tensor(values.map(BigInt)));
  }

  int(value: number): Value {
    return addConstant(this.graph.root, 'c', int64Tensor([BigInt(value)], { scalar: true }));
  }

  /** Small integers of any shape. */
  grid(dims: readonly number[], at: (index: number) => number): Value {
    const count = dims.reduce((product, dim) => product * dim, 1);
    const data = BigInt64Array.from({ length: count }, (_, index) => BigInt(at(index)));
    return addConstant(this.graph.root, 'g', tensorOf(ndarray('int64', dims, data)));
  }

  floats(dims: readonly number[], at: (index: number) => number = (index) => (index % 3) + 1): Value {
    const count = dims.reduce((product, dim) => product * dim, 1);
    const data = Float32Array.from({ length: count }, (_, index) => at(index));
    return addConstant(this.graph.root, 'f', tensorOf(ndarray('float', dims, data)));
  }

  truths(values: readonly number[]): Value {
    const bytes = Uint8Array.from(values);
    return addConstant(this.graph.root, 't', new Tensor('bool', [bytes.length], new ResidentPayload(bytes)));
  }

  /** A node whose results the next steps may take; its first result, or undefined when it cannot be computed. */
  add(
    opType: string,
    inputs: readonly (Value | undefined)[],
    attributes: Readonly<Record<string, Given>> = {},
    outputs = 1,
    domain = '',
  ): Value | undefined {
    const names = Array.from({ length: outputs }, (_, index) =>
      this.graph.names.unique(`${opType.toLowerCase()}${index}`),
    );
    const given = Object.entries(attributes).map(([name, value]) => attributeOf(name, value));
    const node = createNode(opType, inputs, names, { attributes: given, domain });
    this.graph.append(node);
    const results = runNode(node, this.model, this.frame);
    const isSmall = results?.every((value) => value === undefined || countOf(value) < LARGEST) === true;
    if (results === undefined || !isSmall || node.outputs.some((_, index) => results[index] === undefined)) {
      this.graph.remove(node);
      return undefined;
    }
    node.outputs.forEach((output, index) => {
      const value = results[index];
      if (output !== undefined && value !== undefined) this.#keep(output, value, opType === 'Optional');
    });
    return node.outputs[0];
  }

  /** An optional is computed as what is in it. */
  #keep(value: Value, result: RuntimeValue, isOptional = false): void {
    this.frame.values.set(value, result);
    this.#pool.push({ kind: isOptional ? 'optional' : kindOf(result), value });
  }

  get isDeep(): boolean {
    return this.#depth >= 2;
  }

  /**
   * A subgraph: its inputs with what they are in a first round, a few random steps that see what is around them, and the
   * outputs that `finish` chooses; undefined when it finds none.
   */
  body(
    inputs: readonly (readonly [value: Value, first: RuntimeValue])[],
    finish: () => readonly (Value | undefined)[],
  ): Graph | undefined {
    const [outer, frame, pool] = [this.graph, this.frame, this.#pool];
    const body = new Graph({ name: outer.names.unique('body'), names: outer.names });
    this.#pool = [...pool];
    this.frame = new Frame(frame, new Map());
    this.graph = body;
    this.#depth++;
    // While it grows, the body is not yet part of the graph: constants go to the one around.
    const holder = { node: createNode('Identity', [], []), attribute: 'body' };
    holder.node.graph = outer;
    body.owner = holder;
    for (const [value, first] of inputs) {
      body.addInput(value);
      this.#keep(value, first);
    }
    for (let step = this.choose.between(0, 3); step > 0; step--) this.step();
    const outputs = finish();
    this.#depth--;
    body.owner = undefined;
    [this.graph, this.frame, this.#pool] = [outer, frame, pool];
    if (!outputs.every((value) => value !== undefined)) return undefined;
    for (const value of outputs) body.addOutput(value);
    return body;
  }
}

function attributeOf(name: string, value: Given): Attribute {
  if (value instanceof Graph) return attribute.graph(name, value);
  if (typeof value === 'number') return attribute.int(name, value);
  if (typeof value === 'string') return attribute.string(name, value);
  return 'float' in value ? attribute.float(name, value.float) : attribute.ints(name, value);
}

function kindOf(value: RuntimeValue): Kind {
  if (isSequence(value)) return 'sequence';
  if (value === null || !isArray(value)) return 'optional';
  if (value.dataType === 'float') return 'data';
  if (value.dataType === 'bool') return 'truth';
  if (value.dataType !== 'int64' || value.dims.length > 1) return 'other';
  return value.dims.length === 1 ? 'vector' : 'scalar';
}

function countOf(value: RuntimeValue): number {
  if (isSequence(value)) return value.reduce((sum: number, item) => sum + countOf(item), 0);
  return value !== null && isArray(value) ? value.dims.reduce((product, dim) => product * dim, 1) : 0;
}
