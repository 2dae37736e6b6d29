/**
 * What is selected by value: how many elements stay depends on the data.
 * https://onnx.ai/onnx/operators/onnx__Compress.html
 */
import { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { firstOutput, product, shapeOf, shapeOfRank, shapeOfRankAtLeast, typeOfInputs, withDim } from './support.ts';

/** Slices along `axis`, or elements of the flattened input, for which the condition is true. */
export const compress = law(['Compress'], (context) => {
  const dataType = typeOfInputs(context, 0);
  const input = shapeOfRankAtLeast(context, 0, 1);
  shapeOfRank(context, 1, 1);
  const kept = context.integers(1)?.flatMap((element, index) => (element !== 0n ? [index] : []));
  const selected = kept?.length;
  const count = (axis: number): Dim => (selected === undefined ? context.unknownDim(0, axis) : Dim.of(selected));
  if (!context.attributes.has('axis')) {
    context.output(0, { dataType, shape: [count(0)], elements: picked(context, kept) });
    return;
  }
  if (input === undefined) {
    context.output(0, { dataType });
    return;
  }
  const axis = normalAxis(context, context.attributes.number('axis') ?? 0, input.length);
  const elements = input.length === 1 ? picked(context, kept) : undefined;
  context.output(0, { dataType, shape: withDim(input, axis, count(axis)), elements });
});

/** Elements of the flattened input. */
function picked(context: LawContext, kept: readonly number[] | undefined): readonly Dim[] | undefined {
  const elements = context.elements(0);
  const results = kept?.map((index) => elements?.[index]);
  return results?.every((element) => element !== undefined) === true ? results : undefined;
}

/** Outputs: the unique values or slices, where each was first seen, which one each input is, how often each occurs. */
export const unique = law(['Unique'], (context) => {
  const input = shapeOf(context, 0);
  const along = context.attributes.number('axis');
  const axis = along === undefined || input === undefined ? undefined : normalAxis(context, along, input.length);
  const count = context.unknownDim(firstOutput(context), axis ?? 0);
  const slices = input !== undefined && axis !== undefined ? withDim(input, axis, count) : undefined;
  context.output(0, { dataType: typeOfInputs(context, 0), shape: along === undefined ? [count] : slices });
  context.output(1, { dataType: 'int64', shape: [count] });
  if (context.node.outputs[2] !== undefined) {
    const all = along === undefined ? input && product(input) : input?.[axis ?? 0];
    context.output(2, { dataType: 'int64', shape: [all ?? context.unknownDim(2, 0)] });
  }
  context.output(3, { dataType: 'int64', shape: [count] });
});

/** [selected, 3]: batch, class and box. https://onnx.ai/onnx/operators/onnx__NonMaxSuppression.html */
export const nonMaximumSuppression = law(['NonMaxSuppression'], (context) => {
  shapeOfRank(context, 0, 3);
  shapeOfRank(context, 1, 3);
  context.output(0, { dataType: 'int64', shape: [context.unknownDim(0, 0), Dim.of(3)] });
});
