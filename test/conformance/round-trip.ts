/**
 * Every model there is, is read and written: unchanged it must come back byte for byte, one that is refused too, as far as it can be
 * read at all; encoded anew from the IR alone a valid one must be the same message. Besides the data, the models of the
 * folders that ONNX_PREFLIGHT_MODELS names are tried: exports, and what packages of npm hold.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes, saveModel } from '../../src/api/save.ts';
import { ModelError } from '../../src/base/errors.ts';
import type { Model } from '../../src/ir/model.ts';
import { InvalidModelError, refuses } from '../../src/ir/problem.ts';
import { openFile } from '../../src/platform/node.ts';
import { tensorsOfModel } from '../../src/serde/tensors-of-model.ts';
import type { ByteSink } from '../../src/wire/byte-sink.ts';
import { type ByteSource, MemorySource } from '../../src/wire/byte-source.ts';
import { decodeMessage, onnx } from '../../src/wire/codec.ts';
import { NotOnnxError } from '../../src/wire/not-onnx.ts';
import { forgetOrigins } from '../support/forget-origins.ts';
import { nodeCaseModels } from './node-case-models.ts';
import type { CaseNote, SuiteReport } from './suite.ts';

interface Case {
  readonly name: string;
  readonly source: ByteSource;
}

interface Row {
  readonly test: string;
  readonly model: string;
  readonly result?: unknown;
}

const CORPORA = ['checker-corpus', 'shape-inference-corpus', 'version-converter-corpus', 'optimizer-inputs'];

/** Larger files are copied, and not encoded anew: that would take their weights into memory several times. */
const LARGEST_ENCODED = 4 * 1024 * 1024;

export async function runRoundTrip(data: string): Promise<SuiteReport> {
  const failed: CaseNote[] = [];
  const known: CaseNote[] = [];
  const groups = new Map<string, number>();
  let passed = 0;
  let refused = 0;
  for (const [group, { name, source }] of casesOf(data)) {
    groups.set(group, (groups.get(group) ?? 0) + 1);
    try {
      const isRefused = await isUnlikeItself(source);
      if (typeof isRefused === 'string') failed.push({ name, why: isRefused });
      else {
        passed++;
        if (isRefused) refused++;
      }
    } catch (error) {
      if (error instanceof NotOnnxError) known.push({ name, why: `${error.message}: there are no messages to write` });
      else failed.push({ name, why: error instanceof ModelError ? error.message : String((error as Error).stack) });
    }
  }
  const counts = [...groups].map(([group, count]) => `${count} of ${group}`).join(', ');
  const details = [`models: ${counts}; ${refused} of them are refused as invalid, and copied all the same`];
  return { passed, failed, known, unsupported: [], details };
}

function* casesOf(data: string): IterableIterator<readonly [group: string, Case]> {
  for (const corpus of CORPORA) {
    const path = join(data, `${corpus}.jsonl.gz`);
    if (!existsSync(path)) continue;
    const rows = gunzipSync(readFileSync(path)).toString().trim().split('\n');
    for (const [index, text] of rows.entries()) {
      const { test, model, result } = JSON.parse(text) as Row;
      const name = `${corpus} ${index + 1} ${test}`;
      const caseOf = (label: string, base64: string): Case => ({
        name: label,
        source: new MemorySource(Buffer.from(base64, 'base64')),
      });
      yield [corpus, caseOf(name, model)];
      if (typeof result === 'string') yield [corpus, caseOf(`${name} (result)`, result)];
    }
  }
  for (const { name, bytes } of nodeCaseModels(data)) yield ['node cases', { name, source: new MemorySource(bytes) }];
  const shared = join(data, '..');
  const named = (process.env['ONNX_PREFLIGHT_MODELS'] ?? '').split(delimiter).filter((folder) => folder !== '');
  for (const folder of [join(shared, 'corpus'), join(shared, 'oracle'), 'samples', ...named]) yield* modelsIn(folder);
}

function* modelsIn(folder: string): IterableIterator<readonly [group: string, Case]> {
  if (!existsSync(folder)) return;
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    const path = join(folder, file);
    if (!file.endsWith('.onnx') || !statSync(path).isFile()) continue;
    const source = openFile(path);
    try {
      yield [folder, { name: path, source }];
    } finally {
      source.close();
    }
  }
}

/** What is not as it was; otherwise whether the model is refused. Long payloads are left in the file in a second pass. */
async function isUnlikeItself(source: ByteSource): Promise<string | boolean> {
  for (const maximumResidentBytes of [undefined, 0]) {
    const tolerated = await loadModel(source, { maximumResidentBytes, tolerant: true });
    const unlike = await copyDifference(tolerated, source);
    if (unlike !== undefined) return unlike;
    if (tolerated.reading.problems.some(refuses)) {
      const strict = await loadModel(source).catch((error: unknown) => error);
      if (!(strict instanceof InvalidModelError)) return 'it has refusing problems, and is not refused';
      return true;
    }
    if (source.byteLength > LARGEST_ENCODED) continue;
    const model = await loadModel(source, { maximumResidentBytes });
    const before = await payloadsOf(model);
    forgetOrigins(model);
    const anew = await modelToBytes(model);
    const bytes = await source.read(0, source.byteLength);
    if (!isDeepStrictEqual(plainModel(bytes), plainModel(anew))) return 'encoded anew it is another message';
    const after = await payloadsOf(await loadModel(new MemorySource(anew)));
    if (!isDeepStrictEqual(before, after)) return 'encoded anew its tensors have other elements';
  }
  return false;
}

/** Writes the model and compares what comes with the source, piece by piece. */
async function copyDifference(model: Model, source: ByteSource): Promise<string | undefined> {
  let at = 0;
  let difference: string | undefined;
  const sink: ByteSink = {
    async write(bytes) {
      const expected = at + bytes.byteLength <= source.byteLength ? await source.read(at, bytes.byteLength) : undefined;
      if (expected === undefined || Buffer.compare(expected, bytes) !== 0)
        difference ??= `the unchanged model has other bytes near ${at}`;
      at += bytes.byteLength;
    },
  };
  await saveModel(model, sink);
  if (at !== source.byteLength) difference ??= `the unchanged model has ${at} bytes, not ${source.byteLength}`;
  return difference;
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
