/** Runs two models on the same inputs, binding by binding, until enough runs are compared. */
import { ModelError, UsageError } from '../base/errors.ts';
import type { RuntimeValue } from '../fold/runtime-value.ts';
import { type Binding, bindingText } from './bindings.ts';
import { compareValues, type Judge, otherwise, type OutputDifference, worse } from './compare-values.ts';
import type { Correspondence } from './interface.ts';
import type { InputMaker } from './make-inputs.ts';
import { RandomNumbers } from './random.ts';
import type { Session, Values } from './runner.ts';

/** One set of inputs, by their names in A, and what A makes of them. */
export interface Trial {
  /** `batch=1, seq=3`; '' for a model without dynamic dims. */
  readonly dims: string;
  readonly inputs: Values;
  readonly expected: Values;
}

export interface SkippedTrial {
  readonly dims: string;
  /** What A failed with. */
  readonly reason: string;
}

export interface TrialOptions {
  readonly bindings: readonly Binding[];
  readonly given: ReadonlyMap<string, RuntimeValue>;
  readonly seed: number;
  /** How many sets of inputs are enough. */
  readonly runs: number;
}

/** Bindings that fail, beyond which a model takes only what nobody guesses. */
const MAXIMUM_FAILURES = 12;

/**
 * Trials on which A computes, up to as many as are wanted. A binding that A fails on, with wild and with tame values, is passed
 * over and told of by `skip`. UsageError when it fails on all.
 */
export async function* trialsOf(
  a: Session,
  maker: InputMaker,
  { bindings, given, seed, runs }: TrialOptions,
  skip: (skipped: SkippedTrial) => void,
): AsyncIterableIterator<Trial> {
  let done = 0;
  let failures = 0;
  let reason = 'no inputs could be made';
  // One binding is run with several values where more runs are wanted than there are bindings.
  const rounds = bindings.length === 1 ? runs : 1;
  for (let round = 0; round < rounds; round++)
    for (const [index, binding] of bindings.entries()) {
      if (done === runs || failures === MAXIMUM_FAILURES) break;
      const dims = bindingText(binding);
      for (const isTame of [false, true]) {
        const random = new RandomNumbers(seed + 1_000_003 * (round * bindings.length + index));
        const inputs = maker.make(binding, random, given, isTame);
        if (inputs === undefined) break;
        let expected: Values;
        try {
          expected = await a.run(inputs);
        } catch (error) {
          if (!(error instanceof ModelError)) throw error;
          reason = error.message;
          if (!isTame) continue;
          failures++;
          skip({ dims, reason });
          break;
        }
        done++;
        yield { dims, inputs, expected };
        break;
      }
    }
  if (done === 0)
    throw new UsageError(
      `the model fails on all inputs that were tried, at last with: ${reason}`,
      'give inputs that it takes with --data, or sizes with --dim or --input-shape',
    );
}

/** What came of running B on a trial. */
export interface TrialResult {
  readonly equal: boolean;
  /** Of each output, in the order of A. */
  readonly outputs: readonly OutputDifference[];
  /** What B failed with although A computes; null when it computes. */
  readonly failure: string | null;
}

export async function judgeTrial(
  b: Session,
  trial: Trial,
  { inputs, outputs, missing }: Correspondence,
  judge: Judge,
): Promise<TrialResult> {
  const given = new Map([...trial.inputs].map(([name, value]) => [inputs.get(name) ?? name, value]));
  let actual: Values;
  try {
    actual = await b.run(given);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    return { equal: false, outputs: [], failure: error.message };
  }
  const differences = [...outputs].map(([name, own]) =>
    compareValues(name, trial.expected.get(name), actual.get(own), judge),
  );
  for (const lack of missing) differences.push(otherwise(lack.name, `${lack.in} has no such output`));
  return { equal: differences.every(({ equal }) => equal), outputs: differences, failure: null };
}

/** The worst of each output over all runs. */
export function worstOf(results: readonly TrialResult[]): OutputDifference[] {
  const worst = new Map<string, OutputDifference>();
  for (const { outputs } of results)
    for (const difference of outputs) {
      const known = worst.get(difference.output);
      worst.set(difference.output, known === undefined ? difference : worse(known, difference));
    }
  return [...worst.values()];
}
