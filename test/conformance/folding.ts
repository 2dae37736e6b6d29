/**
 * The standard's node cases with every tensor input stored: rules that fold must leave a model that computes what the evaluator
 * computes on the original, bit for bit. What stays unfolded is counted by its reason, and random operators must stay.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { simplifyRules } from '../../rules/index.ts';
import { loadModel } from '../../src/api/load.ts';
import { countOperators } from '../../src/api/operator-counts.ts';
import { simplify } from '../../src/api/simplify.ts';
import { evaluateValues } from '../../src/fold/evaluate-model.ts';
import type { Model } from '../../src/ir/model.ts';
import { isDeterministic } from '../../src/opset/determinism.ts';
import { decodeMessage, encodeMessage, onnx } from '../../src/wire/codec.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { differentValue } from '../support/soundness.ts';
import { type CaseRecord, fileOf, inputsOf, kindsOf, listedOut, openNodeCases } from './node-cases.ts';
import { withStored } from './stored-inputs.ts';
import type { CaseNote, SuiteReport } from './suite.ts';

const folding = ['fold-constant', 'fold-constant-branch', 'fold-constant-loop'];
const others = simplifyRules.map(({ id }) => id).filter((id) => !folding.includes(id));

export async function runFolding(data: string): Promise<SuiteReport> {
  const opened = openNodeCases(data);
  const failed: CaseNote[] = [];
  const known: CaseNote[] = [];
  const left = new Map<string, number>();
  let passed = 0;
  try {
    for (const record of opened.cases) {
      const { name } = record;
      const folder = opened.folderOf(record);
      const reason = listedOut(record);
      try {
        if (reason !== undefined) {
          const model = await storedModel(folder, record);
          const before = randomNodes(model);
          fold(model);
          if (randomNodes(model) !== before) failed.push({ name, why: 'a random operator was folded' });
          else known.push({ name, why: reason });
          continue;
        }
        const { why, stays } = await judge(folder, record);
        if (why !== undefined) failed.push({ name, why });
        else passed++;
        if (stays !== undefined) left.set(stays, (left.get(stays) ?? 0) + 1);
      } catch (error) {
        failed.push({ name, why: String((error as Error).stack) });
      }
    }
  } finally {
    opened.close();
  }
  const unfolded = [...left].sort((a, b) => b[1] - a[1]).map(([why, count]) => `${count} not folded whole: ${why}`);
  return { passed, failed, known, unsupported: [], details: [...kindsOf(opened.cases), ...unfolded] };
}

interface Verdict {
  readonly why: string | undefined;
  /** Why nodes are left, where some are. */
  readonly stays: string | undefined;
}

async function judge(folder: string, record: CaseRecord): Promise<Verdict> {
  const inputs = await inputsOf(folder, record);
  const expected = await evaluateValues(await storedModel(folder, record), inputs);
  const folded = await storedModel(folder, record);
  const refusals = fold(folded);
  const actual = await evaluateValues(folded, inputs);
  let why: string | undefined;
  for (const [name, value] of expected) why ??= differentValue(actual.get(name), value, true);
  const remaining = [...countOperators(folded).keys()].filter(
    (operator) => operator !== 'Identity' && operator !== 'Constant',
  );
  return { why, stays: remaining.length === 0 ? undefined : (refusals[0] ?? `${remaining[0]}`) };
}

/** The reasons of what was not folded. */
function fold(model: Model): string[] {
  return simplify(model, { disable: others }).refused.map(({ reason }) => reason);
}

function randomNodes(model: Model): number {
  return [...model.graph.nodes].filter((node) => !isDeterministic(node, model)).length;
}

/** Inputs become initializers; outputs are handed out by an Identity each, so that their makers may be folded. */
async function storedModel(folder: string, record: CaseRecord): Promise<Model> {
  const stored = record.inputs.flatMap(({ name, kind }, index) =>
    kind === 'tensor' ? [{ name, bytes: fileOf(folder, `input_${index}`) }] : [],
  );
  const bytes = withOutputCopies(withStored(withFixedInitializers(readFileSync(join(folder, 'model.onnx'))), stored));
  return loadModel(new MemorySource(bytes), { maximumResidentBytes: 1 << 30 });
}

/** Before IR 4 every initializer is an input whose value a caller may exchange; nothing could be folded. */
function withFixedInitializers(bytes: Uint8Array): Uint8Array {
  const model = decodeMessage(onnx.ModelProto, bytes);
  return Number(model.irVersion) < 4 ? encodeMessage(onnx.ModelProto, { ...model, irVersion: 4n }) : bytes;
}

function withOutputCopies(bytes: Uint8Array): Uint8Array {
  const model = decodeMessage(onnx.ModelProto, bytes);
  const graph = model.graph ?? {};
  graph.node = [
    ...(graph.node ?? []),
    ...(graph.output ?? []).map(({ name }) => ({ opType: 'Identity', input: [name ?? ''], output: [`${name}_copy`] })),
  ];
  graph.output = (graph.output ?? []).map((output) => ({ ...output, name: `${output.name}_copy` }));
  const imports = model.opsetImport ?? [];
  const isImported = imports.some(({ domain }) => (domain ?? '') === '' || domain === 'ai.onnx');
  const opsetImport = isImported ? imports : [...imports, { domain: '', version: 21n }];
  return encodeMessage(onnx.ModelProto, { ...model, graph, opsetImport });
}
