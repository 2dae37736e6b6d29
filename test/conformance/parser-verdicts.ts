/**
 * Our parse-stage verdicts against those of NVIDIA's own parser, case by case: `oracle/models`, `corpus/hand` and the
 * standard's node cases, on four releases of TensorRT-RTX. The judge's verdicts lie beside the repository, never in it.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { tensorrtRules } from '../../rules/index.ts';
import { ModelError } from '../../src/base/errors.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Finding } from '../../src/lint/finding.ts';
import { lintModel } from '../../src/lint/run-lint.ts';
import { parseTargets, type Target } from '../../src/lint/target.ts';
import { readModelFile } from '../../src/platform/node.ts';
import { reasonForDifference, rulesForCause } from './parser-causes.ts';

interface JudgeRow {
  readonly model: string;
  readonly rtx: string;
  readonly parse: boolean | null;
  /** Whether the builder took what the parser accepts; absent where it was not asked. */
  readonly build?: boolean | null;
  readonly build_error?: string;
  /** Verdicts that come from what TensorRT-RTX leaves out, or from the judge's own profile. */
  readonly rtx_only?: readonly string[];
  readonly judge_fault?: string;
  readonly errors: readonly {
    readonly code: string;
    readonly op: string;
    readonly node: number;
    readonly func: string;
    readonly cause?: string;
  }[];
}

export interface Miss {
  readonly model: string;
  readonly target: string;
  readonly judge: 'accepted' | 'rejected';
  readonly ours: 'accepted' | 'rejected' | 'unreadable';
  /** The judge's first error, or our findings. */
  readonly because: string;
}

/** Rejected by both, but no finding of ours at the place of the parser's first error is of its kind. */
export interface CauseDifference {
  readonly model: string;
  readonly target: string;
  readonly theirs: string;
  /** Our rules at that place. */
  readonly ours: string;
  readonly reason: string | undefined;
}

export interface Tally {
  readonly target: string;
  readonly group: string;
  readonly cases: number;
  readonly agree: number;
  /** Rejected by both, and among our findings one is at the node of the judge's first error. */
  readonly located: number;
  /** Of those, one is of the same kind: a rule that `parserCauses` names for the error. */
  readonly sameCause: number;
  readonly rejectedByBoth: number;
}

/** What we say of models that parse, against the builder: by target. */
export interface BuildTally {
  readonly target: string;
  /** Models that it does not build, and how many of them have a finding of severity error. */
  readonly failing: number;
  readonly foretold: number;
  /** Models that it builds, and those of them that have one nevertheless. */
  readonly building: number;
  readonly falseAlarms: readonly string[];
  readonly missed: readonly string[];
}

export interface VerdictComparison {
  readonly builds: readonly BuildTally[];
  readonly tallies: readonly Tally[];
  readonly misses: readonly Miss[];
  readonly causeDifferences: readonly CauseDifference[];
}

const GROUPS = ['oracle/models', 'corpus/hand', 'node'];

/** Compares every judged case; `shared` is the folder of `data`, `oracle` and `corpus`. */
export async function compareVerdicts(shared: string): Promise<VerdictComparison> {
  const rows = readJudge(join(shared, 'data/tensorrt-rtx-verdicts.jsonl.gz'));
  const targets = parseTargets(['tensorrt-rtx@1.4..1.7']);
  const byModel = new Map<string, JudgeRow[]>();
  for (const row of rows) byModel.set(row.model, [...(byModel.get(row.model) ?? []), row]);
  const cases = mkdtempSync(join(tmpdir(), 'onnx-node-cases-'));
  try {
    const unpacked = spawnSync('tar', ['xJf', join(shared, 'data/onnx-1.23.1-node-cases.tar.xz'), '-C', cases]);
    if (unpacked.status !== 0) throw new Error(`tar: ${unpacked.stderr.toString()}`);
    const tallies = new Map<string, { -readonly [Key in keyof Tally]: Tally[Key] }>();
    const misses: Miss[] = [];
    const causeDifferences: CauseDifference[] = [];
    const builds = new Map<string, { -readonly [Key in keyof BuildTally]: BuildTally[Key] }>();
    for (const [name, judged] of byModel) {
      const verdicts = await verdictsOf(pathOf(name, shared, cases), targets);
      for (const row of judged) {
        const target = targets.find((candidate) => row.rtx.startsWith(candidate.name.slice('tensorrt-rtx@'.length)));
        const group = GROUPS.find((prefix) => name.startsWith(prefix));
        if (target === undefined || group === undefined || row.parse === null) continue;
        countBuild(builds, target.name, row, verdicts.get(target.name));
        const key = `${target.name} ${group}`;
        const tally = tallies.get(key) ?? {
          target: target.name,
          group,
          cases: 0,
          agree: 0,
          located: 0,
          sameCause: 0,
          rejectedByBoth: 0,
        };
        tallies.set(key, tally);
        tally.cases++;
        const judge = row.parse ? 'accepted' : 'rejected';
        const verdict = verdicts.get(target.name);
        if (verdict?.kind === judge) {
          tally.agree++;
          if (judge === 'rejected') {
            tally.rejectedByBoth++;
            const ours = verdict.rulesAt.get(row.errors[0]?.node ?? -1);
            if (ours !== undefined) tally.located++;
            const difference = causeDifference(row, target.name, ours ?? new Set());
            if (difference === undefined) tally.sameCause++;
            else causeDifferences.push(difference);
          }
        } else {
          const [first] = row.errors;
          const theirs = first === undefined ? '' : `${first.op} ${first.func}: ${(first.cause ?? '').slice(0, 140)}`;
          misses.push({
            model: name,
            target: target.name,
            judge,
            ours: verdict?.kind ?? 'unreadable',
            because: judge === 'rejected' ? theirs : (verdict?.because ?? ''),
          });
        }
      }
    }
    return { tallies: [...tallies.values()], misses, causeDifferences, builds: [...builds.values()] };
  } finally {
    rmSync(cases, { recursive: true, force: true });
  }
}

