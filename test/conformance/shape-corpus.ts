/**
 * The shapes that ONNX's own tests expect (harvested with onnx 1.23.1): for each model, what we infer must be as precise as
 * what onnx.shape_inference gives and must not differ from it; a model that it refuses must lead to a contradiction.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { loadModel } from '../../src/api/load.ts';
import { ModelError } from '../../src/base/errors.ts';
import { Dim } from '../../src/infer/dim.ts';
import type { Fact } from '../../src/infer/fact.ts';
import type { ModelFacts } from '../../src/infer/facts.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { graphsOfModel, type Model } from '../../src/ir/model.ts';
import { Value } from '../../src/ir/value.ts';
import type { Dimension, ValueType } from '../../src/ir/value-type.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import type { CaseNote, SuiteReport } from './suite.ts';
import { knownShapeFaults } from './shape-faults.ts';

interface Row {
  readonly test: string;
  /** Base64 of a ModelProto, as is `result`. */
  readonly model: string;
  /** What onnx was asked with: keywords of infer_shapes, or its positional arguments (check_type, strict_mode, data_prop). */
  readonly opts: { readonly strict_mode?: boolean; readonly args?: readonly boolean[] };
  readonly result?: string;
  readonly error?: string;
}

export async function runShapeCorpus(data: string): Promise<SuiteReport> {
  const path = join(data, 'shape-inference-corpus.jsonl.gz');
  if (!existsSync(path)) return { passed: 0, failed: [], known: [], unsupported: [] };
  const failed: CaseNote[] = [];
  const known: CaseNote[] = [];
  let passed = 0;
  const kinds = { valid: newTally(), invalid: newTally() };
  const rows = gunzipSync(readFileSync(path)).toString().trim().split('\n');
  const faults = new Map(knownShapeFaults.map((fault) => [fault.row, fault]));
  for (const [index, text] of rows.entries()) {
    const row = JSON.parse(text) as Row;
    const name = `${index + 1} ${row.test.replace(/^.*::/, '')}`;
    const fault = faults.get(index + 1);
    const why = await shortfall(row);
    const tally = row.error === undefined ? kinds.valid : kinds.invalid;
    tally.rows++;
    if (fault !== undefined) tally.known++;
    else if (why === undefined) tally.passed++;
    if (fault !== undefined && !row.test.endsWith(fault.test)) failed.push({ name, why: `is listed as ${fault.test}` });
    else if (fault !== undefined && why === undefined) failed.push({ name, why: 'is listed as a fault, but agrees' });
    else if (fault !== undefined) known.push({ name, why: `${fault.why} (${why})` });
    else if (why !== undefined) failed.push({ name, why });
    else passed++;
  }
  const details = [
    `${kinds.valid.rows} valid rows: ${kinds.valid.passed} as precise as onnx, ${kinds.valid.known} known faults`,
    `${kinds.invalid.rows} invalid rows: ${kinds.invalid.passed} refused, ${kinds.invalid.known} known faults`,
  ];
  return { passed, failed, known, unsupported: [], details };
}

const newTally = () => ({ rows: 0, passed: 0, known: 0 });

/** What is missing or different in our answer; undefined when nothing is. */
async function shortfall({ model: bytes, opts, result, error }: Row): Promise<string | undefined> {
  let facts: ModelFacts;
  let model: Model;
  try {
    model = await loadModel(new MemorySource(Buffer.from(bytes, 'base64')));
    seedsAsInputs(model);
    facts = inferModel(model, { strict: isStrict(opts) });
  } catch (thrown) {
    if (thrown instanceof ModelError && error !== undefined) return undefined;
    return `throws ${String(thrown)}`;
  }
  if (result !== undefined) {
    const [contradiction] = inferModel(model).contradictions;
    if (contradiction !== undefined) return `refused: ${contradiction.message}`;
  }
  if (result === undefined)
    return facts.contradictions.length > 0
      ? undefined
      : `accepted; ONNX says ${error?.replaceAll(/\s+/g, ' ').replace(/^.*Error\] /, '') ?? 'no'}`;
  const expected = await loadModel(new MemorySource(Buffer.from(result, 'base64')));
  const graphs = [...graphsOfModel(expected)];
  for (const [index, graph] of [...graphsOfModel(model)].entries()) {
    const types = new Map<string, ValueType>();
    for (const value of valuesOf(graphs[index]?.nodes ?? []))
      if (value.type !== undefined) types.set(value.name, value.type);
    for (const value of valuesOf(graph.nodes)) {
      const type = types.get(value.name);
      const why = type === undefined ? undefined : compare(facts, value, type);
      if (why !== undefined) return `${value.producer?.opType ?? ''} ${value.name}: ${why}`;
    }
  }
  return undefined;
}

