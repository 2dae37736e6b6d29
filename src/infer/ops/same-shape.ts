/**
 * Elementwise functions and normalizations: the output is of the type and shape of the first input.
 * https://onnx.ai/onnx/operators/ (one page an operator)
 */
import { law } from '../law.ts';
import { shapeOf, typeOfInputs } from './support.ts';

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
    ...['com.microsoft::BiasAdd', 'com.microsoft::BiasGelu', 'com.microsoft::BiasSoftmax', 'com.microsoft::ComplexMul'],
    ...['com.microsoft::FastGelu', 'com.microsoft::Gelu', 'com.microsoft::GroupNorm', 'com.microsoft::Inverse'],
    ...['com.microsoft::QLinearLeakyRelu', 'com.microsoft::QLinearSigmoid', 'com.microsoft::QLinearSoftmax'],
    ...['com.microsoft::QuickGelu', 'com.microsoft::RotaryEmbedding'],
  ],
  (context) => {
    context.output(0, { dataType: typeOfInputs(context, 0), shape: shapeOf(context, 0) });
  },
);
