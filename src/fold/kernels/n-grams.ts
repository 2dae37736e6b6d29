/** TfIdfVectorizer: how often each n-gram of a pool occurs in [C] or in each row of [N, C]. */
import { isStringData, type NDArray } from '../array.ts';
import { fromDoubles } from '../convert.ts';
import { integersIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { textOf } from '../../ir/attribute.ts';

type Item = bigint | string;

/** What may follow an item; `gram` is the n-gram that ends there, by its place in ngram_indexes. */
interface Branch {
  readonly next: Map<Item, Branch>;
  gram: number | undefined;
}

function newBranch(): Branch {
  return { next: new Map(), gram: undefined };
}

/** The pool holds all 1-grams, then all 2-grams, and so on; ngram_counts says where each kind begins. */
function treeOf(pool: readonly Item[], starts: readonly number[], shortest: number, longest: number): Branch {
  const root = newBranch();
  let gram = 0;
  starts.forEach((start, index) => {
    const size = index + 1;
    const end = starts[index + 1] ?? pool.length;
    if (start > end || (end - start) % size !== 0) refuse('ngram_counts do not fit the pool');
    for (let at = start; at < end; at += size, gram++) {
      if (size < shortest || size > longest) continue;
      let branch = root;
      for (const item of pool.slice(at, at + size)) {
        const known = branch.next.get(item) ?? newBranch();
        branch.next.set(item, known);
        branch = known;
      }
      branch.gram = gram;
    }
  });
  return root;
}

/** Counts the n-grams whose items lie `1 .. skips + 1` places apart; single items are counted once. */
function countGrams(
  items: readonly Item[],
  root: Branch,
  { shortest, longest, skips }: { readonly shortest: number; readonly longest: number; readonly skips: number },
  found: (gram: number) => void,
): void {
  let minimum = shortest;
  for (let distance = 1; distance <= skips + 1 && minimum <= longest; distance++) {
    for (let start = 0; start + distance * (minimum - 1) < items.length; start++) {
      let branch: Branch | undefined = root;
      for (let size = 1, at = start; size <= longest && at < items.length; size++, at += distance) {
        branch = branch.next.get(items[at] as Item);
        if (branch === undefined) break;
        if (size >= minimum && branch.gram !== undefined) found(branch.gram);
      }
    }
    if (minimum === 1) minimum = 2;
  }
}

function runTfIdfVectorizer(context: KernelContext): NDArray {
  const x = context.input(0);
  const { attributes } = context;
  if (x.dims.length > 2) return refuse('TfIdfVectorizer of other than [C] and [N, C]');
  const pool: readonly Item[] = isStringData(x.data)
    ? (attributes.strings('pool_strings') ?? refuse('TfIdfVectorizer has no strings'))
    : (attributes.ints('pool_int64s') ?? refuse('TfIdfVectorizer has no integers'));
  const items: readonly Item[] = isStringData(x.data) ? x.data.map(textOf) : integersIn(x);
  const options = {
    shortest: context.int('min_gram_length'),
    longest: context.int('max_gram_length'),
    skips: context.int('max_skip_count'),
  };
  const indexes = context.ints('ngram_indexes') ?? refuse('TfIdfVectorizer has no ngram_indexes');
  const width = Math.max(-1, ...indexes) + 1;
  const root = treeOf(pool, context.ints('ngram_counts') ?? [0], options.shortest, options.longest);
  const length = x.dims.at(-1) ?? 1;
  const rows = x.dims.length === 2 ? (x.dims[0] as number) : 1;
  const data = new Float64Array(rows * width);
  for (let row = 0; row < rows; row++)
    countGrams(items.slice(row * length, (row + 1) * length), root, options, (gram) => {
      const column = indexes[gram] ?? refuse('an n-gram has no index');
      data[row * width + column] = (data[row * width + column] as number) + 1;
    });
  weigh(context, data, width, indexes);
  return fromDoubles(data, x.dims.length === 2 ? [rows, width] : [width], 'float');
}

/** IDF: whether it occurs, times its weight. TFIDF: how often, times its weight. */
function weigh(context: KernelContext, data: Float64Array, width: number, indexes: readonly number[]): void {
  const mode = context.attributes.string('mode');
  const weights = context.attributes.floats('weights');
  if (mode === 'TF') return;
  // The text counts weights by the place in the pool, implementations by the place in the output.
  if (weights !== undefined && indexes.some((column, gram) => weights[column] !== weights[gram]))
    context.disputed('implementations disagree on which n-gram a weight is for');
  for (let i = 0; i < data.length; i++) {
    const count = data[i] as number;
    data[i] = (mode === 'IDF' ? Math.min(count, 1) : count) * (weights?.[i % width] ?? 1);
  }
}

export const gramKernels: readonly Kernel[] = [
  kernel(['TfIdfVectorizer'], { exactness: 'exact', run: runTfIdfVectorizer }),
];
