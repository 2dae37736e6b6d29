/** StringConcat StringSplit StringNormalizer RegexFullMatch, on UTF-8. */
import { bytesOf, textOf } from '../../ir/attribute.ts';
import { int64Array, isStringData, type NDArray } from '../array.ts';
import { commonDims } from '../elementwise.ts';
import { type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { gatherStrided } from '../move.ts';
import { refuse } from '../refusal.ts';
import { broadcastStrides } from '../strided.ts';

function textsIn(array: NDArray): string[] {
  return isStringData(array.data) ? array.data.map(textOf) : refuse('strings were expected');
}

function stringArray(dims: readonly number[], texts: readonly string[]): NDArray {
  return { dataType: 'string', dims, data: texts.map(bytesOf) };
}

function runStringConcat(context: KernelContext): NDArray {
  const [a, b] = [context.input(0), context.input(1)];
  const dims = commonDims(a, b);
  const [left, right] = [a, b].map((array) =>
    textsIn(gatherStrided(array, dims, broadcastStrides(array.dims, dims))),
  ) as [string[], string[]];
  return stringArray(
    dims,
    left.map((text, index) => text + (right[index] ?? '')),
  );
}

/** Python's str.split: without a delimiter at runs of white space; after `limit` cuts the rest is one part. */
function splitText(text: string, delimiter: string, limit: number): string[] {
  const parts: string[] = [];
  let rest = delimiter === '' ? text.trim() : text;
  if (delimiter === '' && rest === '') return [];
  while (parts.length < limit) {
    const found = delimiter === '' ? /\s+/.exec(rest) : null;
    const at = delimiter === '' ? (found?.index ?? -1) : rest.indexOf(delimiter);
    if (at < 0) break;
    parts.push(rest.slice(0, at));
    rest = rest.slice(at + (delimiter === '' ? (found?.[0].length ?? 0) : delimiter.length));
  }
  return [...parts, rest];
}

function runStringSplit(context: KernelContext): readonly NDArray[] {
  const array = context.input(0);
  const delimiter = context.attributes.string('delimiter') ?? '';
  const limit = context.attributes.number('maxsplit') ?? Infinity;
  const lists = textsIn(array).map((text) => splitText(text, delimiter, limit < 0 ? Infinity : limit));
  const width = Math.max(0, ...lists.map(({ length }) => length));
  const padded = lists.flatMap((list) => Array.from({ length: width }, (_, index) => list[index] ?? ''));
  return [
    stringArray([...array.dims, width], padded),
    int64Array(
      lists.map(({ length }) => length),
      array.dims,
    ),
  ];
}

function runStringNormalizer(context: KernelContext): NDArray {
  const array = context.input(0);
  if (array.dims.length > 2 || (array.dims.length === 2 && array.dims[0] !== 1))
    return refuse('StringNormalizer of other than [C] or [1, C]');
  const texts = textsIn(array);
  const stopwords = context.attributes.strings('stopwords') ?? [];
  // Case outside ASCII depends on the locale.
  if ([...texts, ...stopwords].some((text) => /[^\0-\x7f]/.test(text)))
    context.disputed('the case of letters outside ASCII depends on the locale');
  const action = context.attributes.string('case_change_action') ?? 'NONE';
  const change = (text: string): string =>
    action === 'LOWER' ? text.toLowerCase() : action === 'UPPER' ? text.toUpperCase() : text;
  const isSensitive = context.flag('is_case_sensitive');
  const key = (text: string): string => (isSensitive ? text : text.toLowerCase());
  const stops = new Set(stopwords.map(key));
  const kept = texts.filter((text) => !stops.has(key(text))).map(change);
  const result = kept.length === 0 ? [''] : kept;
  return stringArray(array.dims.length === 2 ? [1, result.length] : [result.length], result);
}

/** Patterns are of RE2; what means the same there and here is taken, the rest is refused (white space is not the same). */
function runRegexFullMatch(context: KernelContext): NDArray {
  const array = context.input(0);
  const pattern = context.attributes.string('pattern') ?? refuse('RegexFullMatch has no pattern');
  if (/\(\?|\\[^wdbWDB.\\+*?()[\]{}|^$/@-]|\[\[/.test(pattern))
    return refuse(`the pattern '${pattern}' is beyond the common syntax`);
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})$`, 'u');
  } catch {
    return refuse(`the pattern '${pattern}' is beyond the common syntax`);
  }
  const data = Uint8Array.from(textsIn(array), (text) => (expression.test(text) ? 1 : 0));
  return { dataType: 'bool', dims: array.dims, data };
}

export const textKernels: readonly Kernel[] = [
  kernel(['StringConcat'], { exactness: 'exact', run: runStringConcat }),
  kernel(['StringSplit'], { exactness: 'exact', run: runStringSplit }),
  kernel(['StringNormalizer'], { exactness: 'exact', run: runStringNormalizer }),
  kernel(['RegexFullMatch'], { exactness: 'exact', run: runRegexFullMatch }),
];
