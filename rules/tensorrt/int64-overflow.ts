import { INT32_MAX, INT32_MIN, lint, type Node, version } from '../../src/rule-kit.ts';

/** Bounds of a Slice beyond the end mean the end, before the clamp and after it. */
function toleratesClamp(node: Node, input: number): boolean {
  return node.opType === 'Slice' && (input === 1 || input === 2);
}

export default lint({
  id: 'tensorrt/int64-overflow',
  summary: 'An int64 constant does not fit into int32, which TensorRT had in its place before 9.0.',
  why: 'Up to 8.6 the parser narrows int64 weights and clamps what does not fit ("One or more weights outside the range of INT32 was clamped"): the model is accepted and computes something else.',
  severity: 'warning',
  messages: { clamped: '{op} {node} reads {value}, which holds {number}; {tensorrt} clamps it to int32.' },
  advice: 'Keep the constant within int32, or use TensorRT 9.0 or later.',

  check(node, { target, input, report }) {
    if (target.version >= version('9.0')) return;
    node.inputs.forEach((value, index) => {
      const seen = input(index);
      if (value === undefined || seen?.weights?.dataType !== 'int64' || toleratesClamp(node, index)) return;
      const number = seen.integers?.find((element) => element > INT32_MAX || element < INT32_MIN);
      if (number !== undefined) report('clamped', { value: value.name, number: String(number) }, { value });
    });
  },

  examples: [
    {
      title: 'a sentinel beyond int32',
      model: `agraph (int64[2] x) => (int64[2] y) <int64[1] sentinel = {9223372036854775807}> { y = Min (x, sentinel) }`,
      target: 'tensorrt@8.6',
      reports: ['clamped'],
    },
    {
      title: 'int64 is a type of its own from 9.0 on',
      model: `agraph (int64[2] x) => (int64[2] y) <int64[1] sentinel = {9223372036854775807}> { y = Min (x, sentinel) }`,
      target: 'tensorrt@9.0',
      reports: [],
    },
    {
      title: 'to the end, as exporters write it in a Slice',
      model: `agraph (float[4] x) => (float[3] y) <int64[1] start = {1}, int64[1] end = {9223372036854775807}> { y = Slice (x, start, end) }`,
      target: 'tensorrt@8.6',
      reports: [],
    },
  ],
});
