/**
 * Einsum: letters name axes; those of the output term are kept, in its order. Without an output term the axes of an
 * ellipsis come first and then, sorted, the letters that occur once.
 * https://onnx.ai/onnx/operators/onnx__Einsum.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

const ELLIPSIS = '...';

type Term = readonly string[];

export const einsum = law(['Einsum'], (context) => {
  const indices = Array.from({ length: context.inputCount }, (_, index) => index);
  context.output(0, { dataType: typeOfInputs(context, ...indices), shape: outputShape(context) });
});

interface Equation {
  readonly text: string;
  readonly operands: readonly Term[];
  readonly output: Term;
}

function outputShape(context: LawContext): readonly Dim[] | undefined {
  const equation = equationOf(context);
  const { sizes, ellipsisRank } = axesOfOperands(context, equation);
  if (equation.output.includes(ELLIPSIS) && ellipsisRank === undefined) return undefined;
  const labels = equation.output.flatMap((label) =>
    label === ELLIPSIS ? Array.from({ length: ellipsisRank ?? 0 }, (_, axis) => ellipsisLabel(axis)) : [label],
  );
  const output = labels.map((label) => {
    const own = sizes.get(label);
    if (own === undefined) context.contradiction(`Einsum has '${label}' in the output only: '${equation.text}'`);
    return own;
  });
  for (const [label, own] of sizes) if (!labels.includes(label)) checkSummed(context, own, label);
  return joinedDims(context, output);
}

/** The operands' sizes along each output axis, joined as broadcasting does. */
function joinedDims(context: LawContext, axes: readonly (readonly (Dim | undefined)[])[]): readonly Dim[] | undefined {
  const count = Math.max(0, ...axes.map((sizes) => sizes.length));
  const shapes = Array.from({ length: count }, (_, index) => axes.map((sizes) => sizes[index] ?? Dim.one));
  const joined = context.broadcast(0, shapes);
  return axes.map((sizes, axis) => {
    const dim = joined?.[axis];
    // An operand of unknown rank may have any size there, unless another one decides.
    if (dim === undefined || (sizes.includes(undefined) && !isFixed(dim))) return context.unknownDim(0, axis);
    return dim;
  });
}

function equationOf(context: LawContext): Equation {
  const text = (context.attributes.string('equation') ?? '').replaceAll(' ', '');
  const [left = '', right, ...beyond] = text.split('->');
  const operands = left.split(',').map(parseTerm);
  const known = operands.filter((term) => term !== undefined);
  const output = right === undefined ? implicitOutput(known) : parseTerm(right);
  if (output === undefined || beyond.length > 0 || known.length < operands.length)
    context.contradiction(`Einsum cannot read the equation '${text}'`);
  if (known.length !== context.inputCount)
    context.contradiction(`Einsum has ${context.inputCount} inputs for ${known.length} terms: '${text}'`);
  return { text, operands: known, output };
}

/** Letters and ellipses of one term; undefined when there is anything else in it, or a second ellipsis. */
function parseTerm(text: string): Term | undefined {
  const term: Term = text.match(/\.\.\.|[A-Za-z]/g) ?? [];
  const isWhole = term.join('') === text && term.indexOf(ELLIPSIS) === term.lastIndexOf(ELLIPSIS);
  return isWhole ? term : undefined;
}

function implicitOutput(operands: readonly Term[]): Term {
  const labels = operands.flat();
  const letters = labels.filter((label) => label !== ELLIPSIS);
  const single = letters.filter((letter) => letters.indexOf(letter) === letters.lastIndexOf(letter));
  return [...(labels.includes(ELLIPSIS) ? [ELLIPSIS] : []), ...single.sort((a, b) => (a < b ? -1 : 1))];
}

/** The axes that an ellipsis stands for are named by digits, which no letter is. */
function ellipsisLabel(axis: number): string {
  return String(axis);
}

interface Axes {
  /** All sizes that an axis has in the operands; undefined for one in an operand of unknown rank. */
  readonly sizes: ReadonlyMap<string, readonly (Dim | undefined)[]>;
  readonly ellipsisRank: number | undefined;
}

function axesOfOperands(context: LawContext, { operands, text }: Equation): Axes {
  const sizes = new Map<string, (Dim | undefined)[]>();
  const ranks = operands.map((term, index) => {
    if (!term.includes(ELLIPSIS)) return 0;
    const shape = shapeOf(context, index);
    return shape === undefined ? undefined : shape.length - (term.length - 1);
  });
  const ellipsisRank = ranks.includes(undefined) ? undefined : Math.max(0, ...ranks.map((rank) => rank ?? 0));
  operands.forEach((term, index) => {
    const shape = shapeOf(context, index);
    const labels = shape === undefined ? undefined : labelsOf(term, shape.length, ellipsisRank);
    if (shape !== undefined && labels === undefined)
      context.contradiction(`input ${index} of Einsum has rank ${shape.length}, which does not fit '${text}'`);
    const own = new Map<string, Dim | undefined>();
    (labels ?? term).forEach((label, axis) => {
      if (label === '' || label === ELLIPSIS) return;
      const size = shape?.[axis];
      const before = own.get(label);
      // A letter twice in one operand is its diagonal.
      const isDiagonal = before !== undefined && size !== undefined;
      own.set(label, isDiagonal ? context.unify(before, size, `the axes '${label}' of input ${index}`) : size);
    });
    for (const [label, size] of own) {
      const list = sizes.get(label) ?? [];
      list.push(size);
      sizes.set(label, list);
    }
  });
  return { sizes, ellipsisRank };
}

/** A label for each axis of an operand; '' for those of an ellipsis whose rank is not known. Undefined when they do not fit. */
function labelsOf(term: Term, rank: number, ellipsisRank: number | undefined): readonly string[] | undefined {
  if (!term.includes(ELLIPSIS)) return term.length === rank ? term : undefined;
  const own = rank - (term.length - 1);
  if (own < 0) return undefined;
  // Like numpy, ellipses of several lengths are aligned at their ends.
  const name = (axis: number): string => (ellipsisRank === undefined ? '' : ellipsisLabel(ellipsisRank - own + axis));
  return term.flatMap((label) => (label === ELLIPSIS ? Array.from({ length: own }, (_, axis) => name(axis)) : [label]));
}

/** Operands agree on an axis that is summed over, or have size 1 there, which runtimes broadcast. */
function checkSummed(context: LawContext, sizes: readonly (Dim | undefined)[], label: string): void {
  const [first, ...others] = sizes.filter((size) => size !== undefined && isFixed(size));
  for (const other of others)
    if (first !== undefined && other?.equals(first) === false)
      context.contradiction(`Einsum has sizes ${first.toString()} and ${other.toString()} for '${label}'`);
}

/** A number that does not broadcast. */
function isFixed(dim: Dim | undefined): boolean {
  return dim?.constant !== undefined && dim.constant !== 1n;
}
