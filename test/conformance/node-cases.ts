/**
 * The standard's backend node cases (onnx 1.23.1, Apache-2.0), each evaluated with our kernels and compared with its
 * expected outputs. What cannot be judged is listed, each case with its reason.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadModel } from '../../src/api/load.ts';
import { ModelError } from '../../src/base/errors.ts';
import { arrayOf, isStringData, type NDArray } from '../../src/fold/array.ts';
import { evaluateValues } from '../../src/fold/evaluate-model.ts';
import { isArray, isMap, type RuntimeValue } from '../../src/fold/runtime-value.ts';
import { textOf } from '../../src/ir/attribute.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import type { CaseNote, SuiteReport } from './suite.ts';

export interface CaseRecord {
  readonly name: string;
  readonly qualifies: boolean;
  readonly reason: string;
  readonly distinct_ops: readonly string[];
  readonly rtol: number;
  readonly atol: number;
  readonly inputs: readonly { readonly name: string; readonly kind: string }[];
  readonly outputs: readonly { readonly name: string; readonly kind: string }[];
}

/** Why a case has no result that could be compared, or undefined when it is judged. */
export function listedOut({ distinct_ops: operators, qualifies, reason }: CaseRecord): string | undefined {
  if (operators.includes('ImageDecoder')) return 'ImageDecoder: decoding of image files';
  return !qualifies && /random op|Dropout training|training domain/.test(reason) ? reason : undefined;
}

/** The unpacked cases; `close` takes them away again. */
export interface NodeCases {
  readonly cases: readonly CaseRecord[];
  folderOf(record: CaseRecord): string;
  close(): void;
}

