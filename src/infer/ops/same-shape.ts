/**
 * Elementwise functions and normalizations: the output is of the type and shape of the first input.
 * https://onnx.ai/onnx/operators/ (one page an operator)
 */
import { law } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

const contributed = (...names: readonly string[]): readonly string[] => names.map((name) => `com.microsoft::${name}`);

export const sameShape = law(
  [
    // Functions of one real number.
    ...['Acos', 'Acosh', 'Asin', 'Asinh', 'Atan', 'Atanh', 'Cos', 'Cosh', 'Sin', 'Sinh', 'Tan', 'Tanh'],
    ...['Erf', 'Exp', 'Log', 'Reciprocal', 'Round', 'Sqrt'],
    // Activations; the slope of PRelu only broadcasts to X.
    ...['Celu', 'Elu', 'Gelu', 'HardSigmoid', 'HardSwish', 'LeakyRelu', 'Mish', 'PRelu', 'Relu', 'Selu', 'Shrink'],
    ...['Sigmoid', 'Softplus', 'Softsign', 'Swish', 'ThresholdedRelu'],
    ...['BitwiseNot'],
    ...['GroupNormalization', 'InstanceNormalization', 'LRN', 'MeanVarianceNormalization'],
    // Data that moves within its shape.
    ...['ReverseSequence', 'RotaryEmbedding', 'TensorScatter'],
    ...contributed(
      'BiasAdd',
      'BiasGelu',
      'BiasSoftmax',
      'FastGelu',
      'Gelu',
      'GroupNorm',
      'Inverse',
      'LongformerAttention',
    ),
    ...contributed('MoE', 'QLinearLeakyRelu', 'QLinearSigmoid', 'QLinearSoftmax', 'QMoE', 'QOrderedGelu'),
    ...contributed('QOrderedLayerNormalization', 'QuickGelu', 'RotaryEmbedding'),
  ],
  (context) => {
    context.output(0, { dataType: typeOfInputs(context, 0), shape: shapeOf(context, 0) });
  },
);
