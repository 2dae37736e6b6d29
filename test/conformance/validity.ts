/**
 * What is valid and what is not. Invalid models: the rows that ONNX's own tests expect to be refused, and those of the version
 * converter's corpus that onnx.checker refuses; each must get an error, and the output shows which. Valid models: all that
 * onnx.checker passes; none may get one.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { check } from '../../src/api/check.ts';
import { loadModel } from '../../src/api/load.ts';
import { ModelError } from '../../src/base/errors.ts';
import { type Problem, problemText } from '../../src/ir/problem.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { nodeCaseModels } from './node-case-models.ts';
import { seedsAsInputs } from './shape-corpus.ts';
import type { CaseNote, SuiteReport } from './suite.ts';
import { validityFaults } from './validity-faults.ts';
import { verdicts } from './validity-verdicts.ts';

interface Row {
  readonly test: string;
  /** Base64 of a ModelProto. */
  readonly model: string;
  readonly error?: string;
}

interface Case {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly isValid: boolean;
}

/** A model that is expected to be refused, or to pass; what onnx.checker and the corpus's test disagree on is left out. */
function* casesOf(data: string, skipped: string[]): IterableIterator<Case> {
  for (const [corpus, { plain, full }] of Object.entries(verdicts)) {
    const path = join(data, `${corpus}.jsonl.gz`);
    if (!existsSync(path)) continue;
    const rows = gunzipSync(readFileSync(path)).toString().trim().split('\n');
    for (const [index, text] of rows.entries()) {
      const { test, model, error } = JSON.parse(text) as Row;
      const number = index + 1;
      const name = `${corpus} ${number} ${test?.replace(/^.*::/, '') ?? ''}`;
      const isRefused = plain.has(number) || full.has(number);
      // The tests of the converter fail when a model cannot be converted, which says nothing about it.
      const isWanted = corpus === 'version-converter-corpus' ? isRefused : error !== undefined;
      if (!isWanted && isRefused) skipped.push(name);
      else yield { name, bytes: Buffer.from(model, 'base64'), isValid: !isWanted };
    }
  }
  for (const { name, bytes } of nodeCaseModels(data)) yield { name: `node ${name}`, bytes, isValid: true };
  for (const folder of [join(data, '../corpus/hand'), 'samples']) {
    if (!existsSync(folder)) continue;
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.onnx')))
      yield { name: `${folder} ${file}`, bytes: readFileSync(join(folder, file)), isValid: true };
  }
}

export async function runValidity(data: string): Promise<SuiteReport> {
  const failed: CaseNote[] = [];
  const known: CaseNote[] = [];
  const unsupported: CaseNote[] = [];
  const details: string[] = [];
  const skipped: string[] = [];
  const counts = { valid: 0, invalid: 0 };
  let passed = 0;
  for (const { name, bytes, isValid } of casesOf(data, skipped)) {
    counts[isValid ? 'valid' : 'invalid']++;
    const problems = await problemsOf(bytes, isValid);
    const first = problems.find(isError);
    const [lesser] = problems;
    const said =
      first !== undefined
        ? `${first.rule}: ${problemText(first)}`
        : lesser === undefined
          ? 'nothing'
          : `a ${lesser.severity}, ${lesser.rule}: ${problemText(lesser)}`;
    if (isValid === (first === undefined)) {
      passed++;
      if (!isValid) details.push(`refused ${name}: ${said}`);
      continue;
    }
    const fault = validityFaults.find(({ test }) => name.includes(test));
    if (fault === undefined) failed.push({ name, why: said });
    else (fault.kind === 'fault' ? known : unsupported).push({ name, why: `${fault.why} (we say: ${said})` });
  }
  details.push(
    `${counts.invalid} models must be refused, ${counts.valid} must pass`,
    `${skipped.length} rows are not judged: their tests take them, the strict check does not`,
  );
  return { passed, failed, known, unsupported, details };
}

/**
 * The problems of a model as it is; where there are no errors in one that must be refused, those of the same model with the
 * types that its test hides in value_info as contracts (see seedsAsInputs).
 */
async function problemsOf(bytes: Uint8Array, isValid: boolean): Promise<readonly Problem[]> {
  try {
    const model = await loadModel(new MemorySource(bytes), { tolerant: true });
    const problems = check(model);
    if (isValid || problems.some(isError)) return problems;
    seedsAsInputs(model);
    return check(model);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    const { name, message, place } = error;
    return [
      { rule: name, messageId: '', arguments: {}, message, advice: '', severity: 'error', effect: 'refuse', place },
    ];
  }
}

function isError({ severity }: Problem): boolean {
  return severity === 'error';
}
