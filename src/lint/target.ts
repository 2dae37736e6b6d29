/** What a model is linted for: a TensorRT release, or a TensorRT-RTX release and the TensorRT whose parser it carries. */
import { UsageError } from '../base/errors.ts';
import { suggest } from '../base/suggest.ts';
import { anyMachine, checkRelease, type Machine, type MachineOptions, parseMachine } from './machine.ts';
import { aliasNames, resolveAlias } from './target-aliases.ts';
import { formatVersion, parseVersion, version, type Version } from './version.ts';

export type Product = 'tensorrt' | 'tensorrt-rtx';

export interface Target extends Machine {
  /** As the user named it, or `product@version` for a target out of a range. */
  readonly name: string;
  readonly product: Product;
  /** Release of the product itself. */
  readonly release: Version;
  /** The TensorRT whose parser it has; facts are looked up by this. */
  readonly version: Version;
}

/**
 * Releases with a public parser. 8.1 and 8.3 were platform releases (embedded); they take the facts of the release below.
 * Source: tags of onnx/onnx-tensorrt and the release notes up to 11.5 (2026-11-18).
 */
const tensorrtReleases: readonly Version[] = [
  ...minors(7, 0, 2),
  ...minors(8, 0, 6),
  ...minors(9, 0, 3),
  ...minors(10, 0, 16),
  ...minors(11, 0, 5),
];

/** TensorRT-RTX releases by the TensorRT of their time (same build day or number; behaviour compared with the parser). */
const rtxReleases: ReadonlyMap<Version, Version> = new Map([
  [version('1.4'), version('10.16')],
  [version('1.5'), version('11.0')],
  [version('1.6'), version('11.2')],
  [version('1.7'), version('11.4')],
]);

const products: readonly Product[] = ['tensorrt', 'tensorrt-rtx'];

/** The newest release of each living line: 8.6 (the last one on many devices), 10.16 and 11.5. */
export const defaultTargetNames: readonly string[] = ['tensorrt@8.6', 'tensorrt@10.16', 'tensorrt@11.5'];

export function defaultTargets(): readonly Target[] {
  return parseTargets(defaultTargetNames);
}

/** Every target that can be named by a release. */
export function allTargets(): readonly Target[] {
  return products.flatMap((product) => releasesOf(product).map((release) => targetOf(product, release)));
}

/**
 * Reads target texts as users write them: `tensorrt@8.6`, `tensorrt@8.6.1`, `tensorrt@8.6..10.3`, `tensorrt@>=10.0`,
 * `tensorrt-rtx@1.7`, `jetpack@6.2`, and comma lists of these; the default targets when none is given. Duplicates go; order stays.
 * UsageError when one is not understood,
 * and when a release that is named does not go with the machine; the default targets go with every one.
 */
export function parseTargets(
  texts: readonly string[] = defaultTargetNames,
  options?: MachineOptions,
): readonly Target[] {
  const machine = parseMachine(options);
  const targets = new Map<string, Target>();
  for (const text of texts)
    for (const item of text.split(','))
      if (item.trim() !== '')
        for (const target of parseItem(item.trim())) targets.set(target.name, onMachine(target, machine));
  if (targets.size === 0) throw new UsageError('no target is given', HINT);
  const isDefault =
    texts.length === defaultTargetNames.length && texts.every((text, index) => text === defaultTargetNames[index]);
  if (machine !== anyMachine && !isDefault)
    for (const { name, version: release } of targets.values()) checkRelease(name, release, machine);
  return [...targets.values()];
}

/** TensorRT-RTX, and from 11.0 on all of TensorRT, takes strongly typed networks only: no layer changes a type by itself. */
function onMachine(target: Target, machine: Machine): Target {
  return { ...target, ...machine, stronglyTyped: machine.stronglyTyped || target.stronglyTyped };
}

const HINT =
  'write PRODUCT@VERSION, such as tensorrt@8.6, tensorrt@8.6..10.3, tensorrt@>=10.0, tensorrt-rtx@1.7, jetpack@6.2 or ngc@24.05';

