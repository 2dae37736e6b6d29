/**
 * `npm run bench -- simplify [OPTION...] [MODEL|FOLDER...]`: ourselves and the peers on the same models in one run. Every result is
 * compared with the original in ONNX Runtime; nodes, seconds and peak memory are of whole processes.
 *
 *   --only GLOB        models whose name fits; may be given several times
 *   --without NAME     leaves a participant out; may be given several times
 *   --preset NAME      ours with this preset; may be given several times [default: default]
 *   --timeout SECONDS  for each tool and model [default: 300]
 *   --rounds N         times of medians of N runs, or of as many as fit into ten seconds [default: 1]
 *   --oracle PYTHON    a Python that has tensorrt-rtx: layers of each result are counted too
 *   --work FOLDER      where results are kept [default: a folder that is removed]
 *   --reuse            takes what peers did to unchanged models from --work: only ours is run again
 *   --output FOLDER    where simplify.md, .json and .svg go [default: bench]
 *   --readme           writes what came out into the part of README.md that is kept for it, too
 *
 * Participants run one after the other. Layers of ours are those of preset tensorrt when it takes part.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { globMatcher } from '../../../src/api/config.ts';
import { installParticipants, type Participant, type Peers } from './participants.ts';
import { runProcess, runRounds } from './process.ts';
import { type Standing, standingText } from './report.ts';
import type { ModelRow, OperatorCounts, Result, Verdict } from './results.ts';
import { writeQuote, writeReports } from './write-reports.ts';

interface Settings {
  readonly peers: Peers;
  readonly participants: readonly Participant[];
  readonly timeout: number;
  readonly rounds: number;
  readonly oracle: string | undefined;
  readonly work: string;
}

/** The original's row, or that of a result, as judge.py writes it. */
interface Judged {
  readonly path: string;
  readonly nodes?: number;
  readonly operators?: OperatorCounts;
  readonly failure?: string;
  readonly verdict?: Verdict;
  readonly reason?: string;
  readonly worst?: number | null;
  readonly foreign?: readonly string[];
}

export async function benchSimplify(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: ['*'] },
      without: { type: 'string', multiple: true, default: [] },
      preset: { type: 'string', multiple: true, default: ['default'] },
      timeout: { type: 'string', default: '300' },
      rounds: { type: 'string', default: '1' },
      oracle: { type: 'string' },
      work: { type: 'string' },
      reuse: { type: 'boolean', default: false },
      output: { type: 'string', default: 'bench' },
      readme: { type: 'boolean', default: false },
    },
  });
  const models = findModels(positionals, values.only);
  if (models.length === 0) {
    console.error('bench: name models, or folders of models');
    return 2;
  }
  const peers = installParticipants(values.preset);
  const participants = peers.participants.filter(({ name }) => !values.without.includes(name));
  const ours = participants.filter(({ isOurs }) => isOurs).map(({ name }) => name);
  const standing: Standing = {
    ours: ours[0] ?? '',
    oursForLayers: ours.find((name) => name.endsWith(' tensorrt')) ?? ours[0] ?? '',
    peers: participants.filter(({ isOurs }) => !isOurs).map(({ name }) => name),
  };
  const work = values.work ?? mkdtempSync(join(tmpdir(), 'onnx-preflight-bench-'));
  mkdirSync(work, { recursive: true });
  const { oracle } = values;
  const settings = {
    peers,
    participants,
    timeout: Number(values.timeout),
    rounds: Number(values.rounds),
    oracle,
    work,
  };
  const rows: ModelRow[] = [];
  try {
    for (const model of models) {
      const row = await benchModel(model, settings, values.reuse);
      rows.push(row);
      console.error(progressText(row));
      // Each time anew, so that a run that is broken off leaves what it has measured.
      writeReports(rows, participants, standing, values.output);
    }
  } finally {
    if (values.work === undefined) rmSync(work, { recursive: true });
  }
  if (values.readme) writeQuote(rows, standing, 'README.md', values.output);
  console.log(standingText(rows, standing));
  const isWrong = rows.some(({ results }) =>
    ['wrong', 'failed', 'timeout'].includes(results[standing.ours]?.verdict ?? ''),
  );
  return isWrong ? 1 : 0;
}

/** Paths of models, sorted by name; folders are searched, but not those in them. */
function findModels(paths: readonly string[], only: readonly string[]): string[] {
  const matchers = only.map(globMatcher);
  return paths
    .flatMap((path) => (statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path]))
    .filter((path) => path.endsWith('.onnx') && matchers.some((matches) => matches(basename(path))))
    .sort();
}

