/** The nodes that the parser reaches, in the order of the file, each with the attributes that hold there. */
import type { Attribute } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { FunctionDefinition, Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { storedWeights } from './stored-weights.ts';
import { integersOf } from './tensor-elements.ts';
import { AttributeReader, attributesOf, schemaOf } from '../opset/attributes.ts';

/** One visit of a node. A node of a function body is visited once for each set of attributes that calls give it. */
export interface Visit {
  readonly node: Node;
  readonly graph: Graph;
  /** Position in its graph's file order. */
  readonly index: number;
  readonly attributes: AttributeReader;
  /** True in a function body. */
  readonly inFunction: boolean;
  /** Graphs entered on the way, If, Loop and Scan bodies and function bodies; 0 in the main graph. */
  readonly depth: number;
  /** How its graph is entered; undefined in the main graph. */
  readonly entrance: Entrance | undefined;
}

/** What leads into a graph: nodes of the main graph by position, and, for a function that functions call, the bodies of those. */
export interface Entrance {
  readonly nodes: Set<number>;
  readonly bodies: Set<Entrance>;
}

/** MAX_NESTING_DEPTH of the parser: deeper subgraphs and calls are refused (ImporterContext.hpp, 10.0 on). */
export const MAXIMUM_NESTING = 24;
/** Calls that differ in attributes are followed up to here; a function body is then judged by those seen. */
const MAXIMUM_CALLS = 64;

interface Task {
  readonly graph: Graph;
  /** Attributes of the call, where the graph lies in a function body. */
  readonly call: ReadonlyMap<string, Attribute> | undefined;
  readonly depth: number;
  readonly entrance: Entrance | undefined;
}

/** All visits: the main graph, then inner graphs right after the node that holds or calls them. */
export function visitsOf(model: Model): Visit[] {
  const functions = new Map<string, FunctionDefinition>(
    model.functions.map((definition) => [definition.name, definition]),
  );
  const calls = new Map<FunctionDefinition, Map<string, Entrance>>();
  const visits: Visit[] = [];
  // An explicit stack of half-walked graphs: nesting is data, not recursion.
  const stack: { readonly task: Task; readonly nodes: Iterator<Node>; index: number }[] = [];
  const enter = (task: Task): void => {
    if (task.depth <= MAXIMUM_NESTING) stack.push({ task, nodes: task.graph.nodes, index: 0 });
  };
  enter({ graph: model.graph, call: undefined, depth: 0, entrance: undefined });
  for (let frame = stack.at(-1); frame !== undefined; frame = stack.at(-1)) {
    const { value: node, done } = frame.nodes.next();
    if (done === true) {
      stack.pop();
      continue;
    }
    const { graph, call, depth, entrance } = frame.task;
    const index = frame.index++;
    visits.push({
      node,
      graph,
      index,
      attributes: readerOf(node, call),
      inFunction: call !== undefined,
      depth,
      entrance,
    });
    if (node.attributes.size > 0) {
      const subgraphs = enteredSubgraphs(node);
      const through = subgraphs.length === 0 ? undefined : (entrance ?? entranceAt(index));
      for (const inner of subgraphs.reverse()) enter({ graph: inner, call, depth: depth + 1, entrance: through });
    }
    const definition = functions.get(node.opType);
    if (definition === undefined) continue;
    const environment = callAttributes(node, definition, call);
    const seen = calls.get(definition) ?? new Map<string, Entrance>();
    calls.set(definition, seen);
    const key = environmentKey(environment);
    const met = seen.get(key);
    if (met !== undefined) {
      if (entrance === undefined) met.nodes.add(index);
      else if (entrance !== met) met.bodies.add(entrance);
    }
    if (met !== undefined || seen.size >= MAXIMUM_CALLS) continue;
    const through =
      entrance === undefined ? entranceAt(index) : { nodes: new Set<number>(), bodies: new Set([entrance]) };
    seen.set(key, through);
    enter({ graph: definition.body, call: environment, depth: depth + 1, entrance: through });
  }
  return visits;
}

function entranceAt(index: number): Entrance {
  return { nodes: new Set([index]), bodies: new Set() };
}

/** The nodes of the main graph, by position, that a visit belongs to: itself, or those that hold or call its graph. */
export function mainNodesOf({ index, entrance }: Visit): ReadonlySet<number> {
  if (entrance === undefined) return new Set([index]);
  const nodes = new Set<number>();
  const entrances = new Set([entrance]);
  for (const { nodes: own, bodies } of entrances) {
    for (const node of own) nodes.add(node);
    for (const body of bodies) entrances.add(body);
  }
  return nodes;
}

/** Of an If whose condition is weights, the parser imports the branch that is taken and does not look at the other (7.1 on; observed). */
function enteredSubgraphs(node: Node): Graph[] {
  const condition = node.opType === 'If' ? node.inputs[0] : undefined;
  const weights = condition === undefined ? undefined : storedWeights(condition);
  const [taken] = weights === undefined ? [] : (integersOf(weights) ?? []);
  const branch = node.attributes.get(taken === 0n ? 'else_branch' : 'then_branch');
  return taken !== undefined && branch?.kind === 'graph' ? [branch.value] : node.subgraphs;
}

function readerOf(node: Node, call: ReadonlyMap<string, Attribute> | undefined): AttributeReader {
  return node.hasReferences ? new AttributeReader(resolved(node, call), schemaOf(node)) : attributesOf(node);
}

/** The attributes of a node, references replaced by what the call gives; one that nobody gives is absent. */
function resolved(node: Node, call: ReadonlyMap<string, Attribute> | undefined): ReadonlyMap<string, Attribute> {
  const attributes = new Map<string, Attribute>();
  for (const [name, attribute] of node.attributes) {
    const given = attribute.kind === 'reference' ? call?.get(attribute.refersTo) : attribute;
    if (given !== undefined) attributes.set(name, given);
  }
  return attributes;
}

function callAttributes(
  node: Node,
  definition: FunctionDefinition,
  call: ReadonlyMap<string, Attribute> | undefined,
): ReadonlyMap<string, Attribute> {
  const attributes = definition.defaultsByName();
  for (const [name, attribute] of resolved(node, call)) attributes.set(name, attribute);
  return attributes;
}

function environmentKey(environment: ReadonlyMap<string, Attribute>): string {
  return [...environment.values()]
    .map((attribute) => `${attribute.name}=${attribute.kind === 'reference' ? '' : String(attribute.value)}`)
    .join('|');
}
