/** Judges one simplification: is the result a sound graph, is it final, is the interface kept, does it compute the same? */
import { simplifyRules } from '../../rules/index.ts';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { simplify, type SimplifyOptions } from '../../src/api/simplify.ts';
import { ModelError } from '../../src/base/errors.ts';
import { lackOf } from '../../src/check/interface.ts';
import { isStringData, type NDArray } from '../../src/fold/array.ts';
import { evaluateValues } from '../../src/fold/evaluate-model.ts';
import { isArray, isMap, type RuntimeValue } from '../../src/fold/runtime-value.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { DataType } from '../../src/ir/data-type.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Value } from '../../src/ir/value.ts';
import type { ValueType } from '../../src/ir/value-type.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { printModel } from '../../src/text/print.ts';
import { MemorySource } from '../../src/wire/byte-source.ts';

export type Inputs = ReadonlyMap<string, RuntimeValue>;

export interface Judgement {
  /** What is wrong; undefined when nothing is. */
  readonly fault: string | undefined;
  /** How many of the sets of inputs the original computes on. */
  readonly computed: number;
  /** Why the original does not compute on the others. */
  readonly refusals: readonly string[];
  readonly changed: boolean;
  readonly simplified: Model;
}

const NOT_EXACT = new Set(simplifyRules.filter(({ exact }) => exact !== true).map(({ id }) => id));

/** Relative error that a rule which is not exact may leave, by what the type can hold. */
const TOLERANCE: Partial<Record<DataType, number>> = { float16: 2e-3, bfloat16: 2e-2 };
const USUAL_TOLERANCE = 1e-5;

async function load(bytes: Uint8Array): Promise<Model> {
  return loadModel(new MemorySource(bytes), { maximumResidentBytes: 1 << 30 });
}

/** Simplifies the model that `bytes` hold, and checks everything that must be true of the result. */
export async function judgeSimplification(
  bytes: Uint8Array,
  inputSets: (original: Model) => Iterable<Inputs>,
  options: SimplifyOptions = {},
): Promise<Judgement> {
  const original = await load(bytes);
  const simplified = await load(bytes);
  const report = simplify(simplified, options);
  const judgement = (fault: string | undefined, computed = 0, refusals: readonly string[] = []): Judgement => ({
    fault: fault === undefined ? undefined : `${fault}\n${printModel(simplified, { maxElements: 16 })}`,
    computed,
    refusals,
    changed: report.changed,
    simplified,
  });
  if (report.notes.some((note) => note.startsWith('stopped before the end')))
    return judgement('the rules rewrote each other without end');
  const problems = verifyModel(simplified);
  if (problems.length > 0) return judgement(`the result is no sound graph: ${problems.join('; ')}`);
  const faceFault = differentInterface(original, simplified);
  if (faceFault !== undefined) return judgement(faceFault);
  const saved = await modelToBytes(simplified);
  const again = await load(saved);
  const broken = verifyModel(again);
  if (broken.length > 0) return judgement(`the saved result is no sound graph: ${broken.join('; ')}`);
  const second = simplify(again, options);
  if (Buffer.compare(await modelToBytes(again), saved) !== 0) {
    return judgement(
      `a second run changes the result again: ${second.applied.map(({ rule }) => rule).join(', ')}\n${printModel(again, { maxElements: 16 })}`,
    );
  }
  const exact = report.applied.every(({ rule }) => !NOT_EXACT.has(rule));
  const reread = await load(saved);
  const refusals: string[] = [];
  let computed = 0;
  for (const inputs of inputSets(original)) {
    let expected: Inputs;
    try {
      expected = await evaluateValues(original, inputs);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      refusals.push(error.message);
      continue;
    }
    computed++;
    let actual: Inputs;
    try {
      actual = await evaluateValues(reread, inputs);
    } catch (error) {
      return judgement(`the result does not compute: ${String(error)}`);
    }
    for (const [name, value] of expected) {
      const why = differentValue(actual.get(name), value, exact);
      if (why !== undefined) return judgement(`output '${name}' for inputs ${sizesText(inputs)}: ${why}`, computed);
    }
  }
  return judgement(undefined, computed, refusals);
}

