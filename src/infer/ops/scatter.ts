/** Writing into a copy of the data. https://onnx.ai/onnx/operators/onnx__ScatterND.html */
import type { Dim } from '../dim.ts';
import { law, type LawContext, normalAxis } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import {
  carriesElements,
  fitting,
  flatIndex,
  isSmall,
  knownArray,
  positionsOf,
  staticDims,
  stridesOf,
} from './values.ts';

export const scatter = law(['Scatter', 'ScatterElements', 'ScatterND'], (context) => {
  const dataType = typeOfInputs(context, 0, 2);
  context.output(0, { dataType, shape: shapeOf(context, 0), elements: fitting(dataType, scattered(context)) });
});

type Combine = (old: Dim, update: Dim) => Dim;

const reductions: Readonly<Record<string, Combine>> = {
  none: (_, update) => update,
  add: (old, update) => old.plus(update),
  mul: (old, update) => old.times(update),
  max: (old, update) => old.maximum(update),
  min: (old, update) => old.minimum(update),
};

/** Where the indices are numbers. */
function scattered(context: LawContext): readonly Dim[] | undefined {
  const combine = reductions[context.attributes.string('reduction') ?? 'none'];
  // What adding up truths gives is not theirs to say.
  if (combine !== reductions['none'] && context.input(0)?.dataType === 'bool') return undefined;
  const data = carriesElements(context.input(0)) ? knownArray(context, 0) : undefined;
  const updates = knownArray(context, 2);
  const places = data === undefined ? undefined : placesOf(context, data.dims);
  if (combine === undefined || data === undefined || places?.length !== updates?.elements.length) return undefined;
  const elements = [...data.elements];
  const written = new Set<number>();
  for (const [position, at] of (places ?? []).entries()) {
    const [old, update] = [elements[at], updates?.elements[position]];
    // Which of two updates of one element counts is not defined where they are not combined.
    if (old === undefined || update === undefined || (combine === reductions['none'] && written.has(at)))
      return undefined;
    written.add(at);
    elements[at] = combine(old, update);
  }
  return elements;
}

/** For each update in order, the flat index of the element that it is written to. */
function placesOf(context: LawContext, dims: readonly number[]): readonly number[] | undefined {
  const indices = context.integers(1);
  const indexDims = staticDims(shapeOf(context, 1));
  if (indices === undefined || indexDims === undefined || !isSmall(indexDims)) return undefined;
  const strides = stridesOf(dims);
  const wrap = (index: bigint | undefined, axis: number): number => {
    const length = dims[axis] ?? 0;
    const number = Number(index ?? 0n);
    if (number < -length || number >= length)
      context.contradiction(`index ${number} is out of range for an axis of size ${length}`);
    return number < 0 ? number + length : number;
  };
  if (context.node.opType === 'ScatterND') {
    const depth = indexDims.at(-1) ?? 0;
    const inner = dims.slice(depth);
    if (!isSmall([...indexDims.slice(0, -1), ...inner])) return undefined;
    return positionsOf(indexDims.slice(0, -1)).flatMap((_, place) => {
      const parts = indices.slice(place * depth, (place + 1) * depth).map(wrap);
      return positionsOf(inner).map((position) => flatIndex([...parts, ...position], strides));
    });
  }
  if (dims.length === 0 || indexDims.length !== dims.length) return undefined;
  const axis = normalAxis(context, context.attributes.int('axis') ?? 0n, dims.length);
  return positionsOf(indexDims).map((position, place) =>
    flatIndex(
      position.map((index, at) => (at === axis ? wrap(indices[place], axis) : index)),
      strides,
    ),
  );
}
