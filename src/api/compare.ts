import { ModelError, UsageError } from '../base/errors.ts';
import type { RuntimeValue } from '../fold/runtime-value.ts';
import { isArray } from '../fold/runtime-value.ts';
import { inferModel } from '../infer/infer-model.ts';
import type { ModelFacts } from '../infer/facts.ts';
import { graphsOfModel, type Model } from '../ir/model.ts';
import { isDeterministic } from '../opset/determinism.ts';
import { type Binding, fixSizes, planBindings } from '../verify/bindings.ts';
import { type Judge, type OutputDifference } from '../verify/compare-values.ts';
import { evaluatorRunner } from '../verify/evaluator-runner.ts';
import { type Correspondence, correspond, requiredInputs } from '../verify/interface.ts';
import { InputMaker } from '../verify/make-inputs.ts';
import { judgeTrial, type SkippedTrial, type Trial, type TrialResult, trialsOf, worstOf } from '../verify/run-both.ts';
import type { Runner, Session, Values } from '../verify/runner.ts';
import { BOUNDED, floatTypesOf, type Tolerance } from '../verify/tolerance.ts';
import { releaseFiles } from './model-files.ts';
import { boundCopy, type ShapeBindings } from './bind-dims.ts';

export interface CompareOptions {
  /** Tried in turn: the first that takes A runs both. Default: our own evaluator. */
  readonly runners?: readonly Runner[] | undefined;
  /** Sizes and bounds of the dims of A's inputs. */
  readonly bindings?: ShapeBindings | undefined;
  /** Values of inputs, by their names in A; all others are random. */
  readonly data?: ReadonlyMap<string, RuntimeValue> | undefined;
  /** Of the random numbers; default 1. */
  readonly seed?: number | undefined;
  /** Sets of inputs to compare on. Default: 3, or 1 where no dim is dynamic. */
  readonly runs?: number | undefined;
  /** Default: within the bound of rewrites that round otherwise. */
  readonly tolerance?: Tolerance | undefined;
  /** Dynamic dims may be 0. */
  readonly allowEmpty?: boolean | undefined;
}

/** One set of inputs on which both were run. */
export interface ComparedRun {
  /** The sizes of dynamic dims, `batch=1, seq=3`; '' where nothing is dynamic. */
  readonly dims: string;
  readonly equal: boolean;
  /** What B failed with, although A computes; null when it computes. */
  readonly failure: string | null;
}

export interface Comparison {
  readonly equal: boolean;
  /** What ran the models. */
  readonly runner: string;
  readonly seed: number;
  readonly exact: boolean;
  readonly runs: readonly ComparedRun[];
  /** Sizes that A fails on. */
  readonly skipped: readonly SkippedTrial[];
  /** Of each output the worst over all runs, by its name in A. */
  readonly outputs: readonly OutputDifference[];
  readonly notes: readonly string[];
}

const DEFAULT_SEED = 1;
const DEFAULT_RUNS = 3;

/**
 * Runs two models on the same random inputs, for several sizes of their dynamic dims, and tells how far their outputs are
 * apart. Weights are in memory while it runs. UsageError when the inputs of the two do not correspond, or A computes on none
 * that were tried; ModelError when a model cannot be read or run.
 */
export async function compare(a: Model, b: Model, options: CompareOptions = {}): Promise<Comparison> {
  const reference = await Reference.open(a, b, options);
  try {
    const session = await reference.runner.open({ model: b, isAsRead: true });
    try {
      const results: TrialResult[] = [];
      const runs: ComparedRun[] = [];
      for await (const trial of reference.trials()) {
        const result = await reference.judge(session, trial);
        results.push(result);
        runs.push(runOf(trial, result));
      }
      return reference.comparison(runs, results);
    } finally {
      await session.close();
    }
  } finally {
    await reference.close();
    releaseFiles(a);
    releaseFiles(b);
  }
}

export function runOf({ dims }: Trial, { equal, failure }: TrialResult): ComparedRun {
  return { dims, equal, failure };
}

