/**
 * Normalizations over the axes from `axis` on: Y is like X; mean and inverse standard deviation have size 1 there.
 * https://onnx.ai/onnx/operators/onnx__LayerNormalization.html
 */
import { Dim } from '../dim.ts';
import { law, normalAxis, type LawContext } from '../law.ts';
import { shapeOf, typeAttribute, typeOfInputs } from './support.ts';

export const layerNormalization = law(['LayerNormalization'], (context) => {
  const shape = shapeOf(context, 0);
  const axis = context.attributes.number('axis') ?? -1;
  context.output(0, { dataType: typeOfInputs(context, 0, 1, 2), shape });
  const statistics = { dataType: typeAttribute(context, 'stash_type'), shape: reducedFrom(context, shape, axis) };
  context.output(1, statistics);
  context.output(2, statistics);
});

/** The type of Y is that of the scale. https://onnx.ai/onnx/operators/onnx__RMSNormalization.html */
export const rmsNormalization = law(['RMSNormalization'], (context) => {
  const shape = shapeOf(context, 0);
  if (shape !== undefined) normalAxis(context, context.attributes.number('axis') ?? -1, shape.length);
  context.output(0, { dataType: typeOfInputs(context, 1), shape });
});

/** ONNX Runtime's name for it, written into ai.onnx by its optimizer. */
export const simplifiedLayerNormalization = law(
  ['SimplifiedLayerNormalization', 'com.microsoft::SimplifiedLayerNormalization'],
  (context) => {
    const shape = shapeOf(context, 0);
    const axis = context.attributes.number('axis') ?? -1;
    context.output(0, { dataType: typeOfInputs(context, 1), shape });
    context.output(1, { dataType: 'float', shape: reducedFrom(context, shape, axis) });
  },
);

/**
 * Sum of input, skip and bias, normalized over the last axis.
 * https://github.com/microsoft/onnxruntime/blob/main/docs/ContribOperators.md
 */
export const skipLayerNormalization = law(
  ['com.microsoft::SkipLayerNormalization', 'com.microsoft::SkipSimplifiedLayerNormalization'],
  (context) => {
    const dataType = typeOfInputs(context, 0, 1);
    const shape = shapeOf(context, 0);
    const statistics = { dataType: 'float' as const, shape: reducedFrom(context, shape, -1) };
    context.output(0, { dataType, shape });
    context.output(1, statistics);
    context.output(2, statistics);
    context.output(3, { dataType, shape });
  },
);

function reducedFrom(context: LawContext, shape: readonly Dim[] | undefined, axis: number): readonly Dim[] | undefined {
  if (shape === undefined) return undefined;
  const first = normalAxis(context, axis, shape.length);
  return shape.map((dim, index) => (index < first ? dim : Dim.one));
}
