import { expect, test } from '@jest/globals';
import { attribute } from '../../src/ir/attribute.ts';
import { Graph } from '../../src/ir/graph.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Node } from '../../src/ir/node.ts';
import { Tensor } from '../../src/ir/tensor.ts';
import { Value } from '../../src/ir/value.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { parseModel } from '../../src/text/parse.ts';

interface Parts {
  readonly model: Model;
  readonly input: Value;
  readonly weight: Value;
  /** `t = Add (x, w)`, then `y = If (c)` with a branch that reads t and x, then `z = Neg (y)`. */
  readonly add: Node;
  readonly choose: Node;
  readonly negate: Node;
  readonly branch: Graph;
}

function parts(): Parts {
  const model = parseModel(`
    <ir_version: 10, opset_import: ["": 18, "f": 1]>
    main (float x, bool c) => (z, t) <float w = {1}> {
      t = Add (x, w)
      y = If (c) <then_branch = then () => (p) { p = Add (t, x) }, else_branch = else () => (q) { q = f.F (t) }>
      z = Neg (y)
    }
    <domain: "f", opset_import: ["": 18]> F (v) => (r) { r = Relu (v) }`);
  const [input] = model.graph.inputs;
  const [weight] = model.graph.initializers;
  const [add, choose, negate] = model.graph.nodes;
  const branch = choose?.subgraphs[0];
  if (!input || !weight || !add || !choose || !negate || !branch) throw new Error('the model is not what it should be');
  return { model, input, weight, add, choose, negate, branch };
}

test('a sound model has no problems', () => {
  expect(verifyModel(parts().model)).toEqual([]);
});

test('a value that is not visible: too late, or of another scope', () => {
  const late = parts();
  late.model.graph.moveBefore(late.negate, late.choose);
  expect(verifyModel(late.model)).toEqual([
    "main graph, graph 'main': node (Neg of z) reads 'y', which is not defined before it, here or in a graph around it",
  ]);

  const inner = parts();
  const hidden = inner.branch.first?.output;
  inner.negate.replaceInput(0, hidden);
  expect(verifyModel(inner.model)).toEqual([
    expect.stringMatching(/node \(Neg of z\) reads 'p', which is not defined before it/),
  ]);

  const detached = parts();
  detached.negate.replaceInput(0, new Value('nowhere'));
  expect(verifyModel(detached.model)).toEqual([expect.stringMatching(/reads 'nowhere', which belongs to no graph/)]);
});

test('a function that reads a value of the model', () => {
  const { model, input } = parts();
  model.functions[0]?.body.first?.replaceInput(0, input);
  expect(verifyModel(model)).toEqual([
    expect.stringMatching(/^main graph.*'x' counts 3 uses, but has 2/),
    expect.stringMatching(/^main graph.*'x' counts node \(Relu of r\) as a user, which does not read it/),
    expect.stringMatching(/^function F.*reads 'x', which is not defined before it/),
  ]);
});

test('a graph output that nothing defines', () => {
  const { model } = parts();
  model.graph.addOutput(new Value('nowhere'));
  expect(verifyModel(model)).toEqual([
    expect.stringMatching(/an output of the graph reads 'nowhere', which belongs to no graph/),
  ]);
});

test('a name that is taken, empty, or not registered', () => {
  const { model } = parts();
  const [, other] = model.graph.first?.next?.subgraphs ?? [];
  other?.addInitializer(new Value('x'), new Tensor('int8', [], new Uint8Array(1)));
  model.graph.addInput(new Value(''));
  model.graph.names.delete('w');
  expect(verifyModel(model)).toEqual([
    expect.stringMatching(/graph 'main': a value has an empty name/),
    expect.stringMatching(/graph 'main': the name 'w' is not registered/),
    expect.stringMatching(/graph 'else': the name 'x' is taken by a value that is visible here/),
  ]);
});

test('uses that were not counted, or that are no more', () => {
  const { model, input, weight, add, negate, branch } = parts();
  input.deleteUse(add);
  weight.addUse(negate);
  weight.addUse(branch);
  expect(verifyModel(model)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/'x' counts 1 uses, but has 2/),
      expect.stringMatching(/'w' counts 3 uses, but has 1/),
      expect.stringMatching(/'w' counts node \(Neg of z\) as a user, which does not read it/),
      expect.stringMatching(/'w' counts as an output of graph 'then', which it is not/),
    ]),
  );
});

test('owners that are wrong', () => {
  const { model, input, add, choose, negate, branch } = parts();
  add.graph = undefined;
  branch.owner = { node: negate, attribute: 'then_branch' };
  input.graph = branch;
  input.isInput = false;
  choose.output.producer = negate;
  expect(verifyModel(model)).toEqual([
    expect.stringMatching(/input 'x' does not know that it is one/),
    expect.stringMatching(/value 'x' does not know that it belongs here/),
    expect.stringMatching(/node \(Add of t\) does not know that it belongs here/),
    expect.stringMatching(/graph 'then': it does not know that attribute 'then_branch' of node \(If of y\) holds it/),
    expect.stringMatching(/'y' does not know that node \(If of y\) makes it/),
  ]);
});

test('a list of nodes that is broken', () => {
  const { model, add, choose, negate } = parts();
  negate.previous = add;
  choose.position = negate.position + 1;
  expect(verifyModel(model)).toEqual([
    expect.stringMatching(/node \(Neg of z\) does not know the node before it/),
    expect.stringMatching(/the position of node \(Neg of z\) is not beyond that of node \(If of y\)/),
  ]);

  const short = parts();
  short.choose.next = undefined;
  expect(verifyModel(short.model)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/the last node of the list is not the one it ends with/),
      expect.stringMatching(/the list has 2 nodes, but nodeCount is 3/),
    ]),
  );

  const circle = parts();
  circle.negate.next = circle.choose;
  expect(verifyModel(circle.model)).toContainEqual(expect.stringMatching(/value 'y' is defined twice/));
});

test('a subgraph with names of its own, and one that two attributes hold', () => {
  const { model, choose, branch } = parts();
  choose.setAttribute(attribute.graph('else_branch', new Graph({ name: 'apart' })));
  expect(verifyModel(model)).toEqual([expect.stringMatching(/graph 'apart': it has a name scope of its own/)]);

  choose.setAttribute(attribute.graph('else_branch', branch));
  expect(verifyModel(model)).toContainEqual(expect.stringMatching(/holds it, and another attribute does too/));
});

test('initializers without tensor, or whose tensor has another name', () => {
  const { model, weight } = parts();
  weight.initializer = new Tensor('float', [], new Uint8Array(4), { name: 'other' });
  expect(verifyModel(model)).toEqual([expect.stringMatching(/the tensor of initializer 'w' is called 'other'/)]);
  weight.initializer = undefined;
  expect(verifyModel(model)).toEqual([expect.stringMatching(/initializer 'w' has no tensor/)]);
});

test('30,000 nodes are checked without recursion', () => {
  const nodes = Array.from({ length: 30_000 }, (_, index) => `v${index + 1} = Neg (v${index})`);
  expect(verifyModel(parseModel(`g (v0) => (v30000) { ${nodes.join('\n')} }`))).toEqual([]);
});
