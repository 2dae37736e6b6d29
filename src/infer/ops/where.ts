/** Where chooses element by element. https://onnx.ai/onnx/operators/onnx__Where.html */
import { Dim } from '../dim.ts';
import { law } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';
import { carriesElements, combined, knownArray } from './values.ts';

export const where = law(['Where'], (context) => {
  const dataType = typeOfInputs(context, 1, 2);
  const shape = context.broadcast(0, [shapeOf(context, 0), shapeOf(context, 1), shapeOf(context, 2)]);
  const [yes, no] = [knownArray(context, 1), knownArray(context, 2)];
  if (!carriesElements(context.input(1)) || !carriesElements(context.input(2)))
    return context.output(0, { dataType, shape });
  const condition = knownArray(context, 0);
  const elements =
    condition === undefined
      ? combined(context, shape, [yes, no], (a = Dim.zero, b = Dim.zero) => (a.equals(b) ? a : undefined))
      : combined(context, shape, [condition, yes, no], (choice = Dim.zero, a = Dim.zero, b = Dim.zero) => {
          if (choice.constant !== undefined) return choice.constant === 0n ? b : a;
          return a.equals(b) ? a : undefined;
        });
  context.output(0, { dataType, shape, elements });
});
