/**
 * The reference evaluator: whole models on given inputs, with If, Loop, Scan, SequenceMap, sequences, optionals and local
 * functions. It is what tests compare rewrites with; it favours certainty over speed.
 */
import { ModelError } from '../base/errors.ts';
import type { Attribute } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { FunctionDefinition, Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Tensor } from '../ir/tensor.ts';
import type { Value } from '../ir/value.ts';
import { withSubgraphs } from '../ir/model.ts';
import { type NDArray, tensorOf } from './array.ts';
import { controlFlow } from './control-flow.ts';
import { readArray } from './deferred.ts';
import { evaluateArrays } from './evaluate-node.ts';
import { densified } from './kernels/generate.ts';
import { mapOperators } from './map-operators.ts';
import { KernelRefusal, refuse } from './refusal.ts';
import { isArray, type RuntimeValue, sequenceOperators } from './runtime-value.ts';

/**
 * Computes the outputs of a model, by name. Inputs with a default may be left out. Weights that are not in memory are read
 * up front. Throws a ModelError where a node cannot be computed: no kernel, or an undefined result.
 */
export async function evaluateModel(model: Model, inputs: ReadonlyMap<string, Tensor>): Promise<Map<string, Tensor>> {
  const values = new Map<string, RuntimeValue>();
  for (const [name, tensor] of inputs) values.set(name, await readArray(tensor));
  const results = new Map<string, Tensor>();
  for (const [name, value] of await evaluateValues(model, values)) {
    if (!isArray(value)) throw new ModelError(`output '${name}' is no tensor`, { value: name });
    results.set(name, tensorOf(value, name));
  }
  return results;
}

/** As evaluateModel, for inputs and outputs of any type. */
export async function evaluateValues(
  model: Model,
  inputs: ReadonlyMap<string, RuntimeValue>,
): Promise<Map<string, RuntimeValue>> {
  return (await openModel(model)).run(inputs);
}

/** A model whose weights are in memory, to be run any number of times. It must not change as long as it is used. */
export interface OpenedModel {
  run(inputs: ReadonlyMap<string, RuntimeValue>): Map<string, RuntimeValue>;
}

export async function openModel(model: Model): Promise<OpenedModel> {
  const evaluator = new Evaluator(model);
  await evaluator.readConstants();
  return {
    run(inputs) {
      const missing = model.graph.inputs.find(
        (input) => !inputs.has(input.name) && input.initializer === undefined && input.sparseInitializer === undefined,
      );
      if (missing !== undefined) throw new ModelError(`input '${missing.name}' is not given`, { value: missing.name });
      const given = model.graph.inputs.map((input) => inputs.get(input.name));
      const outputs = evaluator.run(model.graph, given, new Frame(undefined, new Map()));
      return new Map(model.graph.outputs.map((output, index) => [output.name, outputs[index] ?? null]));
    },
  };
}

/** Values of one run of a graph; a subgraph sees those of the graphs around it. */
export class Frame {
  readonly values = new Map<Value, RuntimeValue>();
  readonly outer: Frame | undefined;
  /** What references to the attributes of the surrounding function stand for. */
  readonly attributes: ReadonlyMap<string, Attribute>;

  constructor(outer: Frame | undefined, attributes: ReadonlyMap<string, Attribute>) {
    this.outer = outer;
    this.attributes = attributes;
  }
}

/** For each node of a graph, the values that nothing reads after it. */
type Plan = ReadonlyMap<Node, readonly Value[]>;

/** Calls of local functions may not nest deeper than the standard's checker allows (checker.cc). */
const MAXIMUM_CALL_DEPTH = 100;

export class Evaluator {
  readonly #model: Model;
  readonly #constants = new Map<Value, NDArray>();
  readonly #plans = new Map<Graph, Plan>();
  #depth = 0;

  constructor(model: Model) {
    this.#model = model;
  }

