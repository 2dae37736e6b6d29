/**
 * The conformance: `npm run conformance [SUITE...]`. Its data is no part of the repository: it lies in ../shared/data or in
 * the folder that ONNX_PREFLIGHT_DATA names. Where there is none, the standard's cases are made from the onnx package, and
 * the corpora that are left out are named. Without Python, too, it says what is missing and tests nothing.
 */
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { table } from '../../src/report/table.ts';
import { runFolding } from './folding.ts';
import { madeFiles, makeData } from './made-data.ts';
import { runOpsetConversion } from './opset-conversion.ts';
import { runNodeCases } from './node-cases.ts';
import { compareVerdicts } from './parser-verdicts.ts';
import { runRoundTrip } from './round-trip.ts';
import { runShapeCorpus } from './shape-corpus.ts';
import { runSoundness } from './soundness.ts';
import { runStoredVerdicts } from './stored-verdicts.ts';
import type { CaseNote, SuiteReport } from './suite.ts';
import { runValidity } from './validity.ts';
import { runVersionConverter } from './version-converter.ts';

interface Suite {
  readonly name: string;
  /** Share of the cases that must pass, known faults aside. It is what was reached: it rises, and never falls. */
  readonly floor: number;
  /** How many cases must pass, and how many are listed with a reason: both exactly, where the data has a fixed number of cases. */
  readonly counts?: { readonly passed: number; readonly known: number };
  /** Files of the data without which there is nothing to judge. */
  readonly needs?: readonly string[];
  readonly run: (data: string) => Promise<SuiteReport>;
}

const SHAPES = 'shape-inference-corpus.jsonl.gz';
const VERSIONS = 'version-converter-corpus.jsonl.gz';
const VERDICTS = 'tensorrt-rtx-verdicts.jsonl.gz';
/** Models that several suites take in where they are there. */
const CORPORA = [SHAPES, VERSIONS, 'checker-corpus.jsonl.gz', 'optimizer-inputs.jsonl.gz', VERDICTS];

const suites: readonly Suite[] = [
  { name: 'round-trip', floor: 1, run: runRoundTrip },
  { name: 'validity', floor: 1, run: runValidity },
  { name: 'shape-corpus', floor: 1, counts: { passed: 1612, known: 34 }, needs: [SHAPES], run: runShapeCorpus },
  {
    name: 'version-converter',
    floor: 1,
    counts: { passed: 795, known: 12 },
    needs: [VERSIONS],
    run: runVersionConverter,
  },
  { name: 'node-cases', floor: 1, counts: { passed: 1856, known: 28 }, needs: madeFiles, run: runNodeCases },
  { name: 'folding', floor: 1, counts: { passed: 1856, known: 28 }, needs: madeFiles, run: runFolding },
  { name: 'soundness', floor: 0.97, counts: { passed: 5583, known: 16 }, needs: madeFiles, run: runSoundness },
  { name: 'opset-conversion', floor: 1, needs: madeFiles, run: runOpsetConversion },
  { name: 'tensorrt', floor: 1, needs: [VERDICTS], run: runTensorrt },
  { name: 'verdicts-models', floor: 1, needs: [VERDICTS], run: verdictsOf('oracle/models') },
  { name: 'verdicts-exports', floor: 1, needs: [VERDICTS], run: verdictsOf('corpus/hand') },
  { name: 'verdicts-node-cases', floor: 1, needs: [VERDICTS], run: verdictsOf('node') },
  { name: 'verdicts-stored', floor: 1, needs: madeFiles, run: runStoredVerdicts },
];

const LEAST_LOCATED = 0.97;
const LEAST_SAME_CAUSE = 0.97;
const LEAST_FORETOLD = 0.8;
/** The releases whose builder was asked of every case. */
const fullyBuilt: readonly string[] = ['tensorrt-rtx@1.5', 'tensorrt-rtx@1.7'];

/** All groups together: the confusion table of each release, where the first error lies, and what the builder says after the parser. */
async function runTensorrt(data: string): Promise<SuiteReport> {
  comparison ??= compareVerdicts(dirname(data));
  const { tallies, misses, causeDifferences, builds } = await comparison;
  const details: string[] = [];
  const failed = misses.map(({ model, target, judge, ours, because }) => ({
    name: `${model} on ${target}`,
    why: `the parser ${judge} it, we ${ours} it: ${because}`,
  }));
  for (const target of new Set(tallies.map((tally) => tally.target))) {
    const mine = tallies.filter((tally) => tally.target === target);
    const sum = (pick: (tally: (typeof mine)[number]) => number): number =>
      mine.reduce((total, tally) => total + pick(tally), 0);
    const wrong = misses.filter((miss) => miss.target === target);
    const falseRejections = wrong.filter(({ judge }) => judge === 'accepted').length;
    const rejected = sum((tally) => tally.rejectedByBoth);
    const accepted = sum((tally) => tally.agree) - rejected;
    const located = sum((tally) => tally.located);
    const sameCause = sum((tally) => tally.sameCause);
    details.push(
      `${target}: accepted by both ${accepted}, rejected by both ${rejected}, by us alone ${falseRejections}, by the parser alone ${wrong.length - falseRejections}; ` +
        `first error at one of our places in ${located} of ${rejected}, of the same kind of cause in ${sameCause}`,
    );
    for (const { model, theirs, ours, reason = 'not known yet' } of causeDifferences.filter(
      (difference) => difference.target === target,
    ))
      details.push(`  other cause: ${model}: the parser ${theirs}; we ${ours || 'nothing there'}; why: ${reason}`);
    if (sameCause / Math.max(rejected, 1) < LEAST_SAME_CAUSE)
      failed.push({ name: target, why: 'too few causes agree' });
    if (located / Math.max(rejected, 1) < LEAST_LOCATED)
      failed.push({ name: target, why: 'too few errors are located' });
  }
  for (const { target, failing, foretold, building, falseAlarms, missed } of builds) {
    details.push(
      `${target}: foretold ${foretold} of ${failing} failing builds, and ${falseAlarms.length} of ${building} that build`,
    );
    for (const line of missed) details.push(`  not foretold: ${line}`);
    for (const line of falseAlarms) failed.push({ name: `${target} builds it`, why: line });
    // On the other two releases a few models were built only.
    if (fullyBuilt.includes(target) && foretold / failing < LEAST_FORETOLD)
      failed.push({ name: target, why: 'too few failing builds are foretold' });
  }
  return { passed: tallies.reduce((sum, { agree }) => sum + agree, 0), failed, known: [], unsupported: [], details };
}

