/**
 * Every model of the data is written in other opsets, both up and down, and must compute what it did, to the bit. A conversion that is
 * refused is no failure, but counted: which operators stay behind is in the details.
 */
import { ModelError } from '../../src/base/errors.ts';
import { loadModel } from '../../src/api/load.ts';
import { evaluateValues } from '../../src/fold/evaluate-model.ts';
import type { RuntimeValue } from '../../src/fold/runtime-value.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { cloneModel } from '../../src/ir/clone.ts';
import { graphsOfModel, type Model } from '../../src/ir/model.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { findSchema, latestVersion } from '../../src/opset/schema.ts';
import { convertOpset, OLDEST_RESULT, OLDEST_SOURCE } from '../../src/rewrite/opset/convert.ts';
import { differentValue } from '../support/soundness.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';
import { casesOf } from './soundness.ts';
import type { CaseNote, SuiteReport } from './suite.ts';

/** Before and after each group of changes, and those that exporters write. */
const TARGETS = [11, 12, 13, 14, 16, 17, 18, 19, 20, 21, 22, 24, 26];

export async function runOpsetConversion(data: string): Promise<SuiteReport> {
  const failed: CaseNote[] = [];
  const unsupported: CaseNote[] = [];
  const refusals = new Map<string, number>();
  let [passed, converted, refused] = [0, 0, 0];
  const latest = latestVersion('') ?? 0;
  for await (const { name, bytes, inputSets } of casesOf(data)) {
    let original: Model;
    try {
      original = await loadModel(new MemorySource(bytes));
    } catch {
      // The suite of validity judges what is refused.
      continue;
    }
    const from = original.opsetVersion('') ?? 0;
    if (from < OLDEST_SOURCE || from > latest || original.functions.length > 0) continue;
    const [inputs] = inputSets(original);
    const expected = inputs === undefined ? undefined : await outputsOf(original, inputs);
    if (inputs === undefined || expected === undefined) continue;
    let fault: string | undefined;
    const tried = new Set([versionsAt(original, from)]);
    for (const to of TARGETS) {
      if (to === from || to < OLDEST_RESULT || to > latest || fault !== undefined) continue;
      // Nothing is new where every operator has a version that was tried.
      const versions = versionsAt(original, to);
      if (tried.has(versions)) continue;
      tried.add(versions);
      const model = cloneModel(original);
      try {
        convertOpset(model, to, inferModel(model));
      } catch (error) {
        if (!(error instanceof ModelError)) throw error;
        refused++;
        const reason = error.message.replace(/ \(and .*/, '').replace(/opset \d+/, 'that opset');
        refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
        continue;
      }
      converted++;
      fault = await faultOf(model, inputs, expected);
      if (fault !== undefined) failed.push({ name, why: `from ${from} to ${to}: ${fault}` });
    }
    if (fault === undefined) passed++;
  }
  const details = [`${converted} conversions, ${refused} refused`];
  for (const [reason, count] of [...refusals].sort((a, b) => b[1] - a[1]).slice(0, 40))
    details.push(`${count} times: ${reason}`);
  return { passed, failed, known: [], unsupported, details };
}

function versionsAt(model: Model, opset: number): string {
  const versions = new Set<string>();
  for (const graph of graphsOfModel(model))
    for (const { opType, domain } of graph.nodes)
      versions.add(`${opType} ${findSchema(domain, opType, opset)?.sinceVersion ?? 0}`);
  return [...versions].sort().join();
}

async function outputsOf(
  model: Model,
  inputs: ReadonlyMap<string, RuntimeValue>,
): Promise<ReadonlyMap<string, RuntimeValue> | undefined> {
  try {
    return await evaluateValues(model, inputs);
  } catch (error) {
    if (error instanceof ModelError) return undefined;
    throw error;
  }
}

async function faultOf(
  model: Model,
  inputs: ReadonlyMap<string, RuntimeValue>,
  expected: ReadonlyMap<string, RuntimeValue>,
): Promise<string | undefined> {
  const [problem] = verifyModel(model);
  if (problem !== undefined) return problem;
  const actual = await outputsOf(model, inputs);
  if (actual === undefined) return 'it cannot be computed any more';
  for (const [name, value] of expected) {
    const why = differentValue(actual.get(name), value, true);
    if (why !== undefined) return `output ${name}: ${why}`;
  }
  return undefined;
}
