/** Random expressions, as trees that can be computed twice: as a Dim, and with bigints. */
import fc from 'fast-check';
import { Dim } from '../../src/infer/dim.ts';

export type Tree =
  | { readonly kind: 'symbol'; readonly name: string }
  | { readonly kind: 'constant'; readonly value: bigint }
  | { readonly kind: Operation; readonly left: Tree; readonly right: Tree };
type Operation = keyof typeof operations;

const operations = {
  plus: (a: bigint, b: bigint) => a + b,
  minus: (a: bigint, b: bigint) => a - b,
  times: (a: bigint, b: bigint) => a * b,
  floorDivide: (a: bigint, b: bigint) => (b === 0n ? undefined : floor(a, b)),
  truncatedDivide: (a: bigint, b: bigint) => (b === 0n ? undefined : a / b),
  ceilingDivide: (a: bigint, b: bigint) => (b === 0n ? undefined : -floor(-a, b)),
  modulo: (a: bigint, b: bigint) => (b === 0n ? undefined : a - b * floor(a, b)),
  /** Of what a run that succeeds divides without remainder. */
  wholeDivide: (a: bigint, b: bigint) => (b === 0n || a % b !== 0n ? undefined : a / b),
  minimum: (a: bigint, b: bigint) => (a < b ? a : b),
  maximum: (a: bigint, b: bigint) => (a > b ? a : b),
};

function floor(a: bigint, b: bigint): bigint {
  const remainder = ((a % b) + b) % b;
  return (a - remainder) / b;
}

const divisions: ReadonlySet<string> = new Set([
  'floorDivide',
  'truncatedDivide',
  'ceilingDivide',
  'modulo',
  'wholeDivide',
]);

/** undefined when the tree divides by something that is the constant 0. */
export function dimOf(tree: Tree): Dim | undefined {
  if (tree.kind === 'symbol') return tree.name === 'x' ? Dim.signed('x') : Dim.symbol(tree.name);
  if (tree.kind === 'constant') return Dim.of(tree.value);
  const left = dimOf(tree.left);
  const right = dimOf(tree.right);
  if (left === undefined || right === undefined) return undefined;
  if (divisions.has(tree.kind) && right.constant === 0n) return undefined;
  return left[tree.kind](right);
}

/** undefined when the tree divides by 0 at the point, or with a remainder where there must be none. */
export function valueOf(tree: Tree, point: ReadonlyMap<string, bigint>): bigint | undefined {
  if (tree.kind === 'symbol') return point.get(tree.name) ?? 0n;
  if (tree.kind === 'constant') return tree.value;
  const left = valueOf(tree.left, point);
  const right = valueOf(tree.right, point);
  return left === undefined || right === undefined ? undefined : operations[tree.kind](left, right);
}

const leaf: fc.Arbitrary<Tree> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('symbol' as const), name: fc.constantFrom('n', 'm', 'k', 'x') }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('constant' as const), value: fc.bigInt(-6n, 9n) }) },
);

function treesOf(names: readonly Operation[]): fc.Arbitrary<Tree> {
  return fc.letrec<{ tree: Tree }>((tie) => {
    const pair = fc.record({ kind: fc.constantFrom(...names), left: tie('tree'), right: tie('tree') });
    const part = fc.record({ kind: fc.constant('wholeDivide' as const), left: tie('tree'), right: divisor });
    const inner = names.includes('wholeDivide') ? [pair, part, part] : [pair];
    return { tree: fc.oneof({ maxDepth: 5, withCrossShrink: true }, leaf, ...inner) };
  }).tree;
}

const divisor: fc.Arbitrary<Tree> = fc.oneof(
  fc.record({ kind: fc.constant('constant' as const), value: fc.constantFrom(2n, 3n, 4n) }),
  fc.record({ kind: fc.constant('symbol' as const), name: fc.constantFrom('n', 'm') }),
);
const all = Object.keys(operations) as Operation[];
/** Without whole quotients: every one of these is a number wherever it does not divide by 0. */
export const trees = treesOf(all.filter((name) => name !== 'wholeDivide'));
/** With many whole quotients: numbers where nothing is left over. */
export const wholeTrees = treesOf([...all, 'plus', 'minus', 'times', 'times']);

const pointsOf = (size: (most: bigint) => fc.Arbitrary<bigint>): fc.Arbitrary<ReadonlyMap<string, bigint>> =>
  fc
    .record({ n: size(12n), m: size(12n), k: size(300n), x: fc.bigInt(-20n, 20n) })
    .map((record) => new Map(Object.entries(record)));
export const points = pointsOf((most) => fc.bigInt(0n, most));
/** Sizes that many numbers divide. */
export const evenPoints = pointsOf((most) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(0n, 12n, 24n, 60n, 120n) },
    { weight: 1, arbitrary: fc.bigInt(0n, most) },
  ),
);
