/** Range: max(ceil((limit - start) / delta), 0) numbers. https://onnx.ai/onnx/operators/onnx__Range.html */
import { Dim } from '../dim.ts';
import { MAXIMUM_KNOWN_ELEMENTS } from '../fact.ts';
import { law, type LawContext } from '../law.ts';
import { fractionsOf } from './fractions.ts';
import { typeOfInputs } from './support.ts';
import { carriesElements, fitting } from './values.ts';

export const range = law(['Range', 'com.microsoft::Range'], (context) => {
  const dataType = typeOfInputs(context, 0, 1, 2);
  if (carriesElements(context.input(0)) || carriesElements(context.input(1))) return wholeRange(context);
  const [start, limit, delta] = [0, 1, 2].map((index) => context.floats(index)?.[0]);
  // Double and float agree on the count unless the quotient is a hair from a whole number.
  const count =
    start === undefined || limit === undefined || delta === undefined ? undefined : steps(start, limit, delta);
  const length = count === undefined ? fractionalSteps(context) : Dim.of(count);
  context.output(0, { dataType, shape: [length ?? context.unknownDim(0, 0)] });
});

/** From a whole start by whole steps, every number on the way is exact. */
function fractionalSteps(context: LawContext): Dim | undefined {
  const [start, limit, delta] = [0, 1, 2].map((index) => fractionsOf(context, index)?.[0]);
  if (start?.denominator.constant !== 1n || limit?.denominator.constant !== 1n || delta?.denominator.constant !== 1n)
    return undefined;
  const { constant } = delta.numerator;
  if (constant === undefined || constant === 0n) return undefined;
  return limit.numerator.minus(start.numerator).ceilingDivide(delta.numerator).maximum(Dim.zero);
}

function wholeRange(context: LawContext): void {
  const dataType = typeOfInputs(context, 0, 1, 2);
  const [start, limit, step] = [0, 1, 2].map((index) => context.elements(index)?.[0]);
  // That of com.microsoft goes by 1 where it is told nothing.
  const delta = context.input(2) === undefined ? Dim.one : step;
  if (delta?.constant === 0n) context.contradiction('a delta of 0');
  if (start === undefined || limit === undefined || delta?.constant === undefined)
    return context.output(0, { dataType, shape: [context.unknownDim(0, 0)] });
  const length = limit.minus(start).ceilingDivide(delta).maximum(Dim.zero);
  const count = length.constant;
  const elements =
    count === undefined || count > BigInt(MAXIMUM_KNOWN_ELEMENTS)
      ? undefined
      : Array.from({ length: Number(count) }, (_, index) => start.plus(delta.times(Dim.of(index))));
  context.output(0, { dataType, shape: [length], elements: fitting(dataType, elements) });
}

const SAFE_DISTANCE = 1e-4;

function steps(start: number, limit: number, delta: number): number | undefined {
  const exact = (limit - start) / delta;
  if (!Number.isFinite(exact)) return undefined;
  const nearest = Math.round(exact);
  if (nearest !== exact && Math.abs(exact - nearest) < SAFE_DISTANCE * Math.max(1, Math.abs(exact))) return undefined;
  return Math.max(0, Math.ceil(exact));
}
