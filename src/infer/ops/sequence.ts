/**
 * Sequences of tensors: what is known is the type that all their elements have in common.
 * https://onnx.ai/onnx/operators/onnx__SequenceConstruct.html
 */
import { type Dimension, tensorType, type ValueType } from '../../ir/value-type.ts';
import { withDimensions } from '../declared.ts';
import { Dim } from '../dim.ts';
import { type Fact, UNKNOWN_FACT } from '../fact.ts';
import { law, normalAxis, type LawContext } from '../law.ts';
import { commonType, dimOf, factOfType, typeOfFact } from './element-type.ts';
import { shapeOf, typeAttribute, typeOfInputs } from './support.ts';

function elementOf(context: LawContext, index: number): ValueType | undefined {
  const type = context.input(index)?.otherType;
  return type?.kind === 'sequence' ? type.element : undefined;
}

function outputSequence(context: LawContext, element: ValueType | undefined): void {
  context.output(0, { otherType: { kind: 'sequence', element } });
}

export const sequenceConstruct = law(['SequenceConstruct'], (context) => {
  const [first, ...others] = Array.from({ length: context.inputCount }, (_, index) => typeOfFact(context.input(index)));
  outputSequence(context, others.reduce(commonType, first));
});

export const sequenceEmpty = law(['SequenceEmpty'], (context) => {
  // `dtype` has no default in the schema; by its text it is float.
  const dataType = context.attributes.has('dtype') ? typeAttribute(context, 'dtype') : 'float';
  outputSequence(context, tensorType(dataType));
});

export const sequenceInsert = law(['SequenceInsert'], (context) => {
  outputSequence(context, commonType(elementOf(context, 0), typeOfFact(context.input(1))));
});

export const sequenceErase = law(['SequenceErase'], (context) => {
  outputSequence(context, elementOf(context, 0));
});

export const sequenceAt = law(['SequenceAt'], (context) => {
  context.output(0, factOfType(context, 0, elementOf(context, 0)));
});

export const sequenceLength = law(['SequenceLength'], (context) => {
  context.output(0, { dataType: 'int64', shape: [] });
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
  outputSequence(context, tensorType(typeOfInputs(context, 0), pieceShape(context)));
});

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
  const element = elementOf(context, 0);
  if (element?.kind !== 'tensor') return;
  context.output(0, { dataType: element.dataType, shape: element.shape && joinedShape(context, element.shape) });
});

function joinedShape(context: LawContext, element: readonly Dimension[]): readonly Dim[] {
  const isNew = (context.attributes.int('new_axis') ?? 0n) !== 0n;
  const rank = element.length + (isNew ? 1 : 0);
  const axis = normalAxis(context, context.attributes.number('axis') ?? 0, rank);
  const dimensions = isNew ? element.toSpliced(axis, 0, undefined) : element.with(axis, undefined);
  return dimensions.map((dimension, index) => dimOf(dimension) ?? context.unknownDim(0, index));
}
