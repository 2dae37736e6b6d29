/** Graphs of any size, as deep, as wide and as nested as can be: what inference must stay linear in. */
import { attribute, type Attribute } from '../../src/ir/attribute.ts';
import { addConstant, Graph } from '../../src/ir/graph.ts';
import { Model } from '../../src/ir/model.ts';
import { createNode } from '../../src/ir/node.ts';
import { int64Tensor, ResidentPayload, Tensor } from '../../src/ir/tensor.ts';
import { Value } from '../../src/ir/value.ts';
import { tensorType, type ValueType } from '../../src/ir/value-type.ts';

const LEVELS = 12;

export const largeGraphs: Readonly<Record<string, (nodes: number) => Model>> = { chain, dag, branches, loops };

/** Blocks of what exporters write around a reshape, one after the other. */
function chain(nodes: number): Model {
  const { model, graph, input } = start(['n', 4, 'm']);
  const zero = addConstant(graph, 'zero', int64Tensor([0n]));
  const last = addConstant(graph, 'last', int64Tensor([-1n]));
  let value = input;
  const add = (opType: string, ...inputs: readonly Value[]): Value => append(graph, opType, inputs);
  for (let made = 0; made < nodes; made += 10) {
    const shape = add('Shape', value);
    const first = append(graph, 'Gather', [shape, zero]);
    const target = append(graph, 'Concat', [first, last], [attribute.int('axis', 0)]);
    const flat = add('Reshape', value, target);
    const back = add('Reshape', add('Relu', flat), shape);
    value = add('Add', add('Sigmoid', add('Mul', back, value)), value);
  }
  graph.addOutput(value);
  return model;
}

/** Each node reads two values from anywhere before it. */
function dag(nodes: number): Model {
  const { model, graph, input } = start(['n', 4, 'm']);
  const values = [input];
  const random = numbers(1);
  const any = (): Value => values[Math.floor(random() * values.length)] ?? input;
  for (let made = 0; made < nodes; made++) {
    const opType = ['Add', 'Mul', 'Relu', 'MatMulLike', 'Max'][Math.floor(random() * 5)] ?? 'Add';
    if (opType === 'Relu') values.push(append(graph, 'Relu', [any()]));
    else if (opType === 'MatMulLike')
      values.push(append(graph, 'Where', [append(graph, 'Less', [any(), any()]), any(), any()]));
    else values.push(append(graph, opType, [any(), any()]));
  }
  graph.addOutput(values.at(-1) ?? input);
  return model;
}

/** If within If: the nodes are spread over the levels. */
function branches(nodes: number): Model {
  return nested(nodes, (graph, inner, value) => {
    const flat = append(graph, 'Reshape', [value, addConstant(graph.root, 'flat', int64Tensor([-1n]))]);
    const condition = append(graph, 'Less', [flat, flat]);
    const one = append(
      graph,
      'ReduceMax',
      [append(graph, 'Cast', [condition], [attribute.int('to', 6)])],
      [attribute.int('keepdims', 0)],
    );
    const decided = append(graph, 'Cast', [one], [attribute.int('to', 9)]);
    const other = new Graph({ name: 'other', names: graph.names });
    other.addOutput(append(other, 'Relu', [value]));
    return append(
      graph,
      'If',
      [decided],
      [attribute.graph('then_branch', inner), attribute.graph('else_branch', other)],
    );
  });
}

/** Loop within Loop, each with a carried value whose size changes in every round. */
function loops(nodes: number): Model {
  return nested(nodes, (graph, inner, value) => {
    const trips = addConstant(graph.root, 'trips', int64Tensor([3n], { scalar: true }));
    const go = addConstant(graph.root, 'go', new Tensor('bool', [], new ResidentPayload(new Uint8Array([1]))));
    const name = (text: string): string => graph.names.unique(text);
    const body = inner;
    const result = body.outputs[0];
    if (result === undefined) throw new Error('a body has a result');
    const iteration = new Value(name('i'), { type: tensorType('int64', []) });
    const condition = new Value(name('c'), { type: tensorType('bool', []) });
    const carried = new Value(name('v'));
    for (const input of [iteration, condition, carried]) body.addInput(input);
    const grown = append(body, 'Concat', [carried, result], [attribute.int('axis', 0)]);
    body.setOutput(0, append(body, 'Identity', [condition]));
    body.addOutput(grown);
    return append(graph, 'Loop', [trips, go, value], [attribute.graph('body', body)]);
  });
}

/** `wrap` puts a node into the graph that holds `inner`; the level below reads the value that it is given. */
function nested(nodes: number, wrap: (graph: Graph, inner: Graph, value: Value) => Value): Model {
  const { model, graph, input } = start(['n', 4, 'm']);
  const each = Math.ceil(nodes / (LEVELS + 1));
  const graphs = [
    graph,
    ...Array.from({ length: LEVELS }, (_, at) => new Graph({ name: `level${at}`, names: graph.names })),
  ];
  // Values of outer graphs are seen from within; a level's nodes follow the last of the level around it.
  const ends: Value[] = [];
  for (const level of graphs) {
    let value = ends.at(-1) ?? input;
    for (let made = 0; made < each; made++) value = append(level, made % 2 === 0 ? 'Relu' : 'Sigmoid', [value]);
    ends.push(value);
  }
  for (let at = graphs.length - 1; at >= 0; at--) {
    const level = graphs[at];
    const inner = graphs[at + 1];
    const end = ends[at];
    if (level === undefined || end === undefined) throw new Error('a level is missing');
    level.addOutput(inner === undefined ? end : wrap(level, inner, end));
  }
  return model;
}

function start(shape: readonly (string | number)[]): {
  readonly model: Model;
  readonly graph: Graph;
  readonly input: Value;
} {
  const graph = new Graph({ name: 'large' });
  const type: ValueType = tensorType('float', shape);
  const input = new Value('x', { type });
  graph.addInput(input);
  return { model: new Model({ irVersion: 10, opsetImports: new Map([['', 21]]), graph }), graph, input };
}

function append(graph: Graph, opType: string, inputs: readonly Value[], attributes: readonly Attribute[] = []): Value {
  const node = createNode(opType, inputs, [graph.names.unique('v')], { attributes });
  graph.append(node);
  return node.output;
}

/** Numbers from 0 to 1, the same ones in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