  /** Brings every initializer into memory, and makes sparse ones dense: kernels are synchronous. */
  async readConstants(): Promise<void> {
    const roots = [this.#model.graph, ...this.#model.functions.map(({ body }) => body)];
    for (const root of roots) {
      for (const graph of withSubgraphs(root)) {
        for (const value of graph.initializers) {
          if (value.initializer !== undefined) this.#constants.set(value, await readArray(value.initializer));
          else if (value.sparseInitializer !== undefined)
            this.#constants.set(value, densified(value.sparseInitializer));
        }
        for (const node of graph.nodes) {
          const attribute = node.opType === 'Constant' ? node.attributes.get('value') : undefined;
          if (attribute?.kind === 'tensor' && !attribute.value.isResident)
            this.#constants.set(node.output, await readArray(attribute.value));
        }
      }
    }
  }

  /** Runs a graph in a frame of its own; `given` are its inputs, undefined where a default is to be taken. */
  run(graph: Graph, given: readonly (RuntimeValue | undefined)[], frame: Frame): RuntimeValue[] {
    graph.inputs.forEach((input, index) => {
      const value = given[index];
      if (value !== undefined) frame.values.set(input, value);
    });
    const plan = this.#planOf(graph);
    for (const node of graph.nodes) {
      const outputs = this.#runNode(node, frame);
      node.outputs.forEach((output, index) => {
        if (output === undefined) return;
        const value = outputs[index];
        if (value === undefined) throw failure(node, `it gave no output ${index}`);
        frame.values.set(output, value);
      });
      for (const value of plan.get(node) ?? []) frame.values.delete(value);
    }
    return graph.outputs.map((output) => this.#lookUp(output, frame));
  }

  #runNode(node: Node, frame: Frame): readonly (RuntimeValue | undefined)[] {
    const inputs = node.inputs.map((value) => (value === undefined ? undefined : this.#lookUp(value, frame)));
    const definition = this.#model.findFunction(node.domain, node.opType, node.overload);
    const attributes = resolved(node, frame);
    try {
      if (definition !== undefined) return this.#call(node, definition, inputs, attributes);
      const control = controlFlow(node, attributes, inputs, {
        run: (graph, given) => this.run(graph, given, new Frame(frame, frame.attributes)),
      });
      if (control !== undefined) return control;
      const ready = this.#constants.get(node.outputs[0] as Value);
      if (ready !== undefined) return [ready];
      const sequence = sequenceOperators.get(node.operator) ?? mapOperators.get(node.operator);
      if (sequence !== undefined) {
        const outputs = sequence(inputs, { node, attributes });
        if (outputs !== undefined) return outputs;
      }
      const arrays = inputs.map((value, index) => {
        if (value === undefined || value === null) return undefined;
        return isArray(value) ? value : refuse(`input ${index} is no tensor`);
      });
      const result = evaluateArrays(node, arrays, { attributes, followReference: true });
      if ('refusal' in result) throw failure(node, result.refusal);
      return result.outputs;
    } catch (error) {
      if (error instanceof KernelRefusal) throw failure(node, error.message);
      throw error;
    }
  }

  #call(
    node: Node,
    definition: FunctionDefinition,
    inputs: readonly (RuntimeValue | undefined)[],
    attributes: ReadonlyMap<string, Attribute>,
  ): RuntimeValue[] {
    if (this.#depth >= MAXIMUM_CALL_DEPTH) throw failure(node, 'functions call each other too deeply');
    const bound = definition.defaultsByName();
    for (const [name, attribute] of attributes) bound.set(name, attribute);
    this.#depth++;
    try {
      // An input that the call leaves out is an omitted input for the nodes of the body.
      return this.run(definition.body, inputs, new Frame(undefined, bound));
    } finally {
      this.#depth--;
    }
  }

  #lookUp(value: Value, frame: Frame): RuntimeValue {
    for (let at: Frame | undefined = frame; at !== undefined; at = at.outer) {
      const found = at.values.get(value);
      if (found !== undefined) return found;
    }
    const constant = this.#constants.get(value);
    if (constant !== undefined) return constant;
    // A function input that the call left out.
    return null;
  }

  /** Values are let go after the last node of their graph that reads them, itself or in a subgraph. */
  #planOf(graph: Graph): Plan {
    const known = this.#plans.get(graph);
    if (known !== undefined) return known;
    const plan = new Map<Node, Value[]>();
    for (const node of graph.nodes) {
      for (const output of node.outputs) {
        if (output === undefined || output.isGraphOutput) continue;
        let last = node;
        for (const user of output.users) {
          const own = liftedTo(user, graph);
          if (own !== undefined && own.position > last.position) last = own;
        }
        plan.set(last, [...(plan.get(last) ?? []), output]);
      }
    }
    this.#plans.set(graph, plan);
    return plan;
  }
}

/** The node of `graph` that is `user`, or holds it in a subgraph. */
function liftedTo(user: Node, graph: Graph): Node | undefined {
  let node: Node | undefined = user;
  while (node !== undefined && node.graph !== graph) node = node.graph?.owner?.node;
  return node;
}

/** Attributes with references to the function's attributes resolved; one that the call leaves out is absent. */
function resolved(node: Node, frame: Frame): ReadonlyMap<string, Attribute> {
  if (!node.hasReferences) return node.attributes;
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    if (attribute.kind !== 'reference') {
      attributes.set(name, attribute);
      continue;
    }
    const value = frame.attributes.get(attribute.refersTo);
    if (value !== undefined) attributes.set(name, { ...value, name });
  }
  return attributes;
}

function failure(node: Node, reason: string): ModelError {
  return new ModelError(`${node.operator} cannot be computed: ${reason}`, {
    graph: node.graph?.path ?? [],
    node: node.label,
  });
}
