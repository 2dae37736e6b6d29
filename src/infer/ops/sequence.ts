/**
 * Sequences of tensors: what is known is the type that all their elements have in common.
 * https://onnx.ai/onnx/operators/onnx__SequenceConstruct.html
 */
import { type Dimension, tensorType, type ValueType } from '../../ir/value-type.ts';
import { withDimensions } from '../declared.ts';
import { Dim } from '../dim.ts';
import { type Fact, MAXIMUM_KNOWN_ITEMS, UNKNOWN_FACT } from '../fact.ts';
import { law, normalAxis, type LawContext, type OutputFact } from '../law.ts';
import { commonType, dimOf, factOfType, typeOfFact } from './element-type.ts';
import { shapeOf, typeAttribute, typeOfInputs } from './support.ts';

function elementOf(context: LawContext, index: number): ValueType | undefined {
  const type = context.input(index)?.otherType;
  return type?.kind === 'sequence' ? type.element : undefined;
}

/** A sequence whose items are known says of its elements what they have in common. */
function outputSequence(
  context: LawContext,
  element: ValueType | undefined,
  items: readonly Fact[] | undefined = undefined,
): void {
  const [first, ...others] = items?.map(typeOfFact) ?? [];
  const common = first === undefined ? element : others.reduce(commonType, first);
  context.output(0, { otherType: { kind: 'sequence', element: common }, items });
}

export const sequenceConstruct = law(['SequenceConstruct'], (context) => {
  const items = Array.from({ length: context.inputCount }, (_, index) => context.input(index) ?? UNKNOWN_FACT);
  outputSequence(context, undefined, items);
});

export const sequenceEmpty = law(['SequenceEmpty'], (context) => {
  // `dtype` has no default in the schema; by its text it is float.
  const dataType = context.attributes.has('dtype') ? typeAttribute(context, 'dtype') : 'float';
  outputSequence(context, tensorType(dataType), []);
});

export const sequenceInsert = law(['SequenceInsert'], (context) => {
  const inserted = context.input(1);
  const items = context.input(0)?.items;
  const at = items && positionIn(context, 2, items.length, items.length);
  outputSequence(
    context,
    commonType(elementOf(context, 0), typeOfFact(inserted)),
    at === undefined ? undefined : items?.toSpliced(at, 0, inserted ?? UNKNOWN_FACT),
  );
});

export const sequenceErase = law(['SequenceErase'], (context) => {
  const items = context.input(0)?.items;
  const at = items && positionIn(context, 1, items.length - 1, items.length - 1);
  outputSequence(context, elementOf(context, 0), at === undefined ? undefined : items?.toSpliced(at, 1));
});

export const sequenceAt = law(['SequenceAt'], (context) => {
  const items = context.input(0)?.items;
  const at = items && positionIn(context, 1, items.length - 1, undefined);
  const item = at === undefined ? undefined : items?.[at];
  context.output(0, item ?? factOfType(context, 0, elementOf(context, 0)));
});

/** The position that an input names, counted from the end if negative; `otherwise` when it is left out. */
function positionIn(
  context: LawContext,
  input: number,
  last: number,
  otherwise: number | undefined,
): number | undefined {
  if (context.input(input) === undefined) return otherwise;
  const given = context.integers(input)?.[0];
  if (given === undefined) return undefined;
  const length = context.input(0)?.items?.length ?? 0;
  const at = Number(given) + (given < 0n ? length : 0);
  if (at < 0 || at > last) context.contradiction(`position ${given} is out of range for a sequence of ${length}`);
  return at;
}

export const sequenceLength = law(['SequenceLength'], (context) => {
  const length = context.input(0)?.items?.length;
  context.output(0, { dataType: 'int64', shape: [], elements: length === undefined ? undefined : [Dim.of(length)] });
});

/** The body is called for each element; dimensions that may differ from call to call are open. */
export const sequenceMap = law(['SequenceMap'], (context) => {
  const body = context.attributes.graph('body');
  if (body === undefined) return;
  const results = context.inferBody(
    body,
    body.inputs.map((value, index): Fact | undefined => {
      const fact = context.input(index);
      if (fact?.otherType?.kind !== 'sequence') return fact;
      const { element } = fact.otherType;
      return element?.kind === 'tensor'
        ? {
            ...UNKNOWN_FACT,
            dataType: element.dataType,
            shape: element.shape?.map((dimension, axis) => dimOf(dimension) ?? context.unknownDimOf(value, axis)),
          }
        : undefined;
    }),
  );
  results.forEach((result, index) => {
    const element = typeOfFact(result);
    const isOpen = (dimension: Dimension): boolean =>
      typeof dimension === 'string' && context.isLocal(Dim.symbol(dimension), body);
    context.output(index, {
      otherType: {
        kind: 'sequence',
        element: element && withDimensions(element, (dimension) => (isOpen(dimension) ? undefined : dimension)),
      },
    });
  });
});

/**
 * Pieces of size 1 along `axis`, which goes away unless keepdims; with `split`, a scalar for equal pieces (the last one
 * may be smaller) or a vector of sizes, it stays. https://onnx.ai/onnx/operators/onnx__SplitToSequence.html
 */