/** Model A, ready to run, with everything that is needed to hold others against it. */
export class Reference {
  readonly runner: Runner;
  readonly #session: Session;
  readonly #maker: InputMaker;
  readonly #bindings: readonly Binding[];
  readonly #correspondence: Correspondence;
  readonly #judge: Judge;
  readonly #options: CompareOptions;
  readonly #skipped: SkippedTrial[] = [];
  readonly #notes: string[];
  readonly #randomNode: string | undefined;

  private constructor(
    opened: { readonly runner: Runner; readonly session: Session },
    plan: {
      readonly maker: InputMaker;
      readonly bindings: readonly Binding[];
      readonly correspondence: Correspondence;
      readonly judge: Judge;
      readonly notes: string[];
      readonly randomNode: string | undefined;
    },
    options: CompareOptions,
  ) {
    this.runner = opened.runner;
    this.#session = opened.session;
    this.#maker = plan.maker;
    this.#bindings = plan.bindings;
    this.#correspondence = plan.correspondence;
    this.#judge = plan.judge;
    this.#notes = plan.notes;
    this.#randomNode = plan.randomNode;
    this.#options = options;
  }

  /** `isAsRead` says that `a` is what its file holds. */
  static async open(a: Model, b: Model, options: CompareOptions, isAsRead = true): Promise<Reference> {
    const correspondence = correspond(a, b);
    const { model: bound, ranges } = boundCopy(a, options.bindings);
    const facts = inferModel(bound, { ranges, allowEmpty: options.allowEmpty ?? false });
    const inputs = requiredInputs(bound);
    const notes = [...correspondence.notes];
    const { data = new Map<string, RuntimeValue>(), allowEmpty = false } = options;
    checkData(data, bound, facts);
    const unnamed = inputs.filter(({ name }) => !data.has(name)).map(({ name }) => `'${name}'`);
    if (data.size > 0 && unnamed.length > 0) notes.push(`the data gives no ${unnamed.join(', ')}: it is random`);
    const fixed = settledSizes(bound, b, correspondence, data, facts);
    const { runner, session } = await openFirst(options.runners ?? [evaluatorRunner], { model: a, isAsRead }, notes);
    try {
      return new Reference(
        { runner, session },
        {
          correspondence,
          notes,
          maker: new InputMaker(bound, facts, inputs),
          bindings: planBindings(inputs, bound.graph, facts, { ranges, fixed, allowEmpty }),
          judge: { tolerance: options.tolerance ?? BOUNDED, floatTypes: floatTypesOf(bound, facts) },
          randomNode: randomNodeOf(a),
        },
        options,
      );
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  get seed(): number {
    return this.#options.seed ?? DEFAULT_SEED;
  }

  /** The sets of inputs on which A computes. ModelError when it computes otherwise each time. */
  async *trials(): AsyncIterableIterator<Trial> {
    const { data = new Map<string, RuntimeValue>() } = this.#options;
    const runs = this.#options.runs ?? (this.#bindings.length === 1 ? 1 : DEFAULT_RUNS);
    const options = { bindings: this.#bindings, given: data, seed: this.seed, runs };
    for await (const trial of trialsOf(this.#session, this.#maker, options, (skipped) => this.#skipped.push(skipped))) {
      await this.#checkRepeats(trial);
      yield trial;
    }
  }

  async judge(session: Session, trial: Trial, judge: Partial<Judge> = {}): Promise<TrialResult> {
    return judgeTrial(session, trial, this.#correspondence, { ...this.#judge, ...judge });
  }

  comparison(runs: readonly ComparedRun[], results: readonly TrialResult[]): Comparison {
    const outputs = worstOf(results);
    const notes = [...this.#notes];
    for (const { output, nans, elements } of outputs)
      if (nans > 0 && nans === elements) notes.push(`output '${output}' is NaN throughout, which says little`);
    return {
      equal: results.every(({ equal }) => equal),
      runner: this.runner.name,
      seed: this.seed,
      exact: this.#judge.tolerance.isExact,
      runs,
      skipped: this.#skipped,
      outputs,
      notes,
    };
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async #checkRepeats(trial: Trial): Promise<void> {
    if (this.#randomNode === undefined) return;
    const repeated: Trial = { ...trial, expected: await this.#session.run(trial.inputs) };
    const names = new Map([...trial.expected.keys()].map((name) => [name, name]));
    const own: Correspondence = { inputs: new Map(), outputs: names, missing: [], notes: [] };
    const echo: Session = { run: async () => trial.expected, close: async () => undefined };
    if ((await judgeTrial(echo, repeated, own, this.#judge)).equal) return;
    throw new ModelError(
      `node ${this.#randomNode} makes the results differ from run to run, so that they cannot be compared`,
      {},
      'compare it without that node',
    );
  }
}

/** The first runner that takes the model; why the others do not is noted. ModelError of the last when none does. */
async function openFirst(
  runners: readonly Runner[],
  runnable: Parameters<Runner['open']>[0],
  notes: string[],
): Promise<{ readonly runner: Runner; readonly session: Session }> {
  let last: unknown = new UsageError('there is nothing to run the models with');
  for (const [index, runner] of runners.entries()) {
    try {
      return { runner, session: await runner.open(runnable) };
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      last = error;
      if (index < runners.length - 1) notes.push(`${runner.name} does not take the model: ${error.message}`);
    }
  }
  throw last;
}

/** UsageError for data of an input that there is not, or that is of another type or shape. */
function checkData(data: Values, model: Model, facts: ModelFacts): void {
  const names = model.graph.inputs.map(({ name }) => name);
  for (const [name, value] of data) {
    const input = model.graph.inputs.find((candidate) => candidate.name === name);
    if (input === undefined)
      throw new UsageError(
        `the data gives '${name}', which is no input of the model`,
        `its inputs are ${names.map((own) => `'${own}'`).join(', ')}`,
      );
    if (value === null || !isArray(value)) continue;
    const { dataType, shape } = facts.get(input);
    if (dataType !== undefined && dataType !== value.dataType)
      throw new UsageError(
        `the data of input '${name}' is ${value.dataType}, and the model takes ${dataType}`,
        'convert it before it is saved',
      );
    const { dims } = value;
    const fits =
      shape === undefined ||
      (shape.length === dims.length &&
        shape.every(({ constant }, axis) => constant === undefined || constant === BigInt(dims[axis] ?? -1)));
    if (!fits)
      throw new UsageError(
        `the data of input '${name}' has the shape [${dims.join(', ')}], and the model takes [${shape.map((dim) => dim.toString()).join(', ')}]`,
      );
  }
}

/** Sizes of symbols of A that follow from B's inputs, where these are static, and from data. UsageError where they contradict. */
function settledSizes(
  a: Model,
  b: Model,
  { inputs }: Correspondence,
  data: Values,
  facts: ModelFacts,
): Map<string, bigint> {
  const fixed = new Map<string, bigint>();
  for (const input of requiredInputs(a)) {
    const { shape } = facts.get(input);
    const partner = b.graph.inputs.find(({ name }) => name === inputs.get(input.name));
    const declared = partner?.type?.kind === 'tensor' ? partner.type.shape : undefined;
    if (shape === undefined || declared === undefined) continue;
    if (shape.length !== declared.length)
      throw new UsageError(`input '${input.name}' has rank ${shape.length} in A and ${declared.length} in B`);
    const sizes = declared.map((dim) => (typeof dim === 'number' && dim >= 0 ? dim : undefined));
    const wrong = fixSizes(shape, sizes, fixed);
    if (wrong !== undefined)
      throw new UsageError(
        `dimension ${wrong} of input '${input.name}' is ${shape[wrong]?.toString()} in A and ${sizes[wrong]} in B`,
      );
  }
  for (const [name, value] of data) {
    const input = a.graph.inputs.find((candidate) => candidate.name === name);
    const shape = input && facts.get(input).shape;
    if (shape === undefined || value === null || !isArray(value)) continue;
    const wrong = fixSizes(shape, value.dims, fixed);
    if (wrong !== undefined)
      throw new UsageError(
        `dimension ${wrong} of the data of input '${name}' is ${value.dims[wrong]}, which does not fit the other inputs`,
      );
  }
  return fixed;
}

/** A node whose results may differ from run to run. */
function randomNodeOf(model: Model): string | undefined {
  for (const graph of graphsOfModel(model))
    for (const node of graph.nodes)
      if (node.subgraphs.length === 0 && !isDeterministic(node, model))
        return node.name === '' ? node.label : `${node.name} (${node.operator})`;
  return undefined;
}
