/**
 * ONNX's version converter (harvested with onnx 1.23.1): models of old opsets, and what it made of them. Each model must be
 * inferred: every value has a known element type and rank, and nothing contradicts, the declared outputs included.
 * The models that the full check refuses, and those that it could not convert, are cases of validity: the first must lead to a
 * contradiction, or fail to be read, the others must not.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { loadModel } from '../../src/api/load.ts';
import { checkInferred, checkStructure } from '../../src/check/check-model.ts';
import { ModelError } from '../../src/base/errors.ts';
import type { ModelFacts } from '../../src/infer/facts.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { graphsOfModel, type Model } from '../../src/ir/model.ts';
import type { Value } from '../../src/ir/value.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { refusedVersions } from './refused-versions.ts';
import type { CaseNote, SuiteReport } from './suite.ts';

interface Row {
  readonly test: string;
  /** Base64 of a ModelProto, as is `result`. */
  readonly model: string;
  readonly result?: string;
  readonly error?: string;
}

const onesided = 'onnx takes 0 for the default of onesided, which is 1';
const scalarInput = 'the model declares its input as a scalar and centre-crops an axis of it';
const noFile = 'the corpus has no file of external data; a missing one is told when its tensor is read';
const customOperator = 'nothing is known of a custom operator';

/** Models whose declaration is wrong, or where nothing can be known, by row and part. */
const knownFaults: ReadonlyMap<string, string> = new Map([
  ['251 model', onesided],
  ['251 result', onesided],
  ['253 model', onesided],
  ['253 result', onesided],
  ['257 model', scalarInput],
  ['257 result', scalarInput],
  ['283 model', 'the output is declared as [5]; onnx has no inference for Add before opset 7'],
  ['296 model', 'the default axis 1 of Concat-1 is out of range; onnx has no inference for Concat before opset 4'],
  ['380 model', noFile],
  ['380 result', noFile],
  ['415 model', customOperator],
  ['415 result', customOperator],
]);

export async function runVersionConverter(data: string): Promise<SuiteReport> {
  const path = join(data, 'version-converter-corpus.jsonl.gz');
  if (!existsSync(path)) return { passed: 0, failed: [], known: [], unsupported: [] };
  const refused = new Map(refusedVersions.map((entry) => [`${entry.row} ${entry.part}`, entry]));
  const failed: CaseNote[] = [];
  const known: CaseNote[] = [];
  const unsupported: CaseNote[] = [];
  let passed = 0;
  const counts = { converted: 0, withError: 0 };
  const rows = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  for (const [index, text] of rows.entries()) {
    const row = JSON.parse(text) as Row;
    if (row.result === undefined) counts.withError++;
    else counts.converted++;
    for (const part of ['model', 'result'] as const) {
      const bytes = row[part];
      if (bytes === undefined) continue;
      const place = `${index + 1} ${part}`;
      const name = `${place} ${row.test.replace(/^.*::/, '')}`;
      const verdict = refused.get(place);
      const fault = knownFaults.get(place);
      if (verdict === undefined) {
        const why = await shortfall(bytes);
        if (why === undefined) passed++;
        else if (fault === undefined) failed.push({ name, why });
        else known.push({ name, why: `${fault} (${why})` });
      } else if (await isRefused(bytes)) passed++;
      else if (fault === undefined) failed.push({ name, why: `accepted; ONNX says ${verdict.why}` });
      else known.push({ name, why: `${fault} (accepted; ONNX says ${verdict.why})` });
    }
  }
  const details = [
    `${counts.converted} rows with a result, ${counts.withError} with an error; each model and each result is inferred`,
    `refused by onnx.checker with full_check: ${refusedParts('model')} of the models, ${refusedParts('result')} of the results`,
  ];
  return { passed, failed, known, unsupported, details };
}

function refusedParts(wanted: 'model' | 'result'): number {
  return refusedVersions.filter(({ part }) => part === wanted).length;
}

async function isRefused(bytes: string): Promise<boolean> {
  try {
    const model = await read(bytes);
    const facts = inferModel(model, { strict: true });
    const problems = [...checkStructure(model), ...checkInferred(model, facts)];
    return facts.contradictions.length > 0 || problems.some(({ severity }) => severity === 'error');
  } catch (error) {
    if (error instanceof ModelError) return true;
    throw error;
  }
}

function read(bytes: string): Promise<Model> {
  return loadModel(new MemorySource(Buffer.from(bytes, 'base64')));
}

/** What is wrong with our answer, or missing from it. */
async function shortfall(bytes: string): Promise<string | undefined> {
  let model: Model;
  try {
    model = await read(bytes);
  } catch (error) {
    return `throws ${String(error)}`;
  }
  const facts = inferModel(model);
  const [contradiction] = facts.contradictions;
  if (contradiction !== undefined) return `refused: ${contradiction.node ?? ''} ${contradiction.message}`;
  for (const graph of graphsOfModel(model))
    for (const node of graph.nodes)
      for (const value of node.outputs) {
        const why = value === undefined ? undefined : unknown(facts, value);
        if (why !== undefined) return `${node.opType} ${value?.name ?? ''}: ${why}`;
      }
  return undefined;
}

function unknown(facts: ModelFacts, value: Value): string | undefined {
  const { dataType, shape, otherType } = facts.get(value);
  if (otherType !== undefined) return undefined;
  if (dataType === undefined) return 'no element type';
  return shape === undefined ? 'no rank' : undefined;
}