export const splitToSequence = law(['SplitToSequence'], (context) => {
  outputSequence(context, tensorType(typeOfInputs(context, 0), pieceShape(context)), piecesOf(context));
});

/** Each piece, where it is known how many there are. */
function piecesOf(context: LawContext): readonly Fact[] | undefined {
  const input = shapeOf(context, 0);
  if (input === undefined) return undefined;
  const axis = normalAxis(context, context.attributes.number('axis') ?? 0, input.length);
  const sizes = pieceSizes(context, input[axis]?.constant);
  if (sizes === undefined || sizes.length > MAXIMUM_KNOWN_ITEMS) return undefined;
  const drops = context.input(1) === undefined && (context.attributes.int('keepdims') ?? 1n) === 0n;
  const dataType = typeOfInputs(context, 0);
  return sizes.map((size) => ({
    ...UNKNOWN_FACT,
    dataType,
    shape: drops ? input.toSpliced(axis, 1) : input.with(axis, Dim.of(size)),
  }));
}

function pieceSizes(context: LawContext, whole: bigint | undefined): readonly bigint[] | undefined {
  const given = context.input(1) === undefined ? [1n] : context.integers(1);
  if (given === undefined) return undefined;
  if (context.input(1) !== undefined && shapeOf(context, 1)?.length === 1) {
    const sum = given.reduce((total, size) => total + size, 0n);
    if (whole !== undefined && sum !== whole) context.contradiction(`its sizes add up to ${sum}, not to ${whole}`);
    return given;
  }
  const [size = 1n] = given;
  if (whole === undefined || size <= 0n || whole > size * BigInt(MAXIMUM_KNOWN_ITEMS)) return undefined;
  const count = Number((whole + size - 1n) / size);
  return Array.from({ length: count }, (_, index) => (index < count - 1 ? size : whole - size * BigInt(count - 1)));
}

function pieceShape(context: LawContext): readonly Dimension[] | undefined {
  const input = shapeOf(context, 0);
  if (input === undefined) return undefined;
  const whole = typeOfFact(context.input(0));
  const dimensions = whole?.kind === 'tensor' ? (whole.shape ?? []) : [];
  const axis = normalAxis(context, context.attributes.number('axis') ?? 0, input.length);
  const isSplit = context.input(1) !== undefined;
  if (!isSplit && (context.attributes.int('keepdims') ?? 1n) === 0n) return dimensions.toSpliced(axis, 1);
  return dimensions.with(axis, isSplit ? pieceSize(context, input[axis]) : 1);
}

function pieceSize(context: LawContext, whole: Dim | undefined): Dimension {
  const sizes = context.integers(1);
  const [size] = sizes ?? [];
  if (sizes === undefined || size === undefined || sizes.some((other) => other !== size)) return undefined;
  const isScalar = shapeOf(context, 1)?.length === 0;
  if (isScalar && size <= 0n) context.contradiction(`SplitToSequence splits into pieces of size ${size}`);
  const isEven = !isScalar || size === 1n || (size > 0n && whole?.divideExactly(Dim.of(size)) !== undefined);
  return isEven ? Number(size) : undefined;
}

/** Joins along an axis, or along a new one. https://onnx.ai/onnx/operators/onnx__ConcatFromSequence.html */
export const concatFromSequence = law(['ConcatFromSequence'], (context) => {
  const items = context.input(0)?.items;
  const together = items && joinedItems(context, items);
  if (together !== undefined) return context.output(0, together);
  const element = elementOf(context, 0);
  if (element?.kind !== 'tensor') return;
  context.output(0, { dataType: element.dataType, shape: element.shape && joinedShape(context, element.shape) });
});

function joinedItems(context: LawContext, items: readonly Fact[]): OutputFact | undefined {
  const [first] = items;
  if (first?.shape === undefined) return undefined;
  const isNew = (context.attributes.int('new_axis') ?? 0n) !== 0n;
  const rank = first.shape.length + (isNew ? 1 : 0);
  const axis = normalAxis(context, context.attributes.number('axis') ?? 0, rank);
  const widened = ({ shape }: Fact): readonly Dim[] | undefined =>
    isNew ? shape?.toSpliced(axis, 0, Dim.of(items.length)) : shape;
  let shape = widened(first) ?? [];
  for (const item of items.slice(1)) {
    const other = widened(item);
    // ONNX's own tests join what cannot be joined, and expect what the elements have in common.
    if (other?.length !== rank || other.some((dim, at) => at !== axis && shape[at]?.differs(dim) === true))
      return undefined;
    shape = shape.map((dim, at) => {
      if (at !== axis) return context.unify(dim, other[at] ?? dim, `dimensions ${at} of the elements`);
      return isNew ? dim : dim.plus(other[at] ?? Dim.zero);
    });
  }
  return { dataType: first.dataType, shape };
}

function joinedShape(context: LawContext, element: readonly Dimension[]): readonly Dim[] {
  const isNew = (context.attributes.int('new_axis') ?? 0n) !== 0n;
  const rank = element.length + (isNew ? 1 : 0);
  const axis = normalAxis(context, context.attributes.number('axis') ?? 0, rank);
  const dimensions = isNew ? element.toSpliced(axis, 0, undefined) : element.with(axis, undefined);
  return dimensions.map((dimension, index) => dimOf(dimension) ?? context.unknownDim(0, index));
}
