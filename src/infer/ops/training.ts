/**
 * Optimizers of the training domain: after the learning rate and the step come groups of as many tensors each (what is
 * optimized, its gradients, one or two states), and out come the new tensors and states.
 * https://onnx.ai/onnx/operators/onnx_aionnxpreviewtraining_Adam.html
 */
import { law } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

const domain = 'ai.onnx.preview.training';

/** Groups of inputs: tensors, gradients, states. */
const groupCounts: ReadonlyMap<string, number> = new Map([
  [`${domain}::Adagrad`, 3],
  [`${domain}::Momentum`, 3],
  [`${domain}::Adam`, 4],
]);

export const optimizer = law([...groupCounts.keys()], (context) => {
  const groups = groupCounts.get(context.node.operator) ?? 0;
  const tensors = (context.inputCount - 2) / groups;
  if (!Number.isInteger(tensors) || tensors < 1)
    context.contradiction(`${context.inputCount - 2} tensors cannot be ${groups} groups of equal size`);
  for (let output = 0; output < context.outputCount; output++) {
    // Gradients, the second group, have no new value.
    const input = 2 + (output < tensors ? output : output + tensors);
    context.output(output, { dataType: typeOfInputs(context, input), shape: shapeOf(context, input) });
  }
});

/** The derivatives by `xs`, which are the first inputs, one output each. */
export const gradient = law([`${domain}::Gradient`], (context) => {
  for (let output = 0; output < context.outputCount; output++)
    context.output(output, { dataType: typeOfInputs(context, output), shape: shapeOf(context, output) });
});
