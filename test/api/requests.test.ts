import { describe, expect, test } from '@jest/globals';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { simplify, type SimplifyOptions } from '../../src/api/simplify.ts';
import { provenanceKeys } from '../../src/api/steps.ts';
import type { Model } from '../../src/ir/model.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { printModel } from '../../src/text/print.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { model } from '../support/model.ts';

/** What is read of the file that is written of the model after it was simplified, so that what was not touched comes from its old bytes. */
async function rewritten(text: string, options: SimplifyOptions): Promise<Model> {
  const read = await loadModel(new MemorySource(await modelToBytes(model(text))));
  simplify(read, options);
  expect(verifyModel(read)).toEqual([]);
  return loadModel(new MemorySource(await modelToBytes(read)));
}

const branching = `agraph (bool c, float[N] x, float[N] w) => (float[N] y) {
  a = Mul (x, w)
  [choice] y = If (c) <
    then_branch = yes () => (float[N] t) { features = Neg (a)
      t = Add (features, x) },
    else_branch = no () => (float[N] e) { e = Sub (x, a) }
  >
}`;

describe('rename', () => {
  test('reaches readers in branches, and an inner value gives way', async () => {
    const result = await rewritten(branching, { rename: { x: 'features', y: 'x' } });
    expect(result.graph.inputs.map(({ name }) => name)).toEqual(['c', 'features', 'w']);
    expect(result.graph.outputs.map(({ name }) => name)).toEqual(['x']);
    expect(printModel(result)).toContain('= Sub (features, a)');
    expect(verifyModel(result)).toEqual([]);
  });

  test('exchanges names', async () => {
    const result = await rewritten(branching, { rename: { x: 'w', w: 'x' } });
    expect(result.graph.inputs.map(({ name }) => name)).toEqual(['c', 'w', 'x']);
    expect(printModel(result)).toContain('a = Mul (w, x)');
  });
});

describe('extract', () => {
  test('a value that branches read becomes an input, with the type that is known of it', async () => {
    const result = await rewritten(branching, { inputs: ['c', 'x', 'a'] });
    expect(printModel(result)).toContain('(bool c, float[N] x, float[N] a) => (float[N] y)');
    expect([...result.graph.nodes].map(({ opType }) => opType)).toEqual(['If']);
  });

  test('inputs that are not needed go, and outputs are typed', async () => {
    const result = await rewritten(branching, { outputs: ['a'] });
    expect(printModel(result)).toContain('(float[N] x, float[N] w) => (float[N] a)');
  });

  test('an initializer may become an input, and an input an output', async () => {
    const text = `agraph (float[N,2] x) => (float[N,2] y) <float[2] w = {1, 2}> { y = Mul (x, w) }`;
    const result = await rewritten(text, { inputs: ['x', 'w'], outputs: ['x', 'y'] });
    expect(printModel(result)).toContain('(float[N,2] x, float[2] w) => (float[N,2] x, float[N,2] y)');
    expect(result.graph.initializers.size).toBe(0);
  });

  test('what becomes an input must be of a known type', async () => {
    const text = `<opset_import: ["": 21, "custom": 1]>
      agraph (float[2] x) => (float[2] y) { a = custom.Unknown (x)
      y = Neg (a) }`;
    await expect(rewritten(text, { inputs: ['a'] })).rejects.toThrow("the type of 'a' is not known");
  });
});

test('strip leaves no documentation, metadata or node names anywhere', async () => {
  const text = `<ir_version: 10, opset_import: ["": 21], doc_string: "all of it", metadata_props: ["author": "someone"]>
    agraph (bool c, float[N] x) => (float[N] y) {
      [choice] y = If (c) <then_branch = yes () => (float[N] t) { [inner] t = Neg (x) }, else_branch = no () => (float[N] e) { e = Abs (x) }>
    }`;
  const result = await rewritten(text, { strip: ['docs', 'metadata', 'names'] });
  expect(printModel(result)).not.toMatch(/choice|inner|author|all of it/);
  const kept = await rewritten(text, { strip: ['docs'] });
  expect(printModel(kept)).toMatch(/author[^]*choice[^]*inner/);
  expect(printModel(kept)).not.toContain('all of it');
});

test('shapes are declared in branches as well, in terms of the inputs', async () => {
  const text = `agraph (bool c, float[N,4] x) => (float[M] y) <int64[1] flat = {-1}> {
    p = Concat <axis = 0> (x, x)
    f = Reshape (p, flat)
    y = If (c) <then_branch = yes () => (float[K] t) { n = Neg (f)
      t = Abs (n) }, else_branch = no () => (float[K] e) { e = Exp (f) }>
  }`;
  const result = await rewritten(text, { inferShapes: true });
  const types = new Map<string, unknown>();
  for (const node of result.graph.nodes) {
    for (const value of node.outputs) if (value?.type?.kind === 'tensor') types.set(value.name, value.type.shape);
    for (const graph of node.subgraphs)
      for (const inner of graph.nodes)
        for (const value of inner.outputs) if (value?.type?.kind === 'tensor') types.set(value.name, value.type.shape);
  }
  expect(Object.fromEntries(types)).toMatchObject({ p: ['2*N', 4], f: ['8*N'], n: ['8*N'] });
});

describe('spare', () => {
  const chain = `agraph (float[2,3,4] x) => (float[2,3,4] y) {
    [one] a = Transpose <perm = [1, 0, 2]> (x)
    [two] b = Transpose <perm = [1, 0, 2]> (a)
    y = Relu (b)
  }`;

  test('a kept value is computed on, and nothing is an output that was none', async () => {
    const result = await rewritten(chain, { keep: ['a'] });
    expect(result.graph.outputs.map(({ name }) => name)).toEqual(['y']);
    expect([...result.graph.nodes].map(({ label }) => label)).toContain('one');
  });

  test('a skipped node is not rewritten, in a branch neither', async () => {
    const result = await rewritten(chain, { skipNodes: ['two'] });
    expect([...result.graph.nodes].map(({ label }) => label)).toEqual(['one', 'two', '(Relu of y)']);
    const inner = `agraph (bool c, float[N] x) => (float[N] y) {
      y = If (c) <then_branch = yes () => (float[N] t) { [inner] i = Identity (x)
        t = Abs (i) }, else_branch = no () => (float[N] e) { e = Exp (x) }>
    }`;
    expect(printModel(await rewritten(inner, { skipNodes: ['inner'] }))).toContain('Identity');
    expect(printModel(await rewritten(inner, {}))).not.toContain('Identity');
  });
});

test('provenance names the original nodes, through several rewrites', async () => {
  const text = `agraph (float[2,3,4,5] x) => (float[2,3,4,5] y) {
    [one] a = Transpose <perm = [1, 0, 2, 3]> (x)
    [two] b = Transpose <perm = [0, 2, 1, 3]> (a)
    [three] c = Transpose <perm = [0, 1, 3, 2]> (b)
    y = Relu (c)
  }`;
  const result = await rewritten(text, { provenance: true });
  const [transpose] = [...result.graph.nodes];
  expect(transpose?.opType).toBe('Transpose');
  const sources = transpose?.metadataProps.get(provenanceKeys.nodes)?.split(', ').sort();
  expect(sources).toEqual(['one', 'three', 'two']);
  expect(transpose?.metadataProps.get(provenanceKeys.rule)).toBe('fuse-consecutive-transposes');
});
