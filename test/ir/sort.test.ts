import { describe, expect, test } from '@jest/globals';
import { ModelError } from '../../src/base/errors.ts';
import { Graph } from '../../src/ir/graph.ts';
import { createNode } from '../../src/ir/node.ts';
import { sortTopologically } from '../../src/ir/sort.ts';
import { Value } from '../../src/ir/value.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { parseModel } from '../../src/text/parse.ts';

function sorted(body: string): { order: string[]; moved: boolean; problems: string[] } {
  const model = parseModel(`g (bool c, float x) => () { ${body} }`);
  const moved = sortTopologically(model.graph);
  const order = Array.from(model.graph.nodes, ({ outputs }) => outputs[0]?.name ?? '');
  return { order, moved, problems: verifyModel(model) };
}

test('what is in order stays as it is, and is not touched', () => {
  const model = parseModel('g (x) => (b) { u = Abs (x) a = Relu (x) b = Neg (a) }');
  model.graph.changed = false;
  expect(sortTopologically(model.graph)).toBe(false);
  expect(model.graph.changed).toBe(false);
});

test('a producer comes before its first reader; all else keeps its order', () => {
  expect(sorted('p = Abs (x) b = Neg (a) q = Abs (p) a = Relu (x) r = Abs (q)')).toEqual({
    order: ['p', 'a', 'b', 'q', 'r'],
    moved: true,
    problems: [],
  });
});

test('what a subgraph reads counts for the node that holds it, at any depth', () => {
  const body = `
    r = If (c) <
      then_branch = t () => (s) { s = If (c) <
        then_branch = tt () => (u) { u = Abs (late) },
        else_branch = te () => (later) {}> },
      else_branch = e () => (x) {}
    >
    late = Neg (x)
    later = Neg (late)`;
  expect(sorted(body)).toEqual({ order: ['late', 'later', 'r'], moved: true, problems: [] });
});

test('subgraphs are sorted as well', () => {
  const body = 'r = If (c) <then_branch = t () => (b) { b = Neg (a) a = Abs (x) }, else_branch = e () => (x) {}>';
  expect(sorted(body)).toEqual({ order: ['r'], moved: true, problems: [] });
});

describe('cycles', () => {
  test.each([
    ['a = Add (x, a)', 'node (Add of a) reads its own output'],
    [
      'a = Add (x, b) b = Neg (d) d = Abs (a)',
      "nodes read each other's outputs in a cycle: (Add of a), (Neg of b), (Abs of d)",
    ],
    [
      'r = If (c) <then_branch = t () => (s) { s = Neg (late) }, else_branch = e () => (x) {}> late = Abs (r)',
      "nodes read each other's outputs in a cycle: (If of r), (Abs of late)",
    ],
  ])('%s', (body, message) => {
    expect(() => sorted(body)).toThrow(new ModelError(message));
  });

  test('a long cycle is not told in full', () => {
    const body = Array.from({ length: 20 }, (_, index) => `v${index} = Add (x, v${(index + 1) % 20})`).join(' ');
    expect(() => sorted(body)).toThrow(/\(Add of v0\).*\(Add of v7\) and 12 more$/);
  });
});

test('a chain of 100,000 nodes in reverse order is sorted without recursion', () => {
  const graph = new Graph();
  const values = Array.from({ length: 100_001 }, (_, index) => new Value(`v${index}`));
  const [first] = values;
  if (first !== undefined) graph.addInput(first);
  for (let index = 100_000; index > 0; index--) {
    const node = createNode('Neg', [undefined], [`n${index}`]);
    graph.append(node);
    values[index] = node.output;
  }
  let index = 100_000;
  for (const node of graph.nodes) node.replaceInput(0, values[--index]);
  expect(sortTopologically(graph)).toBe(true);
  expect([graph.first?.output.name, graph.last?.output.name, graph.nodeCount]).toEqual(['n1', 'n100000', 100_000]);
  expect(sortTopologically(graph)).toBe(false);
});