async function benchModel(path: string, settings: Settings, reuse: boolean): Promise<ModelRow> {
  const { peers, participants, timeout, rounds, oracle, work } = settings;
  const model = basename(path, '.onnx');
  const folder = join(work, model);
  const { size, mtimeMs } = statSync(path);
  const record = join(folder, 'row.json');
  const stamp = `${size} ${mtimeMs} ${oracle ?? ''}`;
  const kept = reuse ? keptResults(record, stamp) : {};
  mkdirSync(folder, { recursive: true });

  const finished = new Map<string, Awaited<ReturnType<typeof runProcess>> & { readonly target: string }>();
  for (const participant of participants) {
    const { name, isOurs } = participant;
    if (!isOurs && kept[name] !== undefined) continue;
    const target = join(folder, `${name.replaceAll(' ', '-')}.onnx`);
    rmSync(target, { force: true });
    finished.set(name, { ...(await runRounds(participant.command(path, target), timeout, rounds)), target });
  }
  const targets = [...finished.values()].map(({ target }) => target).filter((target) => existsSync(target));
  const judged = await judge(path, targets, peers.python, timeout);
  const original = judged.get(path);

  const results: Record<string, Result> = {};
  for (const { name } of participants) {
    const run = finished.get(name);
    if (run === undefined) {
      if (kept[name] !== undefined) results[name] = kept[name];
      continue;
    }
    const { status, seconds, peakBytes, complaint, target } = run;
    const verdict = judged.get(target);
    const isDone = status === 0 && verdict?.verdict !== undefined;
    results[name] = {
      verdict: isDone ? (verdict.verdict ?? 'failed') : status === 'timeout' ? 'timeout' : 'failed',
      ...(isDone ? {} : { reason: complaint }),
      ...(verdict?.reason !== undefined && verdict.reason !== '' && { reason: verdict.reason }),
      ...(isDone && verdict.nodes !== undefined && { nodes: verdict.nodes, operators: verdict.operators ?? {} }),
      ...(typeof verdict?.worst === 'number' && { worst: verdict.worst }),
      ...(verdict?.foreign !== undefined && verdict.foreign.length > 0 && { foreign: verdict.foreign }),
      seconds: Math.round(seconds * 1000) / 1000,
      ...(peakBytes !== undefined && { peakBytes }),
      ...(isDone && oracle !== undefined && { layers: await layersOf(target, oracle) }),
    };
  }
  for (const { target } of finished.values())
    for (const file of readdirSync(folder)) if (join(folder, file).startsWith(target)) rmSync(join(folder, file));
  const row: ModelRow = {
    model,
    bytes: size,
    nodes: original?.nodes ?? 0,
    ...(oracle !== undefined && { layers: await layersOf(path, oracle) }),
    ...(original?.failure !== undefined && { unjudged: original.failure }),
    results,
  };
  writeFileSync(record, JSON.stringify({ stamp, row }));
  return row;
}

function keptResults(record: string, stamp: string): Readonly<Record<string, Result>> {
  if (!existsSync(record)) return {};
  const kept = JSON.parse(readFileSync(record, 'utf8')) as { readonly stamp: string; readonly row: ModelRow };
  return kept.stamp === stamp ? kept.row.results : {};
}

/** The rows of judge.py by path. A result that brings ONNX Runtime down ends the judge, so the rest is judged one by one. */
async function judge(
  path: string,
  targets: readonly string[],
  python: string,
  timeout: number,
): Promise<ReadonlyMap<string, Judged>> {
  const judged = new Map<string, Judged>();
  const ask = async (results: readonly string[]): Promise<void> => {
    const command = [python, 'test/bench/simplify/judge.py', path, ...results];
    const { stdout } = await runProcess(command, timeout * (1 + results.length));
    for (const line of stdout.split('\n')) {
      if (!line.startsWith('{')) continue;
      const row = JSON.parse(line) as Judged;
      judged.set(row.path, row);
    }
  };
  await ask(targets);
  for (const target of targets) {
    if (judged.has(target)) continue;
    await ask([target]);
    if (!judged.has(target)) judged.set(target, { path: target, verdict: 'failed', reason: 'ends ONNX Runtime' });
  }
  return judged;
}

async function layersOf(path: string, oracle: string): Promise<number | null> {
  const { stdout } = await runProcess([oracle, 'test/bench/simplify/layers.py', path], 120);
  const line = stdout.split('\n').find((text) => text.startsWith('{'));
  return line === undefined ? null : (JSON.parse(line) as { readonly layers: number | null }).layers;
}

function progressText({ model, nodes, results }: ModelRow): string {
  const texts = Object.entries(results).map(
    ([name, { verdict, nodes: left, seconds }]) => `${name} ${left ?? ''} ${verdict} ${seconds.toFixed(1)} s`,
  );
  return `${model} ${nodes}: ${texts.join('; ')}`;
}
