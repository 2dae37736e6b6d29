/**
 * What inference knows of the values of real exports, beside what ONNX's own and ONNX Runtime's symbolic inference know:
 *
 *   python test/bench/oracle-shapes.py ORACLE.jsonl MODEL...
 *   npm run bench -- known-shapes ORACLE.jsonl FOLDER...      finds each model of the oracle's in the folders
 *
 * All start from the same models: without declared shapes of inner values and outputs. Exit 1 when a value of the main graph has no
 * known element type or rank, when a dim is unknown to us that an oracle knows, or when the answers differ, but for those listed
 * in `knownDifferences`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Dim } from '../../src/infer/dim.ts';
import type { Fact } from '../../src/infer/fact.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { dataTypeInfo } from '../../src/ir/data-type.ts';
import type { Model } from '../../src/ir/model.ts';
import { readModelFile } from '../../src/platform/node.ts';
import { table } from '../../src/report/table.ts';

/** Values under two bindings of the symbols; null is unknown. */
type OracleDim = readonly [number, number] | null;

interface OracleAnswer {
  readonly values?: Readonly<Record<string, readonly [dataType: number, dims: readonly OracleDim[] | null]>>;
  /** It took dims of different names for one, since it could go on no other way. */
  readonly merged?: boolean;
  readonly error?: string;
}

interface OracleRow {
  readonly model: string;
  readonly symbols: readonly string[];
  readonly onnx: OracleAnswer;
  readonly ort: OracleAnswer;
}

interface Tally {
  values: number;
  unranked: number;
  untyped: number;
  dims: number;
  known: number;
  readonly byOracle: Record<'onnx' | 'ort', { known: number; less: number; differ: number; failed: boolean }>;
  readonly notes: string[];
}

/** Stands before the notes on an oracle's guesses. */
const AFTER_MERGE = 'after a forced merge';

/** Where an oracle's answer is wrong: part of the note, and why. */
const knownDifferences: readonly (readonly [part: string, why: string])[] = [
  [
    AFTER_MERGE,
    'ONNX Runtime takes dims of different names for one where it can go on no other way (auto_merge): a guess',
  ],
  ['[1, min(77, ', 'Slice clamps its end to the axis, which has 77; ONNX Runtime takes it to be within'],
];

/** As oracle-shapes.py has it. */
function bindings(symbols: readonly string[]): readonly ReadonlyMap<string, bigint>[] {
  return [0, 1].map(
    (run) => new Map([...symbols].sort().map((name, index) => [name, BigInt(64 * (3 + run + (2 + run) * index))])),
  );
}

export async function compareShapes([oracle = '', ...folders]: readonly string[]): Promise<number> {
  const rows = readFileSync(oracle, 'utf8').trim().split('\n');
  const text: string[][] = [
    ['model', 'values', 'no rank', 'no type', 'dims', 'known', 'onnx', 'less', 'differ', 'ort', 'less', 'differ'],
  ];
  const total = newTally();
  const notes: string[] = [];
  let models = 0;
  for (const line of rows) {
    const row = JSON.parse(line) as OracleRow;
    const path = folders.map((folder) => join(folder, row.model)).find((candidate) => existsSync(candidate));
    if (path === undefined) {
      console.log(`${row.model} is in none of the folders: left out`);
      continue;
    }
    models++;
    const tally = await compareModel(path, row);
    text.push(cells(row.model, tally));
    notes.push(...tally.notes.map((note) => `${row.model}: ${note}`));
    add(total, tally);
  }
  text.push(cells(`${models} models`, total));
  console.log(table(text, ['left', ...Array.from({ length: 11 }, () => 'right' as const)]).join('\n'));
  const excused = notes.filter((note) => knownDifferences.some(([part]) => note.includes(part)));
  for (const [part, why] of knownDifferences) {
    const count = excused.filter((note) => note.includes(part)).length;
    if (count > 0) console.log(`known difference, ${count} times: ${part}: ${why}`);
  }
  const open = notes.filter((note) => !excused.includes(note));
  for (const note of open) console.log(note);
  console.log(`${open.length} differences are not explained`);
  return open.length === 0 ? 0 : 1;
}

