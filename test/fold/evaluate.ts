import { arrayOf, isStringData, type NDArray } from '../../src/fold/array.ts';
import { evaluateNode } from '../../src/fold/evaluate-node.ts';
import { textOf } from '../../src/ir/attribute.ts';
import type { Tensor } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/text/parse.ts';

/**
 * Computes the only node of a graph whose values are all initializers: `evaluate('<int64[2] a = {1, 2}>', 'Neg (a)')`.
 * Answers the outputs, or the reason of a refusal.
 */
export function evaluate(initializers: string, call: string, opset = 21, outputs = ['y']): NDArray[] | string {
  const model = parseModel(`agraph () => (float ${outputs[0]}) ${initializers} { ${outputs.join(', ')} = ${call} }`, {
    opset,
  });
  const node = model.graph.first;
  if (node === undefined) throw new Error('no node');
  const result = evaluateNode(
    node,
    node.inputs.map((value): Tensor | undefined => value?.initializer),
  );
  if ('refusal' in result) return result.refusal;
  return result.outputs.flatMap((tensor) => (tensor === undefined ? [] : [arrayOf(tensor)]));
}

/** `type[dims] {elements}` of the first output, or the refusal. */
export function text(initializers: string, call: string, opset = 21): string {
  const result = evaluate(initializers, call, opset);
  return typeof result === 'string' ? result : textOfArray(result[0]);
}

export function textOfArray(array: NDArray | undefined): string {
  if (array === undefined) return 'nothing';
  const elements = isStringData(array.data)
    ? array.data.map((bytes) => `'${textOf(bytes)}'`)
    : Array.from(array.data as ArrayLike<number | bigint>, (x) => (Object.is(x, -0) ? '-0' : String(x)));
  return `${array.dataType}[${array.dims.join()}] {${elements.join(', ')}}`;
}
