/**
 * Tensors of random numbers whose shape is an attribute, and samples from a distribution for each batch.
 * https://onnx.ai/onnx/operators/onnx__RandomNormal.html
 */
import { Dim } from '../dim.ts';
import { law } from '../law.ts';
import { shapeOfRank, typeAttribute } from './support.ts';

export const random = law(['RandomNormal', 'RandomUniform'], (context) => {
  const shape = context.attributes.ints('shape')?.map((size) => Dim.of(size));
  context.output(0, { dataType: typeAttribute(context, 'dtype'), shape });
});

/** https://onnx.ai/onnx/operators/onnx__Multinomial.html */
export const multinomial = law(['Multinomial'], (context) => {
  const batch = shapeOfRank(context, 0, 2)?.[0] ?? context.unknownDim(0, 0);
  const samples = Dim.of(context.attributes.int('sample_size') ?? 1n);
  context.output(0, { dataType: typeAttribute(context, 'dtype'), shape: [batch, samples] });
});