async function compareModel(path: string, row: OracleRow): Promise<Tally> {
  const tally = newTally();
  const model = await readModelFile(path);
  forgetShapes(model);
  const facts = inferModel(model);
  const bound = bindings(row.symbols);
  for (const node of model.graph.nodes)
    for (const value of node.outputs) {
      if (value === undefined) continue;
      const fact = facts.get(value);
      const dims = fact.shape?.map((dim) => evaluated(dim, row.symbols, bound));
      const ours = `${node.opType} ${value.name}: [${fact.shape?.join(', ') ?? '...'}]`;
      count(tally, fact, dims, ours);
      for (const name of ['onnx', 'ort'] as const) {
        const tensor = row[name].values?.[value.name];
        if (tensor !== undefined)
          judge(tally, name, fact, dims, tensor, row[name].merged === true ? `${AFTER_MERGE}: ${ours}` : ours);
      }
    }
  for (const name of ['onnx', 'ort'] as const) tally.byOracle[name].failed = row[name].error !== undefined;
  return tally;
}

/** What the oracles are not told, we are not told either. */
function forgetShapes(model: Model): void {
  for (const node of model.graph.nodes)
    for (const value of node.outputs) if (value !== undefined) value.type = undefined;
}

function evaluated(dim: Dim, symbols: readonly string[], bound: readonly ReadonlyMap<string, bigint>[]): OracleDim {
  for (const name of dim.symbols()) if (!symbols.includes(name)) return null;
  // The oracles round a quotient that is whole in every run, where their sizes are those of none.
  const [rounded = dim] = dim.roundings();
  return [Number(rounded.evaluate(bound[0] ?? new Map())), Number(rounded.evaluate(bound[1] ?? new Map()))];
}

function count(tally: Tally, fact: Fact, dims: readonly OracleDim[] | undefined, ours: string): void {
  if (fact.otherType !== undefined) return;
  tally.values++;
  if (fact.dataType === undefined) {
    tally.untyped++;
    tally.notes.push(`no element type: ${ours}`);
  }
  if (dims === undefined) {
    tally.unranked++;
    tally.notes.push(`no rank: ${ours}`);
  }
  tally.dims += dims?.length ?? 0;
  tally.known += dims?.filter((dim) => dim !== null).length ?? 0;
}

function judge(
  tally: Tally,
  oracle: 'onnx' | 'ort',
  fact: Fact,
  ours: readonly OracleDim[] | undefined,
  [code, theirs]: readonly [dataType: number, dims: readonly OracleDim[] | null],
  text: string,
): void {
  const sum = tally.byOracle[oracle];
  if (code !== 0 && fact.dataType !== undefined && dataTypeInfo(fact.dataType).code !== code) {
    sum.differ++;
    tally.notes.push(`${oracle} has the element type ${code}: ${fact.dataType} ${text}`);
  }
  if (theirs === null) return;
  sum.known += theirs.filter((dim) => dim !== null).length;
  const shown = `${oracle} has [${theirs.map((dim) => (dim === null ? '?' : dim.join('|'))).join(', ')}]`;
  if (ours !== undefined && ours.length !== theirs.length) {
    sum.differ++;
    tally.notes.push(`${shown}: ${text}`);
    return;
  }
  const less = theirs.filter((dim, axis) => dim !== null && (ours?.[axis] ?? null) === null).length;
  const differ = theirs.filter((dim, axis) => {
    const own = ours?.[axis] ?? null;
    return dim !== null && own !== null && (dim[0] !== own[0] || dim[1] !== own[1]);
  }).length;
  sum.less += less;
  sum.differ += differ;
  if (less + differ > 0) tally.notes.push(`${shown}: ${text}`);
}

function newTally(): Tally {
  const empty = () => ({ known: 0, less: 0, differ: 0, failed: false });
  return {
    values: 0,
    unranked: 0,
    untyped: 0,
    dims: 0,
    known: 0,
    byOracle: { onnx: empty(), ort: empty() },
    notes: [],
  };
}

function add(total: Tally, tally: Tally): void {
  for (const key of ['values', 'unranked', 'untyped', 'dims', 'known'] as const) total[key] += tally[key];
  for (const name of ['onnx', 'ort'] as const)
    for (const key of ['known', 'less', 'differ'] as const) total.byOracle[name][key] += tally.byOracle[name][key];
}

function cells(name: string, { values, unranked, untyped, dims, known, byOracle }: Tally): string[] {
  const oracle = ({ known: number, less, differ, failed }: Tally['byOracle']['onnx']): string[] =>
    failed ? ['fails', '', ''] : [`${number}`, `${less}`, `${differ}`];
  return [
    name,
    ...[values, unranked, untyped, dims, known].map(String),
    ...oracle(byOracle.onnx),
    ...oracle(byOracle.ort),
  ];
}