function sizesText(inputs: Inputs): string {
  return [...inputs]
    .map(([name, value]) => `${name}[${value !== null && isArray(value) ? value.dims.join() : '...'}]`)
    .join(' ');
}

/**
 * Names, order and declared types of inputs and outputs; defaults of inputs. Below IR 4 new initializers are new inputs, that
 * nobody feeds; an output that was declared wrongly or not at all may be declared otherwise.
 */
function differentInterface(original: Model, simplified: Model): string | undefined {
  const wrong = new Set(inferModel(original).contradictions.map(({ declared }) => declared?.name));
  const faceOf = ({ name, type, initializer }: Value): string =>
    `${name}: ${typeText(type)}${initializer === undefined ? '' : ' = ...'}`;
  const after = simplified.graph.inputs.slice(0, original.graph.inputs.length);
  const added = simplified.graph.inputs.slice(original.graph.inputs.length);
  const allowed = simplified.irVersion < 4 && added.every(({ initializer }) => initializer !== undefined);
  if (added.length > 0 && !allowed) return `there are new inputs: ${added.map(faceOf).join(', ')}`;
  const outputs = ({ graph }: Model): string[] =>
    graph.outputs.map((value, index) => {
      const before = original.graph.outputs[index];
      return before === undefined || wrong.has(before.name) || lackOf(before.type) !== undefined
        ? value.name
        : faceOf(value);
    });
  for (const [kind, old, fresh] of [
    ['inputs', original.graph.inputs.map(faceOf), after.map(faceOf)],
    ['outputs', outputs(original), outputs(simplified)],
  ] as const)
    if (String(old) !== String(fresh)) return `the ${kind} were ${old.join(', ')} and are ${fresh.join(', ')}`;
  return undefined;
}

function typeText(type: ValueType | undefined): string {
  return JSON.stringify(type, (_key, field: unknown) => (typeof field === 'bigint' ? String(field) : field)) ?? '?';
}

/** How two values differ; undefined when they do not: bit by bit when `exact` (any NaN is a NaN), else by their scale. */
export function differentValue(
  actual: RuntimeValue | undefined,
  expected: RuntimeValue,
  exact: boolean,
): string | undefined {
  if (actual === undefined) return 'it is missing';
  if (expected === null || actual === null) return actual === expected ? undefined : 'one of the two is empty';
  if (isArray(expected) && isArray(actual)) return differentArray(actual, expected, exact);
  if (isMap(expected) && isMap(actual))
    return differentArray(actual.keys, expected.keys, true) ?? differentArray(actual.values, expected.values, exact);
  if (isMap(expected) || isMap(actual)) return 'one of the two is a map';
  if (isArray(expected) || isArray(actual)) return 'one of the two is a sequence';
  if (actual.length !== expected.length) return `it has ${actual.length} items, not ${expected.length}`;
  for (const [index, item] of expected.entries()) {
    const why = differentValue(actual[index], item, exact);
    if (why !== undefined) return `item ${index}: ${why}`;
  }
  return undefined;
}

function differentArray(actual: NDArray, expected: NDArray, exact: boolean): string | undefined {
  if (actual.dataType !== expected.dataType) return `its type is ${actual.dataType}, not ${expected.dataType}`;
  if (actual.dims.join() !== expected.dims.join())
    return `its dims are [${actual.dims.join()}], not [${expected.dims.join()}]`;
  const [got, wanted] = [actual.data, expected.data];
  if (got.length !== wanted.length) return `it has ${got.length} elements, not ${wanted.length}`;
  let bound = 0;
  if (!exact && !isStringData(wanted)) {
    let scale = 0;
    for (const element of wanted)
      if (Number.isFinite(Number(element))) scale = Math.max(scale, Math.abs(Number(element)));
    bound = scale * (TOLERANCE[expected.dataType] ?? USUAL_TOLERANCE);
  }
  for (let index = 0; index < wanted.length; index++) {
    const [a, b] = [got[index], wanted[index]];
    if (Object.is(a, b)) continue;
    if (!exact && Math.abs(Number(a) - Number(b)) <= bound) continue;
    if (a instanceof Uint8Array && b instanceof Uint8Array && Buffer.compare(a, b) === 0) continue;
    return `element ${index} is ${String(a)}, not ${String(b)}`;
  }
  return undefined;
}
