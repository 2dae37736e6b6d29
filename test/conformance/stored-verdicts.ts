/**
 * Our parse-stage verdicts on the standard's node cases with stored and computed inputs (stored-variants.ts) against those of
 * NVIDIA's own parser, which are recorded beside this file: a line a case, a verdict a variant. `record-stored-verdicts.ts` asks anew.
 */
import { readFileSync } from 'node:fs';
import { tensorrtRules } from '../../rules/index.ts';
import { loadModel } from '../../src/api/load.ts';
import { ModelError } from '../../src/base/errors.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { lintModel } from '../../src/lint/run-lint.ts';
import { parseTargets } from '../../src/lint/target.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { openNodeCases } from './node-cases.ts';
import { differenceReason } from './stored-differences.ts';
import { variantsOf } from './stored-variants.ts';
import type { CaseNote, SuiteReport } from './suite.ts';

export const RECORD = 'test/conformance/stored-verdicts.txt';

/** `A` accepted; `R` and the node of the first error, -1 for an input or initializer; `X` the parser crashed. */
export type StoredVerdict = string;

export interface StoredRecord {
  readonly targets: readonly string[];
  /** By case, for each variant in order: the verdict of each target. */
  readonly verdicts: ReadonlyMap<string, readonly (readonly StoredVerdict[])[]>;
}

/** A verdict that both targets share is written once, and one that follows itself with its count. */
export function writeRecord({ targets, verdicts }: StoredRecord): string {
  const lines = [targets.join(' ')];
  for (const [name, variants] of verdicts) {
    const runs: [text: string, count: number][] = [];
    for (const variant of variants) {
      const text = new Set(variant).size === 1 ? (variant[0] ?? '') : variant.join('|');
      const last = runs.at(-1);
      if (last?.[0] === text) last[1]++;
      else runs.push([text, 1]);
    }
    lines.push([name, ...runs.map(([text, count]) => (count === 1 ? text : `${text}*${count}`))].join(' '));
  }
  return `${lines.join('\n')}\n`;
}

export function readRecord(text: string): StoredRecord {
  const [head = '', ...lines] = text.trimEnd().split('\n');
  const targets = head.split(' ');
  const verdicts = new Map<string, StoredVerdict[][]>();
  for (const line of lines) {
    const [name = '', ...runs] = line.split(' ');
    const variants = runs.flatMap((run) => {
      const [written = '', count = '1'] = run.split('*');
      const parts = written.split('|');
      const each = targets.map((_, index) => parts[index] ?? parts[0] ?? '');
      return Array.from({ length: Number(count) }, () => each);
    });
    verdicts.set(name, variants);
  }
  return { targets, verdicts };
}

export async function runStoredVerdicts(data: string): Promise<SuiteReport> {
  const record = readRecord(readFileSync(RECORD, 'utf8'));
  const targets = parseTargets(record.targets);
  const failed: CaseNote[] = [];
  const known: CaseNote[] = [];
  const tallies = new Map(record.targets.map((target) => [target, { agree: 0, rejected: 0, located: 0, cases: 0 }]));
  const opened = openNodeCases(data);
  try {
    for (const recordedCase of opened.cases) {
      const verdicts = record.verdicts.get(recordedCase.name) ?? [];
      let index = 0;
      for (const { name, bytes } of variantsOf(opened, recordedCase)) {
        const place = `${recordedCase.name} ${name}`;
        const theirs = verdicts[index++];
        if (theirs === undefined) {
          failed.push({ name: place, why: 'no verdict is recorded: run record-stored-verdicts.ts' });
          continue;
        }
        const findings = await errorsOf(bytes);
        for (const [at, target] of record.targets.entries()) {
          const tally = tallies.get(target);
          if (tally === undefined) continue;
          const verdict = theirs[at] ?? '';
          const mine = findings?.filter((finding) => finding.targets.includes(target)) ?? [];
          const isRejected = findings === undefined || mine.length > 0;
          tally.cases++;
          if (isRejected === (verdict !== 'A')) {
            tally.agree++;
            if (!verdict.startsWith('R')) continue;
            tally.rejected++;
            if (mine.some(({ nodeIndex = -1 }) => `R${nodeIndex}` === verdict)) tally.located++;
            continue;
          }
          const why = isRejected
            ? `the parser accepts it, we say: ${mine[0]?.message ?? 'unreadable'}`
            : `the parser says ${verdict}, we accept it`;
          const reason = differenceReason(recordedCase.name, name, target);
          if (reason === undefined) failed.push({ name: `${place} on ${target}`, why });
          else known.push({ name: `${place} on ${target}`, why: `${why}; ${reason}` });
        }
      }
      if (index !== verdicts.length)
        failed.push({ name: recordedCase.name, why: `${verdicts.length} verdicts are recorded for ${index} variants` });
    }
  } finally {
    opened.close();
  }
  const details = [...tallies].map(
    ([target, { agree, cases, located, rejected }]) =>
      `${target}: ${agree} of ${cases} verdicts agree (${((100 * agree) / cases).toFixed(2)} %); first error at one of our places in ${located} of ${rejected}`,
  );
  const passed = [...tallies.values()].reduce((sum, { agree }) => sum + agree, 0);
  return { passed, failed, known, unsupported: [], details };

  /** Errors of the parse stage; undefined when the model cannot be read. */
  async function errorsOf(bytes: Uint8Array): Promise<readonly Finding[] | undefined> {
    try {
      const model = await loadModel(new MemorySource(bytes), { maximumResidentBytes: 1 << 30 });
      const { findings } = lintModel(model, inferModel(model), { targets, rules: tensorrtRules });
      return findings.filter(({ severity, stage }) => severity === 'error' && stage === 'parse');
    } catch (error) {
      if (error instanceof ModelError) return undefined;
      throw error;
    }
  }
}
