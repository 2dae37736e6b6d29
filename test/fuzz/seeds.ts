/**
 * The models that are mutated: the samples, the examples of all rules, messages built by hand, and, where the test data is
 * at hand, small models of the standard's own cases. Of these each comes a second time with its inputs as constants, so that
 * constant folding computes it.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { simplifyRules, tensorrtRules } from '../../rules/index.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { parseModel } from '../../src/text/parse.ts';
import { addModel, bytesOfModel, everything } from '../support/protos.ts';
import { bytesField, encodeTree, fieldOf, isMessage, parseMessage } from '../support/wire-tree.ts';
import { putNodesBehindOutputs } from './mutate-tree.ts';

/** Larger models make a run slow and a mutation rarely hit what matters. */
const LARGEST_SEED = 64 * 1024;

/** Every model as bytes, in an order that depends on the data alone. */
export async function collectSeeds(): Promise<Uint8Array[]> {
  const seeds: Uint8Array[] = [bytesOfModel(everything()), bytesOfModel(addModel()), bytesOfModel(addModel(2000))];
  for (const file of readdirSync('samples').sort()) {
    if (file.endsWith('.onnx')) seeds.push(readFileSync(join('samples', file)));
  }
  for (const rule of simplifyRules) {
    for (const { before, opset } of rule.examples) seeds.push(await bytesOfText(before, opset));
  }
  for (const rule of tensorrtRules)
    for (const { model, opset } of rule.examples) seeds.push(await bytesOfText(model, opset ?? 17));
  const data = resolve(process.env['ONNX_PREFLIGHT_DATA'] ?? '../shared/data');
  if (existsSync(data)) seeds.push(...modelsOf(data));
  return seeds.filter(({ byteLength }) => byteLength <= LARGEST_SEED);
}

async function bytesOfText(text: string, opset?: number): Promise<Uint8Array> {
  return modelToBytes(parseModel(text, opset === undefined ? {} : { opset }));
}

function* modelsOf(data: string): IterableIterator<Uint8Array> {
  for (const corpus of ['checker-corpus', 'shape-inference-corpus', 'version-converter-corpus', 'optimizer-inputs']) {
    const path = join(data, `${corpus}.jsonl.gz`);
    if (!existsSync(path)) continue;
    for (const row of gunzipSync(readFileSync(path)).toString().trim().split('\n')) {
      yield Buffer.from((JSON.parse(row) as { readonly model: string }).model, 'base64');
    }
  }
  for (const folder of [join(data, '..', 'corpus', 'hand'), join(data, '..', 'oracle', 'models')]) {
    for (const file of existsSync(folder) ? readdirSync(folder).sort() : []) {
      if (file.endsWith('.onnx')) yield readFileSync(join(folder, file));
    }
  }
  yield* nodeCases(join(data, 'onnx-1.23.1-node-cases.tar.xz'));
}

function* nodeCases(archive: string): IterableIterator<Uint8Array> {
  if (!existsSync(archive)) return;
  const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
  try {
    execFileSync('tar', ['-xJf', archive, '-C', folder]);
    for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
      if (!file.endsWith('model.onnx')) continue;
      const bytes = readFileSync(join(folder, file));
      yield bytes;
      const constant = withConstantInputs(bytes, join(folder, dirname(file), 'test_data_set_0'));
      if (constant !== undefined) yield constant;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The model with the inputs of its test as initializers; undefined where one is no tensor. */
function withConstantInputs(bytes: Uint8Array, testData: string): Uint8Array | undefined {
  const model = parseMessage('Model', bytes);
  const graph = model && fieldOf(model, 7)?.value;
  if (model === undefined || !isMessage(graph)) return undefined;
  const inputs = graph.fields.filter(({ number }) => number === 11);
  for (const [index, input] of inputs.entries()) {
    const path = join(testData, `input_${index}.pb`);
    const tensor = existsSync(path) ? parseMessage('Tensor', readFileSync(path)) : undefined;
    const name = isMessage(input.value) ? fieldOf(input.value, 1)?.value : undefined;
    if (tensor === undefined || !(name instanceof Uint8Array) || fieldOf(tensor, 2)?.wireType !== 0) return undefined;
    const fields = [...tensor.fields.filter(({ number }) => number !== 8), bytesField(8, name)];
    graph.fields.splice(graph.fields.indexOf(input), 1, bytesField(5, { name: 'Tensor', fields }));
  }
  putNodesBehindOutputs(graph);
  return encodeTree(model);
}