export function openNodeCases(data: string): NodeCases {
  const archive = join(data, 'onnx-1.23.1-node-cases.tar.xz');
  if (!existsSync(archive))
    throw new Error(`${archive} is missing: set ONNX_PREFLIGHT_DATA to the folder of the test data`);
  const { cases } = JSON.parse(readFileSync(join(data, 'backend-node-cases.json'), 'utf8')) as { cases: CaseRecord[] };
  const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-'));
  execFileSync('tar', ['-xJf', archive, '-C', folder]);
  const root = existsSync(join(folder, 'nodecases')) ? join(folder, 'nodecases') : folder;
  return {
    cases,
    folderOf: ({ name }) => join(root, name),
    close: () => {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Fields of a protobuf message that are length-delimited or varints: enough to open SequenceProto and OptionalProto. */
function fieldsOf(
  bytes: Uint8Array,
): { readonly number: number; readonly value: number; readonly bytes: Uint8Array }[] {
  const fields: { number: number; value: number; bytes: Uint8Array }[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = bytes[at++] ?? 0;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    if (key % 8 === 0) fields.push({ number, value: varint(), bytes: new Uint8Array(0) });
    else if (key % 8 === 2) {
      const length = varint();
      fields.push({ number, value: length, bytes: bytes.subarray(at, at + length) });
      at += length;
    } else throw new Error(`wire type ${key % 8} in a test input`);
  }
  return fields;
}

function lengthDelimited(number: number, bytes: Uint8Array): Uint8Array {
  const head = [number * 8 + 2];
  let length = bytes.length;
  for (; length >= 0x80; length = Math.floor(length / 128)) head.push((length % 128) | 0x80);
  head.push(length);
  const result = new Uint8Array(head.length + bytes.length);
  result.set(head);
  result.set(bytes, head.length);
  return result;
}

/** A TensorProto, read as the only initializer of a model: the loader is tested on the way. */
async function readTensor(bytes: Uint8Array): Promise<NDArray> {
  // An initializer needs a name (field 8); the last of two counts.
  const named = new Uint8Array(bytes.length + 3);
  named.set(bytes);
  named.set([8 * 8 + 2, 1, 0x74], bytes.length);
  const graph = lengthDelimited(7, lengthDelimited(5, named));
  const file = new Uint8Array(graph.length + 2);
  file.set([0x08, 8]);
  file.set(graph, 2);
  const model = await loadModel(new MemorySource(file), { maximumResidentBytes: 1 << 30 });
  const [value] = model.graph.initializers;
  if (value?.initializer === undefined) throw new Error('a test tensor could not be read');
  return arrayOf(value.initializer);
}

/** An input or output of a case: a TensorProto, SequenceProto or OptionalProto. */
export async function readValue(bytes: Uint8Array, kind: string): Promise<RuntimeValue> {
  if (kind === 'tensor') return readTensor(bytes);
  const fields = fieldsOf(bytes);
  if (kind === 'sequence') {
    const items = fields.filter(({ number }) => number === 3 || number === 5);
    return Promise.all(items.map((item) => readValue(item.bytes, item.number === 3 ? 'tensor' : 'sequence')));
  }
  const tensor = fields.find(({ number }) => number === 3);
  const sequence = fields.find(({ number }) => number === 5);
  if (tensor !== undefined) return readValue(tensor.bytes, 'tensor');
  return sequence === undefined ? null : readValue(sequence.bytes, 'sequence');
}

/** How far bfloat16 may be off, whatever the case says: two units in the last place (onnx/backend/test/runner). */
const BFLOAT16_TOLERANCE = 2 ** -6;

/**
 * Inverse transforms whose expected zeros are the rounding noise of a transform in float (1.9e-7 where double gives 1e-16): it
 * exceeds the absolute tolerance of the standard. They are judged with one unit in the last place of the largest element.
 */
const noisy = new Set(['test_dft_inverse', 'test_dft_inverse_opset19']);

function difference(actual: RuntimeValue, expected: RuntimeValue, rtol: number, atol: number): string | undefined {
  if (expected === null || actual === null) return actual === expected ? undefined : 'one of the two is empty';
  if (isMap(expected) || isMap(actual)) {
    if (!isMap(expected) || !isMap(actual)) return 'one of the two is a map';
    return difference(actual.keys, expected.keys, rtol, atol) ?? difference(actual.values, expected.values, rtol, atol);
  }
  if (!isArray(expected) || !isArray(actual)) {
    if (isArray(expected) || isArray(actual) || expected.length !== actual.length) return 'sequences differ in length';
    for (const [index, item] of expected.entries()) {
      const why = difference(actual[index] ?? null, item, rtol, atol);
      if (why !== undefined) return `item ${index}: ${why}`;
    }
    return undefined;
  }
  if (actual.dataType !== expected.dataType) return `type ${actual.dataType} instead of ${expected.dataType}`;
  if (actual.dims.join() !== expected.dims.join())
    return `dims [${actual.dims.join()}] instead of [${expected.dims.join()}]`;
  if (actual.data.length !== expected.data.length) return `${actual.data.length} elements`;
  const relative = expected.dataType === 'bfloat16' ? Math.max(rtol, BFLOAT16_TOLERANCE) : rtol;
  for (let i = 0; i < expected.data.length; i++) {
    const [a, b] = [actual.data[i], expected.data[i]];
    if (isStringData(expected.data)) {
      if (textOf(a as unknown as Uint8Array) !== textOf(b as unknown as Uint8Array))
        return `element ${i} is '${textOf(a as unknown as Uint8Array)}' instead of '${textOf(b as unknown as Uint8Array)}'`;
    } else if (
      typeof b === 'bigint' ||
      !(expected.data instanceof Float32Array || expected.data instanceof Float64Array)
    ) {
      if (a !== b) return `element ${i} is ${String(a)} instead of ${String(b)}`;
    } else {
      const [x, y] = [a as number, b as number];
      const same = x === y || (Number.isNaN(x) && Number.isNaN(y));
      if (!same && !(Math.abs(x - y) <= atol + relative * Math.abs(y))) return `element ${i} is ${x} instead of ${y}`;
    }
  }
  return undefined;
}

function largest(value: RuntimeValue): number {
  if (value === null || !isArray(value) || isStringData(value.data)) return 0;
  return Array.from(value.data as ArrayLike<number>).reduce((most, x) => Math.max(most, Math.abs(Number(x))), 0);
}

/** The inputs of a case, by name. */
export async function inputsOf(folder: string, record: CaseRecord): Promise<Map<string, RuntimeValue>> {
  const inputs = new Map<string, RuntimeValue>();
  for (const [index, { name, kind }] of record.inputs.entries())
    inputs.set(name, await readValue(fileOf(folder, `input_${index}`), kind));
  return inputs;
}

export function fileOf(folder: string, stem: string): Uint8Array {
  return new Uint8Array(readFileSync(join(folder, 'test_data_set_0', `${stem}.pb`)));
}

async function runCase(folder: string, record: CaseRecord): Promise<string | undefined> {
  const model = await loadModel(new MemorySource(new Uint8Array(readFileSync(join(folder, 'model.onnx')))), {
    maximumResidentBytes: 1 << 30,
  });
  const outputs = await evaluateValues(model, await inputsOf(folder, record));
  for (const [index, { name, kind }] of record.outputs.entries()) {
    const expected = await readValue(fileOf(folder, `output_${index}`), kind);
    const atol = noisy.has(record.name) ? 2 ** -23 * largest(expected) : record.atol;
    const why = difference(outputs.get(name) ?? null, expected, record.rtol, atol);
    if (why !== undefined) return `output ${name}: ${why}`;
  }
  return undefined;
}

/** Of how many cases of each kind the report speaks. */
export function kindsOf(cases: readonly CaseRecord[]): string[] {
  const judged = cases.filter((record) => listedOut(record) === undefined);
  const isTensor = ({ kind }: { readonly kind: string }): boolean => kind === 'tensor';
  const plain = judged.filter(({ inputs, outputs }) => [...inputs, ...outputs].every(isTensor));
  const reasons = new Map<string, number>();
  for (const record of cases) {
    const why = listedOut(record);
    if (why !== undefined) reasons.set(why, (reasons.get(why) ?? 0) + 1);
  }
  return [
    `judged: ${plain.length} with tensors only, ${judged.length - plain.length} with sequences or optionals`,
    `listed out: ${[...reasons].map(([why, count]) => `${count} ${why}`).join(', ')}`,
  ];
}

/** Every case with a defined result, computed by our evaluator and compared with what the standard expects. */
export async function runNodeCases(data: string): Promise<SuiteReport> {
  const opened = openNodeCases(data);
  const failed: CaseNote[] = [];
  const known: CaseNote[] = [];
  let passed = 0;
  try {
    for (const record of opened.cases) {
      const { name } = record;
      const reason = listedOut(record);
      if (reason !== undefined) {
        known.push({ name, why: reason });
        continue;
      }
      let why: string | undefined;
      try {
        why = await runCase(opened.folderOf(record), record);
      } catch (error) {
        why = error instanceof ModelError ? error.message : String((error as Error).stack);
      }
      if (why === undefined) passed++;
      else failed.push({ name, why });
    }
  } finally {
    opened.close();
  }
  return { passed, failed, known, unsupported: [], details: kindsOf(opened.cases) };
}