/** Our parse-stage verdicts on one group of models against those of NVIDIA's parser, on four releases. */
function verdictsOf(group: string): Suite['run'] {
  return async (data) => {
    comparison ??= compareVerdicts(dirname(data));
    const { tallies, misses } = await comparison;
    return {
      passed: tallies.filter((tally) => tally.group === group).reduce((sum, { agree }) => sum + agree, 0),
      failed: misses
        .filter(({ model }) => model.startsWith(group))
        .map(({ model, target, judge, ours, because }) => ({
          name: `${model} on ${target}`,
          why: `the parser ${judge} it, we ${ours} it: ${because}`,
        })),
      known: [],
      unsupported: [],
    };
  };
}

/** Read and judged once for the three groups. */
let comparison: ReturnType<typeof compareVerdicts> | undefined;

function notesText(kind: string, notes: readonly CaseNote[]): string {
  return notes.map(({ name, why }) => `  ${kind} ${name}: ${why}\n`).join('');
}

/** The folder of the data; undefined when there is none, and none can be made. Says what is left out. */
function findData(): string | undefined {
  const named = resolve(process.env['ONNX_PREFLIGHT_DATA'] ?? '../shared/data');
  let data = named;
  if (!madeFiles.every((file) => existsSync(join(named, file)))) {
    console.log(`conformance: there is no data in ${named}; ONNX_PREFLIGHT_DATA names another folder`);
    const made = makeData();
    if ('missing' in made) {
      console.log(`conformance: NOTHING WAS TESTED: missing is ${made.missing}`);
      return undefined;
    }
    data = made.folder;
  }
  for (const file of CORPORA.filter((corpus) => !existsSync(join(data, corpus))))
    console.log(`conformance: LEFT OUT: ${file}, which is not in ${data}`);
  return data;
}

async function main(wanted: readonly string[]): Promise<number> {
  const unknown = wanted.find((name) => suites.every((suite) => suite.name !== name));
  if (unknown !== undefined) {
    console.error(`conformance: there is no suite '${unknown}', only ${suites.map(({ name }) => name).join(', ')}`);
    return 2;
  }
  const data = findData();
  if (data === undefined) return process.env['ONNX_PREFLIGHT_DATA'] === undefined ? 0 : 1;
  const rows: string[][] = [
    ['suite', 'cases', 'passed', 'failed', 'known faults', 'unsupported', 'rate', 'floor', 'seconds'],
  ];
  let failures = 0;
  let leftOut = 0;
  for (const { name, floor, counts, needs = [], run } of suites) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const missing = needs.filter((file) => !existsSync(join(data, file)));
    if (missing.length > 0) {
      leftOut++;
      rows.push([name, '', '', '', '', '', '', 'LEFT OUT', '']);
      continue;
    }
    const started = performance.now();
    const { passed, failed, known, unsupported, details = [] } = await run(data);
    const judged = passed + failed.length + unsupported.length;
    const rate = judged === 0 ? 0 : passed / judged;
    const isReached =
      rate >= floor && (counts === undefined || (passed === counts.passed && known.length === counts.known));
    if (!isReached) failures++;
    console.log(`${name}:`);
    for (const line of details) console.log(`  ${line}`);
    process.stdout.write(
      notesText('failed', failed) + notesText('unsupported', unsupported) + notesText('known fault', known),
    );
    rows.push([
      name,
      `${judged + known.length}`,
      `${passed}`,
      `${failed.length}`,
      `${known.length}`,
      `${unsupported.length}`,
      `${(100 * rate).toFixed(2)} %`,
      `${counts === undefined ? `${(100 * floor).toFixed(2)} %` : `${counts.passed} + ${counts.known}`}${isReached ? '' : ' NOT REACHED'}`,
      ((performance.now() - started) / 1000).toFixed(1),
    ]);
  }
  const right = 'right' as const;
  console.log(`\n${table(rows, ['left', right, right, right, right, right, right, right, right]).join('\n')}`);
  const verdict = failures === 0 ? 'every floor is reached' : `${failures} suites are below their floor`;
  console.log(`conformance: ${verdict}${leftOut === 0 ? '' : `; ${leftOut} suites were LEFT OUT for want of data`}`);
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
