import type { Fact, Facts } from '../../infer/fact.ts';
import { attribute, type Attribute, textOf } from '../../ir/attribute.ts';
import type { DataType } from '../../ir/data-type.ts';
import { addConstant } from '../../ir/graph.ts';
import type { Graph } from '../../ir/graph.ts';
import { Node } from '../../ir/node.ts';
import { int64Tensor, integersOf, type Tensor } from '../../ir/tensor.ts';
import { Value } from '../../ir/value.ts';

/** Why a node cannot be written in another version of its operator. */
export class CannotConvert extends Error {}

/** Facts of the model as it was before conversion. */
export interface SourceFacts extends Facts {
  /** `by` takes the place of `old`. */
  follow(by: Value, old: Value): void;
}

/** What a version of an operator changed: how a node of the version before is written in it, and back. */
export interface Change {
  readonly up?: (call: Call) => void;
  readonly down?: (call: Call) => void;
}

/** One node on its way from version to version. */
export class Call {
  node: Node;
  readonly #facts: SourceFacts;

  constructor(node: Node, facts: SourceFacts) {
    this.node = node;
    this.#facts = facts;
  }

  get graph(): Graph {
    const { graph } = this.node;
    if (graph === undefined) throw new CannotConvert('the node is in no graph');
    return graph;
  }

  input(index: number): Value | undefined {
    return this.node.inputs[index];
  }

  fact(index: number): Fact | undefined {
    const value = this.input(index);
    return value === undefined ? undefined : this.#facts.get(value);
  }

  outputType(index: number): DataType | undefined {
    const value = this.node.outputs[index];
    return value === undefined ? undefined : this.#facts.get(value).dataType;
  }

  rank(index = 0): number | undefined {
    return this.fact(index)?.shape?.length;
  }

  /** The integers that an input always holds; undefined when they are not known. */
  integers(index: number): readonly bigint[] | undefined {
    const fact = this.fact(index);
    if (fact?.constant !== undefined) return integersOf(fact.constant);
    const elements = fact?.elements?.map(({ constant }) => constant);
    return elements?.every((element) => element !== undefined) === true ? elements : undefined;
  }

  int(name: string): bigint | undefined {
    const held = this.#attribute(name);
    return held === undefined || held.kind === 'int' ? held?.value : this.#wrongKind(held);
  }

  ints(name: string): readonly bigint[] | undefined {
    const held = this.#attribute(name);
    return held === undefined || held.kind === 'ints' ? held?.value : this.#wrongKind(held);
  }

  float(name: string): number | undefined {
    const held = this.#attribute(name);
    return held === undefined || held.kind === 'float' ? held?.value : this.#wrongKind(held);
  }

  floats(name: string): readonly number[] | undefined {
    const held = this.#attribute(name);
    return held === undefined || held.kind === 'floats' ? held?.value : this.#wrongKind(held);
  }

  text(name: string): string | undefined {
    const held = this.#attribute(name);
    if (held === undefined) return undefined;
    return held.kind === 'string' ? textOf(held.value) : this.#wrongKind(held);
  }

  #attribute(name: string): Attribute | undefined {
    return this.node.attributes.get(name);
  }

  #wrongKind({ name, kind }: Attribute): never {
    return this.refuse(`its attribute ${name} is of kind ${kind}`);
  }

  set(value: Attribute): void {
    this.node.setAttribute(value);
  }

  drop(name: string): void {
    this.node.deleteAttribute(name);
  }

  /** Puts a new initializer into an input. */
  setInput(index: number, name: string, tensor: Tensor): void {
    this.node.replaceInput(index, addConstant(this.graph, `${this.node.outputs[0]?.name ?? 'node'}_${name}`, tensor));
  }

  /** An attribute of integers becomes an input; nothing happens without it. */
  intsToInput(name: string, index: number): void {
    const values = this.ints(name);
    if (values === undefined) return;
    this.setInput(index, name, int64Tensor(values));
    this.drop(name);
  }

  /** The way back. */
  inputToInts(index: number, name: string): void {
    if (this.input(index) === undefined) return;
    const values = this.integers(index) ?? this.refuse(`its input ${name} is not constant`);
    this.dropInputs(index);
    this.set(attribute.ints(name, values));
  }

  /** Inputs from `index` on, which must be the last ones in use. */
  dropInputs(index: number): void {
    const { node } = this;
    if (node.inputs.length <= index) return;
    this.replaceBy(node.opType, node.inputs.slice(0, index));
  }

  /** Another operator with the same outputs. */
  replaceBy(opType: string, inputs: readonly (Value | undefined)[]): void {
    const { node, graph } = this;
    const next = node.next;
    const outputs = node.outputs.map((old) => {
      if (old === undefined) return undefined;
      const { name, type, docString, metadataProps } = old;
      old.rename(graph.names.unique(`${name}_before`));
      const value = new Value(name, { type, docString, metadataProps });
      this.#facts.follow(value, old);
      return value;
    });
    const { name, domain, docString, metadataProps, deviceConfigurations } = node;
    const attributes = [...node.attributes.values()];
    const made = new Node(opType, inputs, outputs, {
      name,
      domain,
      docString,
      metadataProps,
      deviceConfigurations,
      attributes,
    });
    node.outputs.forEach((old, index) => {
      const by = outputs[index];
      if (old === undefined || by === undefined) return;
      for (const user of [...old.users])
        user.inputs.forEach((input, at) => {
          if (input === old) user.replaceInput(at, by);
        });
      for (const owner of [...old.outputOf])
        owner.outputs.forEach((output, at) => {
          if (output === old) owner.setOutput(at, by);
        });
    });
    graph.remove(node);
    if (next === undefined) graph.append(made);
    else graph.insertBefore(made, next);
    this.node = made;
  }

  /** A new node before this one; answers its output. */
  before(opType: string, inputs: readonly (Value | undefined)[], attributes: readonly Attribute[] = []): Value {
    const output = new Value(this.graph.names.unique(`${this.node.outputs[0]?.name ?? 'node'}_${opType}`));
    this.graph.insertBefore(new Node(opType, inputs, [output], { attributes }), this.node);
    return output;
  }

  /** Gives the node's first output to a new node after it, which reads what the node makes now. */
  after(opType: string, inputsOf: (own: Value) => readonly (Value | undefined)[]): void {
    const { node, graph } = this;
    const end = node.output;
    const { name, type, docString, metadataProps } = end;
    end.rename(graph.names.unique(`${name}_inner`));
    const users = [...end.users];
    const owners = [...end.outputOf];
    const output = new Value(name, { type, docString, metadataProps });
    this.#facts.follow(output, end);
    const made = new Node(opType, inputsOf(end), [output]);
    graph.insertAfter(made, node);
    for (const user of users)
      user.inputs.forEach((input, at) => {
        if (input === end) user.replaceInput(at, output);
      });
    for (const owner of owners)
      owner.outputs.forEach((own, at) => {
        if (own === end) owner.setOutput(at, output);
      });
  }

  /** True when an output is there and something reads it. */
  makes(index: number): boolean {
    return this.node.outputs[index]?.isUsed === true;
  }

  refuse(reason: string): never {
    throw new CannotConvert(reason);
  }
}
