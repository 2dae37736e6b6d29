/** Writing into a copy of the data. https://onnx.ai/onnx/operators/onnx__ScatterND.html */
import type { Dim } from '../dim.ts';
import { law, type LawContext } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import { carriesElements, knownArray } from './values.ts';

export const scatter = law(['Scatter', 'ScatterElements', 'ScatterND'], (context) => {
  const shape = shapeOf(context, 0);
  context.output(0, { dataType: typeOfInputs(context, 0, 2), shape, elements: scattered(context) });
});

/** Shape vectors only: one axis, plain assignment, indices that are numbers. */
function scattered(context: LawContext): readonly Dim[] | undefined {
  if (!carriesElements(context.input(0)) || (context.attributes.string('reduction') ?? 'none') !== 'none')
    return undefined;
  const data = knownArray(context, 0);
  const updates = knownArray(context, 2);
  const indices = context.integers(1);
  if (data?.dims.length !== 1 || updates?.elements.length !== indices?.length || indices === undefined)
    return undefined;
  const elements = [...data.elements];
  for (const [position, index] of indices.entries()) {
    const at = Number(index < 0n ? index + BigInt(elements.length) : index);
    const update = updates?.elements[position];
    if (update === undefined || at < 0 || at >= elements.length) return undefined;
    elements[at] = update;
  }
  return elements;
}