/** `check_type` asks for what the schemas say, and `strict_mode` for contradictions. */
function isStrict({ strict_mode: strict, args }: Row['opts']): boolean {
  return strict === true || args?.[0] === true || args?.[1] === true;
}

/**
 * ONNX's tests hide the shapes of their inputs behind a Reshape to an unknown shape, and tell them by value_info alone.
 * To us value_info is a hint that needs proof; so that there is something to infer from, these values become inputs.
 * They also list initializers among the inputs, where (from IR 4 on) callers may override them; ONNX's inference takes them
 * for constants all the same.
 */
export function seedsAsInputs({ graph }: Model): void {
  for (const value of graph.initializers) if (value.isInput) graph.deleteInput(value);
  for (const node of graph.nodes) {
    if (node.opType !== 'Reshape' || node.inputs[1]?.name.startsWith('UNKNOWN_SHAPE_') !== true) continue;
    const { output } = node;
    const { name, type } = output;
    output.rename(graph.names.unique(`${name}_seed`));
    const seed = new Value(name, { type });
    graph.addInput(seed);
    for (const user of [...output.users])
      for (const [index, input] of user.inputs.entries()) if (input === output) user.replaceInput(index, seed);
    for (const owner of [...output.outputOf])
      for (const [index, value] of owner.outputs.entries()) if (value === output) owner.setOutput(index, seed);
    graph.remove(node);
  }
}

function* valuesOf(nodes: Iterable<{ readonly outputs: readonly (Value | undefined)[] }>): IterableIterator<Value> {
  for (const { outputs } of nodes) for (const value of outputs) if (value !== undefined) yield value;
}

function compare(facts: ModelFacts, value: Value, expected: ValueType): string | undefined {
  const fact = facts.get(value);
  const declared = value.type?.kind === expected.kind ? value.type : undefined;
  if (expected.kind !== 'tensor') return compareOther(fact, expected, declared);
  if (expected.dataType !== undefined && fact.dataType !== expected.dataType)
    return `element type ${fact.dataType ?? 'unknown'}, not ${expected.dataType}`;
  if (expected.shape === undefined) return undefined;
  const text = `[${fact.shape?.join(', ') ?? '...'}], not [${expected.shape.map((dim) => dim ?? '?').join(', ')}]`;
  if (fact.shape === undefined) return text;
  if (fact.shape.length !== expected.shape.length) return text;
  const given = declared?.kind === 'tensor' ? (declared.shape ?? []) : [];
  const isSame = expected.shape.every((dimension, axis) => {
    const dim = fact.shape?.[axis];
    // What the model itself declares of a value is no inference; it must not be contradicted, though.
    if (dimension === given[axis])
      return typeof dimension === 'string' || dimension === undefined || dim?.differs(Dim.of(dimension)) === false;
    return isAsPrecise(dim, dimension);
  });
  return isSame ? undefined : text;
}

function compareOther(fact: Fact, expected: ValueType, declared: ValueType | undefined): string | undefined {
  if (fact.otherType?.kind === expected.kind) return undefined;
  if (declared !== undefined && fact.otherType === undefined) return undefined;
  return `${fact.otherType?.kind ?? 'a tensor'}, not ${expected.kind}`;
}

function isAsPrecise(dim: Dim | undefined, expected: Dimension): boolean {
  if (dim === undefined) return false;
  // ONNX names what it does not know unk__0, unk__1 ...
  if (expected === undefined || (typeof expected === 'string' && expected.startsWith('unk__'))) return true;
  if (typeof expected !== 'string') return dim.constant === BigInt(expected);
  return dim.constant !== undefined || dim.equals(Dim.symbol(expected));
}
