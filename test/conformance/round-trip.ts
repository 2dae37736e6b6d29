/**
 * Every model of the data is read and written: unchanged it must come back byte for byte; encoded anew from the IR alone
 * it must be the same message. A model that is refused counts as known when its own corpus says that it is invalid.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { ModelError } from '../../src/base/errors.ts';
import type { Model } from '../../src/ir/model.ts';
import { tensorsOfModel } from '../../src/serde/tensors-of-model.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { decodeMessage, onnx } from '../../src/wire/codec.ts';
import { forgetOrigins } from '../support/forget-origins.ts';
import { nodeCaseModels } from './node-case-models.ts';
import type { CaseNote, SuiteReport } from './suite.ts';

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Why the corpus expects the model to be refused. */
  readonly invalid?: string;
}

interface Row {
  readonly test: string;
  readonly model: string;
  readonly result?: unknown;
  readonly error?: string;
}

const CORPORA = ['checker-corpus', 'shape-inference-corpus', 'version-converter-corpus', 'optimizer-inputs'];

export async function runRoundTrip(data: string): Promise<SuiteReport> {
  const failed: CaseNote[] = [];
  const known: CaseNote[] = [];
  let passed = 0;
  for (const { name, bytes, invalid } of casesOf(data)) {
    try {
      const why = await differences(bytes);
      if (why === undefined) passed++;
      else failed.push({ name, why });
    } catch (error) {
      const why = error instanceof ModelError ? `refused: ${error.message}` : String((error as Error).stack);
      if (error instanceof ModelError && invalid !== undefined) {
        known.push({ name, why: `${why}; the corpus: ${invalid.replaceAll(/\s+/g, ' ').slice(0, 100)}` });
      } else if (error instanceof ModelError && why.endsWith('has no data type')) {
        known.push({ name, why: `${why}; onnx.checker refuses such a tensor too` });
      } else failed.push({ name, why });
    }
  }
  return { passed, failed, known, unsupported: [] };
}

function* casesOf(data: string): IterableIterator<Case> {
  for (const corpus of CORPORA) {
    const path = join(data, `${corpus}.jsonl.gz`);
    if (!existsSync(path)) continue;
    const rows = gunzipSync(readFileSync(path)).toString().trim().split('\n');
    for (const [index, text] of rows.entries()) {
      const { test, model, result, error } = JSON.parse(text) as Row;
      const name = `${corpus} ${index + 1} ${test}`;
      yield { name, bytes: Buffer.from(model, 'base64'), ...(error !== undefined && { invalid: error }) };
      if (typeof result === 'string') yield { name: `${name} (result)`, bytes: Buffer.from(result, 'base64') };
    }
  }
  const exports = join(data, '..', 'corpus', 'hand');
  for (const file of existsSync(exports) ? readdirSync(exports).sort() : []) {
    if (file.endsWith('.onnx')) yield { name: file, bytes: readFileSync(join(exports, file)) };
  }
  yield* nodeCaseModels(data);
}

/** What is not as it was; undefined when all is. Long payloads are left in the file in a second pass. */
async function differences(bytes: Uint8Array): Promise<string | undefined> {
  for (const maximumResidentBytes of [undefined, 0]) {
    const model = await loadModel(new MemorySource(bytes), { maximumResidentBytes });
    if (Buffer.compare(await modelToBytes(model), bytes) !== 0) return 'the unchanged model has other bytes';
    const before = await payloadsOf(model);
    forgetOrigins(model);
    const anew = await modelToBytes(model);
    if (!isDeepStrictEqual(plainModel(bytes), plainModel(anew))) return 'encoded anew it is another message';
    const after = await payloadsOf(await loadModel(new MemorySource(anew)));
    if (!isDeepStrictEqual(before, after)) return 'encoded anew its tensors have other elements';
  }
  return undefined;
}

/** The elements of every tensor but external ones, whose files are not at hand. */
async function payloadsOf(model: Model): Promise<unknown[]> {
  const payloads: unknown[] = [];
  for (const { name, payload, strings, external, dataType } of tensorsOfModel(model)) {
    if (external !== undefined) continue;
    const bytes = await payload.read(0, payload.byteLength);
    payloads.push([name, dataType, strings ?? Buffer.from(bytes).toString('latin1')]);
  }
  return payloads;
}

const payloadFields: ReadonlySet<string> = new Set([
  'rawData',
  'floatData',
  'int32Data',
  'int64Data',
  'doubleData',
  'uint64Data',
]);

function plainModel(bytes: Uint8Array): unknown {
  const model = decodeMessage(onnx.ModelProto, bytes);
  // 'ai.onnx' and '' are one domain, and the IR says ''.
  for (const entry of model.opsetImport ?? []) if (entry.domain === 'ai.onnx') entry.domain = '';
  return plain(model);
}

/**
 * A message without what the IR does not tell apart, since no reader does: an absent and an empty text, an absent and a
 * zero scalar of an attribute, elem_type UNDEFINED and none, a dimension that cannot be and an unknown one, the order of
 * value_info and entries of it that say nothing or say again what an input or output says. Elements are compared apart.
 */
function plain(value: unknown, key = ''): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
  if (Array.isArray(value)) return value.map((entry) => plain(entry));
  if (typeof value !== 'object' || value === null) return value;
  const message = value as Record<string, unknown>;
  const entries: [string, unknown][] = [];
  for (const [name, field] of Object.entries(message)) {
    if (field === null || field === '' || payloadFields.has(name)) continue;
    if (name === 'elemType' && field === 0) continue;
    if ((name === 'f' || name === 'i') && Number(field) === 0 && message['type'] !== undefined) continue;
    if (name === 'dimValue' && !(Number(field) >= 0 && Number.isSafeInteger(Number(field)))) continue;
    if (name === 'dataLocation' && field === 0) continue;
    const held = name === 'valueInfo' ? usefulInfo(message) : plain(field, name);
    if (name === 'type' && key !== 'attribute' && isEmpty(held)) continue;
    entries.push([name, held]);
  }
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function usefulInfo(graph: Record<string, unknown>): unknown[] {
  const listed = (key: string): { name?: string }[] => (graph[key] ?? []) as { name?: string }[];
  const declared = new Set([...listed('input'), ...listed('output')].map(({ name }) => name));
  const texts = listed('valueInfo')
    .filter(({ name }) => !declared.has(name))
    .map((info) => plain(info) as Record<string, unknown>)
    .filter((info) => Object.values(info).some((field) => field !== info['name'] && !isEmpty(field)))
    .map((info) => JSON.stringify(info, (_key, field: unknown) => (typeof field === 'bigint' ? String(field) : field)));
  return [...new Set(texts)].sort();
}
