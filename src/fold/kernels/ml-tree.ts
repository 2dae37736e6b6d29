/** TreeEnsemble TreeEnsembleClassifier TreeEnsembleRegressor of ai.onnx.ml: sums of what the leaves say that a row of X reaches. */
import type { DataType } from '../../ir/data-type.ts';
import type { Tensor } from '../../ir/tensor.ts';
import { arrayOf, type NDArray } from '../array.ts';
import { fromDoubles } from '../convert.ts';
import { doublesIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { bestPlace, labelsOf, postTransformOf, type PostTransform, transformScores } from './ml-scores.ts';

type Test = (x: number, split: number) => boolean;

const tests: readonly Test[] = [
  (x, split) => x <= split,
  (x, split) => x < split,
  (x, split) => x >= split,
  (x, split) => x > split,
  (x, split) => x === split,
  (x, split) => x !== split,
];
const modes = ['BRANCH_LEQ', 'BRANCH_LT', 'BRANCH_GTE', 'BRANCH_GT', 'BRANCH_EQ', 'BRANCH_NEQ'];

interface Vote {
  readonly target: number;
  readonly weight: number;
}

/** A node asks a question; a leaf has votes instead. */
interface TreeNode {
  readonly feature: number;
  readonly passes: (x: number) => boolean;
  readonly votes: readonly Vote[] | undefined;
  /** Places of the children in the list of nodes. */
  readonly whenTrue: number;
  readonly whenFalse: number;
}

interface Forest {
  readonly nodes: readonly TreeNode[];
  readonly roots: readonly number[];
}

function tensorValues(tensor: Tensor | undefined): number[] | undefined {
  return tensor === undefined ? undefined : [...doublesIn(arrayOf(tensor))];
}

/** A list attribute, or its twin `_as_tensor` for doubles. */
function valuesOf({ attributes }: KernelContext, name: string): readonly number[] {
  return tensorValues(attributes.tensor(`${name}_as_tensor`)) ?? attributes.floats(name) ?? [];
}

function asking(test: Test, split: number, trueWhenMissing: boolean): (x: number) => boolean {
  return (x) => (Number.isNaN(x) ? trueWhenMissing || test(x, split) : test(x, split));
}

/** Nodes by (tree id, node id); votes are `stem`_treeids, `stem`_nodeids, `stem`_ids and weights. */
function listedForest(context: KernelContext, stem: string): Forest {
  const ints = (name: string): number[] => context.ints(name) ?? [];
  const [trees, ids, features] = [ints('nodes_treeids'), ints('nodes_nodeids'), ints('nodes_featureids')];
  const [whenTrue, whenFalse] = [ints('nodes_truenodeids'), ints('nodes_falsenodeids')];
  const missing = ints('nodes_missing_value_tracks_true');
  const kinds = context.attributes.strings('nodes_modes') ?? [];
  const splits = valuesOf(context, 'nodes_values');
  const places = new Map(ids.map((id, index) => [`${trees[index]}/${id}`, index]));
  const votes = new Map<string, Vote[]>();
  const weights = valuesOf(context, `${stem}_weights`);
  const [voteNodes, targets] = [ints(`${stem}_nodeids`), ints(`${stem}_ids`)];
  ints(`${stem}_treeids`).forEach((tree, index) => {
    const key = `${tree}/${voteNodes[index]}`;
    const list = votes.get(key) ?? [];
    list.push({ target: targets[index] ?? 0, weight: weights[index] ?? 0 });
    votes.set(key, list);
  });
  const child = (tree: number | undefined, id: number | undefined): number =>
    places.get(`${tree}/${id}`) ?? refuse('a branch leads to no node');
  const nodes = ids.map((id, index): TreeNode => {
    if (kinds[index] === 'LEAF')
      return {
        feature: 0,
        passes: () => true,
        votes: votes.get(`${trees[index]}/${id}`) ?? [],
        whenTrue: 0,
        whenFalse: 0,
      };
    const test = tests[modes.indexOf(kinds[index] ?? '')] ?? refuse(`the mode '${kinds[index]}'`);
    return {
      feature: features[index] ?? 0,
      passes: asking(test, splits[index] ?? 0, missing[index] === 1),
      votes: undefined,
      whenTrue: child(trees[index], whenTrue[index]),
      whenFalse: child(trees[index], whenFalse[index]),
    };
  });
  const roots = new Map<number, number>();
  trees.forEach((tree, index) => {
    if (!roots.has(tree)) roots.set(tree, index);
  });
  return { nodes, roots: [...roots.values()] };
}

/** TreeEnsemble-5: children and leaves by their place; the members of set tests follow each other, a NaN after each set. */
function indexedForest(context: KernelContext): Forest {
  const ints = (name: string): number[] => context.ints(name) ?? [];
  const tensor = (name: string): number[] => tensorValues(context.attributes.tensor(name)) ?? [];
  const [features, kinds, splits] = [ints('nodes_featureids'), tensor('nodes_modes'), tensor('nodes_splits')];
  const [whenTrue, whenFalse] = [ints('nodes_truenodeids'), ints('nodes_falsenodeids')];
  const [trueLeaves, falseLeaves] = [ints('nodes_trueleafs'), ints('nodes_falseleafs')];
  const missing = ints('nodes_missing_value_tracks_true');
  const members = tensor('membership_values');
  let nextMember = 0;
  const nextSet = (): Set<number> => {
    const set = new Set<number>();
    for (; nextMember < members.length && !Number.isNaN(members[nextMember]); nextMember++)
      set.add(members[nextMember] as number);
    nextMember++;
    return set;
  };
  const leafTargets = ints('leaf_targetids');
  const leaves = tensor('leaf_weights').map((weight, index): TreeNode => {
    const votes = [{ target: leafTargets[index] ?? 0, weight }];
    return { feature: 0, passes: () => true, votes, whenTrue: 0, whenFalse: 0 };
  });
  // Leaves come after the nodes in one list.
  const count = kinds.length;
  const place = (at: number | undefined, isLeaf: number | undefined): number => {
    const limit = isLeaf === 0 ? count : leaves.length;
    if (at === undefined || at < 0 || at >= limit) return refuse('a branch leads to no node');
    return isLeaf === 0 ? at : count + at;
  };
  const nodes = kinds.map((kind, index): TreeNode => {
    const set = kind === 6 ? nextSet() : undefined;
    const test: Test = set === undefined ? (tests[kind] ?? refuse(`the mode ${kind}`)) : (x) => set.has(x);
    return {
      feature: features[index] ?? 0,
      passes: asking(test, splits[index] ?? 0, missing[index] === 1),
      votes: undefined,
      whenTrue: place(whenTrue[index], trueLeaves[index]),
      whenFalse: place(whenFalse[index], falseLeaves[index]),
    };
  });
  return { nodes: [...nodes, ...leaves], roots: ints('tree_roots') };
}

function votesFor({ nodes }: Forest, root: number, row: Float64Array): readonly Vote[] {
  let at = root;
  for (let steps = 0; steps <= nodes.length; steps++) {
    const node = nodes[at] ?? refuse('a tree has no root');
    if (node.votes !== undefined) return node.votes;
    if (node.feature < 0 || node.feature >= row.length) return refuse(`there is no feature ${node.feature}`);
    at = node.passes(row[node.feature] as number) ? node.whenTrue : node.whenFalse;
  }
  return refuse('the branches of a tree go round in a circle');
}

type Aggregate = 'SUM' | 'AVERAGE' | 'MIN' | 'MAX';

/** Scores [targets] of one row, NaN where no leaf voted. */
function rowScores(forest: Forest, row: Float64Array, targets: number, aggregate: Aggregate): Float64Array {
  const scores = new Float64Array(targets).fill(NaN);
  for (const root of forest.roots) {
    for (const { target, weight } of votesFor(forest, root, row)) {
      if (target < 0 || target >= targets) return refuse(`there is no target ${target}`);
      const before = scores[target] as number;
      if (Number.isNaN(before)) scores[target] = weight;
      else if (aggregate === 'MIN') scores[target] = Math.min(before, weight);
      else if (aggregate === 'MAX') scores[target] = Math.max(before, weight);
      else scores[target] = before + weight;
    }
  }
  return aggregate === 'AVERAGE' ? scores.map((score) => score / forest.roots.length) : scores;
}

interface Rows {
  readonly count: number;
  readonly at: (row: number) => Float64Array;
}

function rowsIn(x: NDArray): Rows {
  if (x.dims.length === 0 || x.dims.length > 2) return refuse('trees take [N, F]');
  const width = x.dims.at(-1) as number;
  const values = doublesIn(x);
  const count = x.dims.length === 1 ? 1 : (x.dims[0] as number);
  return { count, at: (row) => values.subarray(row * width, (row + 1) * width) };
}

function regress(
  context: KernelContext,
  forest: Forest,
  aggregate: Aggregate,
  transform: PostTransform,
  type: DataType,
): NDArray {
  const rows = rowsIn(context.input(0));
  const targets = context.attributes.number('n_targets') ?? 1;
  const base = valuesOf(context, 'base_values');
  const data = new Float64Array(rows.count * targets);
  for (let row = 0; row < rows.count; row++) {
    const own = data.subarray(row * targets, (row + 1) * targets);
    rowScores(forest, rows.at(row), targets, aggregate).forEach((score, target) => {
      own[target] = (Number.isNaN(score) ? 0 : score) + (base[base.length === 1 ? 0 : target] ?? 0);
    });
    transformScores(own, transform);
  }
  return fromDoubles(data, [rows.count, targets], type);
}

function runTreeEnsemble(context: KernelContext): NDArray {
  const aggregate = (['AVERAGE', 'SUM', 'MIN', 'MAX'] as const)[context.int('aggregate_function')];
  if (aggregate === undefined) return refuse('the aggregate function');
  return regress(context, indexedForest(context), aggregate, postTransformOf(context), context.input(0).dataType);
}

function runRegressor(context: KernelContext): NDArray {
  const aggregate = (context.attributes.string('aggregate_function') ?? 'SUM') as Aggregate;
  return regress(context, listedForest(context, 'target'), aggregate, postTransformOf(context), 'float');
}

/** Two classes of which only one gets votes: ONNX Runtime and the reference differ in the other's score. */
function binaryScores(score: number, isPositive: boolean, transform: PostTransform): Float64Array {
  if (isPositive) return Float64Array.of(1 - score, score);
  const pair = Float64Array.of(-score, score);
  if (transform === 'LOGISTIC') transformScores(pair, transform);
  return pair;
}

function runClassifier(context: KernelContext): readonly NDArray[] {
  const forest = listedForest(context, 'class');
  const rows = rowsIn(context.input(0));
  const labels = labelsOf(context);
  const transform = postTransformOf(context);
  const base = valuesOf(context, 'base_values');
  const voted = new Set(context.ints('class_ids') ?? []);
  const isPositive = valuesOf(context, 'class_weights').every((weight) => weight >= 0);
  const isBinary = voted.size === 1 && labels.count <= 2;
  if (isBinary) context.disputed('implementations disagree on a classifier that scores one class');
  const data = new Float64Array(rows.count * labels.count);
  const places = Array.from({ length: rows.count }, (_, row) => {
    const own = data.subarray(row * labels.count, (row + 1) * labels.count);
    const scores = rowScores(forest, rows.at(row), labels.count, 'SUM').map(
      (score, place) => (Number.isNaN(score) ? 0 : score) + (base[place] ?? 0),
    );
    if (isBinary && labels.count === 2) {
      const score = scores[[...voted][0] ?? 0] as number;
      own.set(binaryScores(score, isPositive, transform));
      return score > (isPositive ? 0.5 : 0) ? 1 : 0;
    }
    own.set(scores);
    transformScores(own, transform);
    return bestPlace(scores);
  });
  return [labels.at(places), fromDoubles(data, [rows.count, labels.count], 'float')];
}

export const treeKernels: readonly Kernel[] = [
  kernel(['ai.onnx.ml::TreeEnsemble'], { exactness: 'bounded', ulp: 4, run: runTreeEnsemble }),
  kernel(['ai.onnx.ml::TreeEnsembleRegressor'], { exactness: 'bounded', ulp: 4, run: runRegressor }),
  kernel(['ai.onnx.ml::TreeEnsembleClassifier'], { exactness: 'bounded', ulp: 4, run: runClassifier }),
];
