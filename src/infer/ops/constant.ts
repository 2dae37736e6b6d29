/** Constant: the tensor its attribute holds. https://onnx.ai/onnx/operators/onnx__Constant.html */
import { constantNodeTensor } from '../../ir/constant-node.ts';
import { Dim } from '../dim.ts';
import { law } from '../law.ts';

export const constant = law(['Constant'], (context) => {
  const { attributes } = context;
  const sparse = attributes.sparseTensor('sparse_value');
  if (sparse !== undefined)
    return context.output(0, { dataType: sparse.values.dataType, shape: sparse.dims.map((dim) => Dim.of(dim)) });
  if (!context.node.hasReferences) return context.output(0, { constant: constantNodeTensor(context.node) });
  // In the body of a function the value may come from the call (onnxscript writes value_int and value_ints so).
  const tensor = attributes.tensor('value');
  if (tensor !== undefined) return context.output(0, { constant: tensor });
  const int = attributes.int('value_int');
  if (int !== undefined) return context.output(0, { dataType: 'int64', shape: [], elements: [Dim.of(int)] });
  const ints = attributes.ints('value_ints');
  if (ints !== undefined)
    return context.output(0, {
      dataType: 'int64',
      shape: [Dim.of(ints.length)],
      elements: ints.map((element) => Dim.of(element)),
    });
  const floats = attributes.floats('value_floats')?.length;
  if (attributes.float('value_float') !== undefined || floats !== undefined)
    return context.output(0, { dataType: 'float', shape: floats === undefined ? [] : [Dim.of(floats)] });
  const strings = attributes.strings('value_strings')?.length;
  if (attributes.string('value_string') !== undefined || strings !== undefined)
    context.output(0, { dataType: 'string', shape: strings === undefined ? [] : [Dim.of(strings)] });
});
