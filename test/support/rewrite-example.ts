import { evaluateModel } from '../../src/fold/evaluate-model.ts';
import { arrayOf } from '../../src/fold/array.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import type { Model } from '../../src/ir/model.ts';
import type { Node } from '../../src/ir/node.ts';
import type { Tensor } from '../../src/ir/tensor.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { runRules } from '../../src/rewrite/engine.ts';
import type { RewriteExample, RewriteRule } from '../../src/rewrite/rule.ts';
import { Trace } from '../../src/rewrite/trace.ts';
import { sameModel } from '../../src/text/compare.ts';
import { parseModel } from '../../src/text/parse.ts';
import { printModel } from '../../src/text/print.ts';
import { randomInputs } from './random-inputs.ts';

/** Sizes that every dim_param takes in turn when an example is computed. */
const SIZES = [2, 3, 1];

/**
 * Runs an example: before becomes after, a second run changes nothing, and both compute the same.
 * Answers what is wrong, or undefined.
 */
export async function checkExample(rule: RewriteRule, example: RewriteExample): Promise<string | undefined> {
  const options = example.opset === undefined ? {} : { opset: example.opset };
  const before = parseModel(example.before, options);
  const rewritten = parseModel(example.before, options);
  const trace = applyRule(rule, rewritten);
  const broken = verifyModel(rewritten);
  if (broken.length > 0) return `the result is not a valid graph: ${broken.join('; ')}`;
  const expected = example.after === 'unchanged' ? before : parseModel(example.after, options);
  const difference = sameModel(rewritten, expected);
  if (difference !== undefined) return `${difference}\n${printModel(rewritten)}`;
  if (example.after === 'unchanged' && trace.changed)
    return 'the rule changed the model although its text stayed the same';
  if (example.because !== undefined && !trace.refusedRewrites.some(({ reason }) => reason === example.because)) {
    return `the rule gave these reasons: ${JSON.stringify(trace.refusedRewrites.map(({ reason }) => reason))}`;
  }
  if (applyRule(rule, rewritten).changed) return `a second run changes the result again:\n${printModel(rewritten)}`;
  return example.after === 'unchanged' ? undefined : compareResults(before, rewritten, rule.exact === true);
}

function applyRule(rule: RewriteRule, model: Model): Trace {
  const trace = new Trace();
  const { isForTarget = false, pattern } = rule;
  // A rule for nodes that a target does not take is shown on one that takes none of them.
  const refuseNode = ({ operator }: Node): string | undefined =>
    isForTarget && pattern.operators?.includes(operator) === true ? `the target has no ${operator}` : undefined;
  runRules(model, inferModel(model), [rule], trace, { assumeNonempty: true, exactOnly: false, refuseNode });
  return trace;
}

async function compareResults(before: Model, after: Model, exact: boolean): Promise<string | undefined> {
  let computed = 0;
  let failure = '';
  for (const size of SIZES) {
    const inputs = randomInputs(before, size);
    let expected: ReadonlyMap<string, Tensor>;
    try {
      expected = await evaluateModel(before, inputs);
    } catch (error) {
      // Not every size fits an example; at least one must.
      failure = String(error);
      continue;
    }
    const actual = await evaluateModel(after, inputs);
    computed++;
    for (const [name, tensor] of expected) {
      const difference = compareTensors(tensor, actual.get(name), exact);
      if (difference !== undefined) return `output '${name}' with dims of ${size}: ${difference}`;
    }
  }
  return computed > 0 ? undefined : `the example could not be computed for any size: ${failure}`;
}

function compareTensors(expected: Tensor, actual: Tensor | undefined, exact: boolean): string | undefined {
  if (actual === undefined) return 'it is missing';
  if (expected.dataType !== actual.dataType) return `its type is ${actual.dataType}, not ${expected.dataType}`;
  if (String(expected.dims) !== String(actual.dims))
    return `its dims are [${String(actual.dims)}], not [${String(expected.dims)}]`;
  const wanted = arrayOf(expected).data;
  const got = arrayOf(actual).data;
  const scale = Math.max(
    1,
    ...Array.from(wanted as ArrayLike<number | bigint>, (element) => Math.abs(Number(element)) || 0),
  );
  for (let index = 0; index < wanted.length; index++) {
    const [a, b] = [wanted[index], got[index]];
    if (Object.is(a, b) || (exact ? a === b && a !== 0 : Math.abs(Number(a) - Number(b)) <= 1e-5 * scale)) continue;
    if (a instanceof Uint8Array && String(a) === String(b)) continue;
    return `element ${index} is ${String(b)}, not ${String(a)}`;
  }
  return undefined;
}
