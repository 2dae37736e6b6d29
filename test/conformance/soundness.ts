/**
 * Everything of the data is simplified, and the result judged: a sound graph with the interface it had, unchanged by a second
 * run, with the same outputs by our evaluator, bit for bit where only exact rules were applied. The standard's node cases come
 * in three forms, since most of what simplify does rests on knowing inputs: as they are, and with either half of their inputs
 * as initializers.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { ModelError } from '../../src/base/errors.ts';
import { arrayOf } from '../../src/fold/array.ts';
import type { RuntimeValue } from '../../src/fold/runtime-value.ts';
import type { Model } from '../../src/ir/model.ts';
import { randomInputs } from '../support/random-inputs.ts';
import { type Inputs, judgeSimplification } from '../support/soundness.ts';
import { openNodeCases, readValue } from './node-cases.ts';
import { withStored } from './stored-inputs.ts';
import type { CaseNote, SuiteReport } from './suite.ts';

const CORPORA = ['optimizer-inputs', 'version-converter-corpus'];
/** What every dim_param of a model becomes in turn. */
const SIZES = [2, 3, 1];

export interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly inputSets: (original: Model) => Iterable<Inputs>;
  /** The model is known to be invalid, or comes from where many are; the validity suite judges the refusals themselves. */
  readonly mayBeRefused?: boolean;
}

export async function runSoundness(data: string): Promise<SuiteReport> {
  const failed: CaseNote[] = [];
  const known: CaseNote[] = [];
  const unsupported: CaseNote[] = [];
  let passed = 0;
  for await (const { name, bytes, inputSets, mayBeRefused } of casesOf(data)) {
    try {
      const { fault, computed, refusals } = await judgeSimplification(bytes, inputSets);
      if (fault !== undefined) failed.push({ name, why: fault });
      else if (computed > 0) passed++;
      else unsupported.push({ name, why: `sound and final, but not computable: ${refusals[0] ?? 'no inputs fit it'}` });
    } catch (error) {
      if (error instanceof ModelError && mayBeRefused === true) known.push({ name, why: `refused: ${error.message}` });
      else failed.push({ name, why: String((error as Error).stack) });
    }
  }
  return { passed, failed, known, unsupported };
}

export async function* casesOf(data: string): AsyncIterableIterator<Case> {
  yield* nodeCases(data);
  for (const corpus of CORPORA) {
    const path = join(data, `${corpus}.jsonl.gz`);
    if (!existsSync(path)) continue;
    const rows = gunzipSync(readFileSync(path)).toString().trim().split('\n');
    for (const [index, text] of rows.entries()) {
      const { test, model, error } = JSON.parse(text) as { test: string; model: string; error?: string };
      const name = `${corpus} ${index + 1} ${test}`;
      const bytes = Buffer.from(model, 'base64');
      yield { name, bytes, inputSets: randomSets, mayBeRefused: error !== undefined || corpus === CORPORA[1] };
    }
  }
  const exports = join(data, '..', 'corpus', 'hand');
  for (const file of existsSync(exports) ? readdirSync(exports).sort() : []) {
    // Those with external data lack it here: the evaluator would have to be given the folder.
    if (!file.endsWith('.onnx') || existsSync(join(exports, `${file}.data`))) continue;
    yield { name: file, bytes: readFileSync(join(exports, file)), inputSets: randomSets };
  }
}

function* randomSets(original: Model): IterableIterator<Inputs> {
  const isDynamic = original.graph.inputs.some(
    ({ type }) => type?.kind === 'tensor' && type.shape?.every((dim) => typeof dim === 'number') !== true,
  );
  for (const size of isDynamic ? SIZES : [1]) {
    const tensors = randomInputs(original, size);
    yield new Map([...tensors].map(([name, tensor]) => [name, arrayOf(tensor)]));
  }
}

async function* nodeCases(data: string): AsyncIterableIterator<Case> {
  const opened = openNodeCases(data);
  try {
    for (const record of opened.cases) {
      const folder = opened.folderOf(record);
      const bytes = readFileSync(join(folder, 'model.onnx'));
      const files = record.inputs.map(
        (_, index) => new Uint8Array(readFileSync(join(folder, 'test_data_set_0', `input_${index}.pb`))),
      );
      const inputs = new Map<string, RuntimeValue>();
      for (const [index, { name, kind }] of record.inputs.entries())
        inputs.set(name, await readValue(files[index] ?? new Uint8Array(), kind));
      yield { name: record.name, bytes, inputSets: () => [inputs] };
      for (const parity of [0, 1]) {
        const stored = record.inputs.flatMap(({ name, kind }, index) =>
          kind === 'tensor' && index % 2 === parity ? [{ name, bytes: files[index] ?? new Uint8Array() }] : [],
        );
        if (stored.length === 0) continue;
        const names = new Set(stored.map(({ name }) => name));
        const rest = new Map([...inputs].filter(([name]) => !names.has(name)));
        const form = parity === 0 ? 'first, third ... input stored' : 'second, fourth ... input stored';
        yield { name: `${record.name} (${form})`, bytes: withStored(bytes, stored), inputSets: () => [rest] };
      }
    }
  } finally {
    opened.close();
  }
}
