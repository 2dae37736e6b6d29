/**
 * Tensors made after the shape of another, of the type that `dtype` names, or of its type when that is absent.
 * https://onnx.ai/onnx/operators/onnx__EyeLike.html
 */
import { law, type LawContext } from '../law.ts';
import { shapeOf, shapeOfRank, typeAttribute, typeOfInputs } from './support.ts';

export const like = law(['Bernoulli', 'RandomNormalLike', 'RandomUniformLike'], (context) => {
  context.output(0, { dataType: dtypeOrInput(context), shape: shapeOf(context, 0) });
});

export const eyeLike = law(['EyeLike'], (context) => {
  const shape = shapeOfRank(context, 0, 2) ?? context.unknownShape(0, 2);
  context.output(0, { dataType: dtypeOrInput(context), shape });
});

/** The same bits read as another type of that width. https://onnx.ai/onnx/operators/onnx__BitCast.html */
export const bitCast = law(['BitCast'], (context) => {
  context.output(0, { dataType: typeAttribute(context, 'to'), shape: shapeOf(context, 0) });
});

function dtypeOrInput(context: LawContext) {
  return context.attributes.has('dtype') ? typeAttribute(context, 'dtype') : typeOfInputs(context, 0);
}
