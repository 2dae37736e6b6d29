import { describe, expect, test } from '@jest/globals';
import { check } from '../../src/api/check.ts';
import { loadModel } from '../../src/api/load.ts';
import { repair } from '../../src/api/repair.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { simplify } from '../../src/api/simplify.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import { InvalidModelError } from '../../src/ir/problem.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { printModel } from '../../src/text/print.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import type { GraphProto, ModelProto } from '../../src/wire/codec.ts';
import { bytesOfModel, floatTensor, floatType, modelOf, node, valueInfo } from '../support/protos.ts';

const io = { input: [valueInfo('x')], output: [valueInfo('y')] };
const relu = node('Relu', ['x'], ['y']);
const bool = valueInfo('c', { tensorType: { elemType: 9, shape: { dim: [] } } });
const branches = (then: GraphProto): GraphProto => ({
  input: [valueInfo('x'), bool],
  output: [valueInfo('y')],
  node: [
    node('If', ['c'], ['y'], {
      attribute: [
        { name: 'then_branch', type: 5, g: then },
        { name: 'else_branch', type: 5, g: { name: 'e', node: [node('Neg', ['x'], ['e'])], output: [{ name: 'e' }] } },
      ],
    }),
  ],
});

/** The repaired model, written and read again; nothing may be left to repair, and nothing else may be wrong. */
async function repaired(graph: GraphProto, rest: ModelProto = {}) {
  const model = await loadModel(new MemorySource(bytesOfModel(modelOf(graph, rest))));
  expect(check(model).some(({ effect }) => effect === 'repair')).toBe(true);
  const twin = cloneModel(model);
  const done = repair(model);
  expect(verifyModel(model)).toEqual([]);
  const again = await loadModel(new MemorySource(await modelToBytes(model)));
  expect(check(again)).toEqual([]);
  expect(repair(again)).toEqual([]);
  // simplify says the same.
  expect(simplify(twin).notes).toEqual(expect.arrayContaining(done.map((text) => `repaired: ${text}`)));
  return { done, text: printModel(again) };
}

describe('what is repaired', () => {
  test.each<readonly [title: string, graph: GraphProto, done: string, text: RegExp, rest?: ModelProto]>([
    [
      'the order of nodes',
      { ...io, node: [node('Relu', ['t'], ['y']), node('Neg', ['x'], ['t'])] },
      'put the nodes of graph main into topological order',
      /t = Neg[^]*y = Relu/,
    ],
    ['a graph without a name', { ...io, node: [relu], name: '' }, 'named a graph that had no name', /main_graph/],
    [
      'names of nodes',
      {
        ...io,
        node: [
          node('Neg', ['x'], ['a'], { name: 'n' }),
          node('Neg', ['a'], ['b'], { name: 'n_1' }),
          node('Neg', ['b'], ['y'], { name: 'n' }),
        ],
      },
      'renamed a node so that names of nodes are unique',
      /\[n\] a[^]*\[n_1\] b[^]*\[n_2\] y/,
    ],
    [
      'value_info of nothing',
      { ...io, node: [relu], valueInfo: [valueInfo('a'), valueInfo('b')] },
      'dropped value_info of 2 values that there are not',
      /^[^]*y = Relu/,
    ],
    [
      'value_info that is wrong',
      {
        ...io,
        node: [node('Neg', ['x'], ['t']), node('Relu', ['t'], ['y'])],
        valueInfo: [valueInfo('t', floatType(7))],
      },
      'dropped value_info of t, which contradicts what the graph computes',
      /^(?![^]*\[7\])/,
    ],
    [
      'an output that is declared wrongly',
      { input: [valueInfo('x', floatType('n', 3))], output: [valueInfo('y', floatType(1, 4))], node: [relu] },
      'corrected the declared type of output y',
      /float\[n, ?3\] y/,
    ],
    [
      'an output without a type',
      { input: [valueInfo('x', floatType('n', 3))], output: [{ name: 'y' }], node: [relu] },
      'declared the type of output y',
      /float\[n, ?3\] y/,
    ],
    [
      'an unused import',
      { ...io, node: [relu] },
      'dropped the unused opset import ai.onnx.ml',
      /^(?![^]*ml)/,
      { opsetImport: [{ version: 17n }, { domain: 'ai.onnx.ml', version: 3n }] },
    ],
    [
      'a missing import',
      { ...io, node: [node('Scaler', ['x'], ['y'], { domain: 'ai.onnx.ml' })] },
      'imported ai.onnx.ml 1, which its nodes are of',
      /"ai.onnx.ml": 1/,
    ],
    [
      'an import that is there twice',
      { ...io, node: [relu] },
      'kept the last of each key that metadata_props or opset_import had twice',
      /"": 18/,
      { opsetImport: [{ version: 17n }, { version: 18n }] },
    ],
    [
      'a key that is there twice',
      { ...io, node: [relu] },
      'kept the last of each key that metadata_props or opset_import had twice',
      /"k": "2"/,
      {
        metadataProps: [
          { key: 'k', value: '1' },
          { key: 'k', value: '2' },
        ],
      },
    ],
    [
      'initializers below IR 4',
      { ...io, node: [node('Add', ['x', 'w'], ['y'])], initializer: [floatTensor('w', 2)] },
      'listed an initializer among the inputs, as IR version 3 asks',
      /float\[2\] x, float\[2\] w/,
      { irVersion: 3n, opsetImport: [{ version: 8n }] },
    ],
    [
      'imports below IR 3',
      { ...io, node: [relu] },
      'raised the IR version from 2 to 3, which may import operator sets',
      /ir_version: 3/,
      { irVersion: 2n, opsetImport: [{ version: 6n }] },
    ],
    [
      'an output of a branch from the graph around',
      branches({ name: 't', output: [{ name: 'x' }] }),
      'added 1 Identity for outputs of subgraphs that come from the graph around them',
      /x_1 = Identity \(x\)/,
    ],
    [
      'a value of a branch with a name of the graph around',
      branches({ name: 't', node: [node('Neg', ['x'], ['c'])], output: [{ name: 'c' }] }),
      'renamed c of graph main/(If of y)/then_branch to c_1, since a graph around it has a c',
      /c_1 = Neg \(x\)/,
    ],
  ])('%s', async (...[, graph, done, text, rest]) => {
    const result = await repaired(graph, rest);
    expect(result.done).toEqual([done]);
    expect(result.text).toMatch(text);
  });

  test('what cannot be repaired leaves the model as it was', async () => {
    const bytes = bytesOfModel(
      modelOf({ ...io, name: '', node: [node('Relu', ['t'], ['y']), node('Add', ['x'], ['t'])] }),
    );
    const model = await loadModel(new MemorySource(bytes));
    expect(() => repair(model)).toThrow(InvalidModelError);
    expect(() => simplify(model)).toThrow('Add needs at least 2 inputs, but has 1');
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
  });
});