function causeDifference(
  { model, errors: [first] }: JudgeRow,
  target: string,
  ours: ReadonlySet<string>,
): CauseDifference | undefined {
  const { code = '', func = '', op = '', cause = '' } = first ?? {};
  if (rulesForCause(code, func, cause).some((rule) => ours.has(rule))) return undefined;
  return {
    model,
    target,
    theirs: `${code} ${func}${op === '' ? '' : ` at ${op}`}: ${cause.slice(0, 140)}`,
    ours: [...ours].join(', '),
    reason: reasonForDifference(func, model),
  };
}

function countBuild(
  builds: Map<string, { -readonly [Key in keyof BuildTally]: BuildTally[Key] }>,
  target: string,
  row: JudgeRow,
  ours: OurVerdict | undefined,
): void {
  const { parse, build, rtx_only: ofRtx = [], judge_fault: fault, build_error: error = '' } = row;
  if (parse !== true || typeof build !== 'boolean' || ofRtx.length > 0 || fault !== undefined || ours === undefined)
    return;
  const known = builds.get(target) ?? { target, failing: 0, foretold: 0, building: 0, falseAlarms: [], missed: [] };
  builds.set(target, known);
  if (build) {
    known.building++;
    if (ours.hasError) known.falseAlarms = [...known.falseAlarms, `${row.model}: ${ours.because}`];
    return;
  }
  known.failing++;
  if (ours.hasError) known.foretold++;
  else known.missed = [...known.missed, `${row.model}: ${error.slice(0, 160)}`];
}

interface OurVerdict {
  /** True when a finding of severity error says that the model does not get through, at whatever stage. */
  readonly hasError: boolean;
  readonly kind: 'accepted' | 'rejected' | 'unreadable';
  readonly because: string;
  /** The rules of the parse errors by position of the node; -1 for errors of inputs and initializers. */
  readonly rulesAt: ReadonlyMap<number, ReadonlySet<string>>;
}

async function verdictsOf(path: string, targets: readonly Target[]): Promise<ReadonlyMap<string, OurVerdict>> {
  try {
    const model = await readModelFile(path);
    const { findings } = lintModel(model, inferModel(model), { targets, rules: tensorrtRules });
    return new Map(
      targets.map(({ name }) => {
        const all = findings.filter(({ severity, targets: named }) => severity === 'error' && named.includes(name));
        const errors = all.filter(({ stage }) => stage === 'parse');
        return [
          name,
          {
            kind: errors.length > 0 ? 'rejected' : 'accepted',
            hasError: all.length > 0,
            because: (errors[0] ?? all[0])?.message ?? '',
            rulesAt: rulesByNode(errors),
          },
        ];
      }),
    );
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return new Map(
      targets.map(({ name }) => [
        name,
        { kind: 'unreadable', hasError: true, because: error.message, rulesAt: new Map() },
      ]),
    );
  }
}

function rulesByNode(findings: readonly Finding[]): Map<number, Set<string>> {
  const rules = new Map<number, Set<string>>();
  for (const { rule, nodeIndex = -1 } of findings) {
    const known = rules.get(nodeIndex);
    if (known === undefined) rules.set(nodeIndex, new Set([rule]));
    else known.add(rule);
  }
  return rules;
}

function readJudge(path: string): JudgeRow[] {
  return gunzipSync(readFileSync(path))
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JudgeRow);
}

function pathOf(name: string, shared: string, cases: string): string {
  return name.startsWith('node/')
    ? join(cases, 'nodecases', name.slice('node/'.length), 'model.onnx')
    : join(shared, name);
}

/** Prints the figures and every miss of the newest release; true when the agreement that is asked for is reached. */
export async function run(shared = resolve('../shared')): Promise<boolean> {
  if (!existsSync(join(shared, 'data/tensorrt-rtx-verdicts.jsonl.gz'))) {
    console.log(`parser verdicts: skipped, ${shared} is not there`);
    return true;
  }
  const { tallies, misses } = await compareVerdicts(shared);
  console.log('target            cases           agree   of rejected: at the same node');
  for (const { target, group, cases, agree, located, rejectedByBoth } of tallies.toSorted((a, b) =>
    a.target.localeCompare(b.target),
  ))
    console.log(
      `${target.padEnd(17)} ${group.padEnd(13)} ${`${agree}/${cases}`.padStart(10)} ${((100 * agree) / cases).toFixed(2).padStart(6)} %  ${located}/${rejectedByBoth}`,
    );
  for (const { model, target, judge, ours, because } of misses.filter((miss) => miss.target === 'tensorrt-rtx@1.7'))
    console.log(`miss ${model} on ${target}: the parser ${judge}, we ${ours}: ${because}`);
  return tallies.every(({ group, agree, cases }) => agree / cases >= (group === 'node' ? 0.97 : 0.95));
}