function parseItem(item: string): readonly Target[] {
  const at = Math.max(item.indexOf('@'), item.includes('@') ? -1 : item.indexOf(':'));
  const name = (at < 0 ? item : item.slice(0, at)).toLowerCase();
  const aliased = at < 0 ? undefined : resolveAlias(name, item.slice(at + 1).trim(), item);
  if (aliased !== undefined) return [targetOf('tensorrt', exactRelease('tensorrt', item, aliased), item.toLowerCase())];
  const product = products.find((candidate) => candidate === name);
  if (product === undefined) {
    const meant = suggest(name, [...products, ...aliasNames]);
    throw new UsageError(
      `target '${item}': '${name}' is not a product`,
      meant === undefined ? HINT : `did you mean ${meant}?`,
    );
  }
  if (at < 0) throw new UsageError(`target '${item}' names no version`, HINT);
  const wanted = item.slice(at + 1).replaceAll(' ', '');
  const range = rangeOf(product, item, wanted);
  if (range === undefined) return [targetOf(product, exactRelease(product, item, wanted), `${product}@${wanted}`)];
  const [low, high] = range;
  if (low > high) throw new UsageError(`target '${item}': the range is empty`, 'write the lower version first');
  const found = releasesOf(product).filter((release) => release >= low && release <= high);
  if (found.length === 0)
    throw new UsageError(`target '${item}': no known release lies in that range`, knownReleases(product));
  return found.map((release) => targetOf(product, release));
}

/** Inclusive bounds of `A..B`, `>=A`, `<=B`; undefined for a single version. */
function rangeOf(product: Product, item: string, wanted: string): readonly [Version, Version] | undefined {
  const releases = releasesOf(product);
  const oldest = releases[0] ?? 0;
  const newest = releases.at(-1) ?? 0;
  const dots = wanted.indexOf('..');
  if (dots >= 0) {
    const low = wanted.slice(0, dots);
    const high = wanted.slice(dots + 2);
    return [
      low === '' ? oldest : exactRelease(product, item, low),
      high === '' ? newest : exactRelease(product, item, high),
    ];
  }
  if (wanted.startsWith('>=')) return [exactRelease(product, item, wanted.slice(2)), newest];
  if (wanted.startsWith('<=')) return [oldest, exactRelease(product, item, wanted.slice(2))];
  return undefined;
}

function exactRelease(product: Product, item: string, text: string): Version {
  const wanted = parseVersion(text);
  const releases = releasesOf(product);
  if (wanted === undefined) {
    const meant = suggest(text, releases.map(formatVersion));
    throw new UsageError(
      `target '${item}': '${text}' is not a version`,
      meant === undefined ? HINT : `did you mean ${product}@${meant}?`,
    );
  }
  if (releases.includes(wanted)) return wanted;
  const name = formatVersion(wanted);
  const newest = releases.at(-1) ?? 0;
  if (wanted > newest)
    throw new UsageError(
      `target '${item}': nothing is known of ${product} ${name}`,
      `the newest release this version knows is ${product}@${formatVersion(newest)}`,
    );
  const below = releases.findLast((release) => release < wanted);
  throw new UsageError(
    `target '${item}': there is no ${product} ${name}`,
    below === undefined ? knownReleases(product) : `did you mean ${product}@${formatVersion(below)}?`,
  );
}

export function releasesOf(product: Product): readonly Version[] {
  return product === 'tensorrt' ? tensorrtReleases : [...rtxReleases.keys()];
}

function targetOf(product: Product, release: Version, name = `${product}@${formatVersion(release)}`): Target {
  const parser = product === 'tensorrt' ? release : (rtxReleases.get(release) ?? release);
  const stronglyTyped = product === 'tensorrt-rtx' || parser >= version('11.0');
  return { ...anyMachine, name, product, release, version: parser, stronglyTyped };
}

function knownReleases(product: Product): string {
  const releases = releasesOf(product);
  return `known are ${product}@${formatVersion(releases[0] ?? 0)} to ${formatVersion(releases.at(-1) ?? 0)}`;
}

function minors(major: number, first: number, last: number): Version[] {
  return Array.from({ length: last - first + 1 }, (_, index) => parseVersion(`${major}.${first + index}`) ?? 0);
}
