/** Constant: the tensor its attribute holds. https://onnx.ai/onnx/operators/onnx__Constant.html */
import { constantNodeTensor } from '../../ir/constant-node.ts';
import { Dim } from '../dim.ts';
import { law } from '../law.ts';

export const constant = law(['Constant'], (context) => {
  const sparse = context.attributes.sparseTensor('sparse_value');
  if (sparse !== undefined) {
    return context.output(0, { dataType: sparse.values.dataType, shape: sparse.dims.map((dim) => Dim.of(dim)) });
  }
  context.output(0, { constant: constantNodeTensor(context.node) });
});
