/** ONNX Runtime as the user may have it: here packages of the same interface that note what they are asked. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { compare } from '../../src/api/compare.ts';
import { simplify } from '../../src/api/simplify.ts';
import { verify } from '../../src/api/verify.ts';
import type { RunnerName } from '../../src/platform/runner-names.ts';
import { findRunners } from '../../src/platform/node-runners.ts';
import { readModelFile, writeModelFile } from '../../src/platform/node.ts';
import { parseModel } from '../../src/text/parse.ts';
import { freshFolder, scratchFolder } from '../support/scratch.ts';

const scratch = scratchFolder();

interface Asked {
  readonly source: string | { readonly bytes: number };
  readonly options: { readonly graphOptimizationLevel: string };
}

/** A project with a package that doubles its float inputs, and puts down what it was asked. */
function project(name: RunnerName, body = ''): { readonly folder: string; readonly asked: () => Asked[] } {
  const folder = freshFolder(scratch);
  const home = join(folder, 'node_modules', name);
  const log = join(folder, 'asked.jsonl');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name, version: '9.9.9', main: 'index.js' }));
  writeFileSync(
    join(home, 'index.js'),
    `const fs = require('node:fs');
class Tensor { constructor(type, data, dims) { Object.assign(this, { type, data, dims }); } }
exports.Tensor = Tensor;
exports.env = { versions: { node: '9.9.9', web: '9.9.9' } };
exports.InferenceSession = {
  async create(source, options) {
    if (typeof source === 'string' && !fs.existsSync(source)) throw new Error('there is no file');
    fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify({ source: typeof source === 'string' ? source : { bytes: source.byteLength }, options }) + '\\n');
    ${body}
    return { run: async ({ x }) => ({ y: new Tensor(x.type, x.data, x.dims) }), release: async () => undefined };
  },
};`,
  );
  return {
    folder,
    asked: () =>
      (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []).map((line) => JSON.parse(line) as Asked),
  };
}

const text = 'agraph (float[n,2] x) => (float[n,2] y) { a = Identity (x)  y = Identity (a) }';

describe('what runs models', () => {
  test('is the built-in evaluator where nothing is installed', () => {
    const folder = freshFolder(scratch);
    expect(findRunners({ folder }).map(({ name }) => name)).toEqual(['the built-in evaluator']);
    expect(() => findRunners({ folder, only: 'onnxruntime-node' })).toThrow('onnxruntime-node is not installed');
  });

  test('is the package of the project first', () => {
    const { folder } = project('onnxruntime-node');
    expect(findRunners({ folder }).map(({ name }) => name)).toEqual([
      'onnxruntime-node 9.9.9',
      'the built-in evaluator',
    ]);
    expect(findRunners({ folder, only: 'built-in' })).toHaveLength(1);
  });

  test('a package that cannot be loaded is passed over', () => {
    const { folder } = project('onnxruntime-node');
    writeFileSync(
      join(folder, 'node_modules/onnxruntime-node/index.js'),
      'throw new Error("no binary for this machine")',
    );
    expect(findRunners({ folder })).toHaveLength(1);
  });
});

describe('onnxruntime-node', () => {
  test('gets the file that a model is in, and a temporary one for what was made of it, without optimizations', async () => {
    const { folder, asked } = project('onnxruntime-node');
    const path = join(folder, 'model.onnx');
    await writeModelFile(parseModel(text), path);
    const simplified = await readModelFile(path);
    const original = await readModelFile(path);
    const report = simplify(simplified);
    const added: unknown[] = [];
    const deleted: unknown[] = [];
    const unfinished = {
      add: (file: unknown) => void added.push(file),
      delete: (file: unknown) => void deleted.push(file),
    };
    const result = await verify(original, simplified, report, { runners: findRunners({ folder, unfinished }) });
    expect(result).toMatchObject({ equal: true, runner: 'onnxruntime-node 9.9.9' });
    const [first, second] = asked();
    expect(first?.source).toBe(path);
    expect(second?.source).not.toBe(path);
    expect(existsSync(second?.source as string)).toBe(false);
    expect(first?.options.graphOptimizationLevel).toBe('disabled');
    // The folder itself, and the file while it is written.
    expect(added.length).toBeGreaterThan(0);
    expect(deleted).toHaveLength(added.length);
  });

  test('leaves no temporary file when it does not take a model', async () => {
    const { folder, asked } = project('onnxruntime-node', "throw new Error('no kernel\\nat somewhere');");
    const model = parseModel(text);
    const result = await compare(model, model, { runners: findRunners({ folder }) });
    expect(result).toMatchObject({
      equal: true,
      runner: 'the built-in evaluator',
      notes: ['onnxruntime-node 9.9.9 does not take the model: no kernel'],
    });
    expect(existsSync(asked()[0]?.source as string)).toBe(false);
  });

  test.each([
    ['bfloat16', 'agraph (bfloat16[2] x) => (bfloat16[2] y) { y = Identity (x) }', "input 'x' is of bfloat16"],
    ['sequences', 'agraph (seq(float[2]) x) => (seq(float[2]) y) { y = Identity (x) }', "input 'x' is a sequence"],
  ])('is not asked for %s', async (_, source, reason) => {
    const { folder, asked } = project('onnxruntime-node');
    const model = parseModel(source);
    const { runner, notes } = await compare(model, model, { runners: findRunners({ folder }) });
    expect(runner).toBe('the built-in evaluator');
    expect(notes[0]).toContain(reason);
    expect(asked()).toEqual([]);
  });

  test.each(['float16', 'double', 'int64', 'bool', 'string', 'uint8'])('hands %s over and back', async (type) => {
    const { folder } = project('onnxruntime-node');
    const model = parseModel(text.replaceAll('float', type));
    const runners = findRunners({ folder });
    const { evaluatorRunner } = await import('../../src/verify/evaluator-runner.ts');
    const byBoth = await Promise.all(
      [runners[0] ?? evaluatorRunner, evaluatorRunner].map(async (runner) => {
        const session = await runner.open({ model, isAsRead: true });
        const dims = [1, 2];
        const data =
          type === 'string'
            ? [Buffer.from('a'), Buffer.from('é')].map((bytes) => new Uint8Array(bytes))
            : type === 'int64'
              ? BigInt64Array.of(-1n, 2n ** 62n)
              : type === 'double'
                ? Float64Array.of(1e300, -0)
                : type === 'float16'
                  ? Float32Array.of(1.5, 65504)
                  : Uint8Array.of(0, 1);
        const outputs = await session.run(new Map([['x', { dataType: type as 'float', dims, data }]]));
        await session.close();
        return outputs;
      }),
    );
    expect(byBoth[0]).toEqual(byBoth[1]);
  });
});

test('onnxruntime-web gets the bytes', async () => {
  const { folder, asked } = project('onnxruntime-web');
  const model = parseModel(text);
  const { runner } = await compare(model, model, { runners: findRunners({ folder }) });
  expect(runner).toBe('onnxruntime-web 9.9.9');
  expect(asked()[0]?.source).toEqual({ bytes: expect.any(Number) as unknown });
});
