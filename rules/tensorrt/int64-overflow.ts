import { INT32_MAX, INT32_MIN, lint, type Node, type Value, version } from '../../src/rule-kit.ts';
import { constraint } from './facts/constraints.ts';

const movements = ['Cast', 'Identity', 'Unsqueeze', 'Squeeze', 'Reshape', 'Concat'];
const MAXIMUM_STEPS = 64;

/** Bounds of a Slice beyond the end mean the end, before the clamp and after it; they may be moved about on the way there. */
function endsAsBound(node: Node, value: Value): boolean {
  const pending: (readonly [Node, Value])[] = [[node, value]];
  for (let step = 0; step < MAXIMUM_STEPS; step++) {
    const [user, read] = pending.pop() ?? [];
    if (user === undefined || read === undefined) return true;
    if (user.opType === 'Slice' && user.inputs[0] !== read) continue;
    const [moved] = user.outputs;
    if (!movements.includes(user.opType) || moved === undefined || moved.isGraphOutput) return false;
    for (const next of moved.users) pending.push([next, moved]);
  }
  return false;
}

export default lint({
  id: 'tensorrt/int64-overflow',
  summary: 'An int64 constant does not fit into int32, which TensorRT had in its place before 9.0.',
  why: 'Up to 8.6 the parser narrows int64 weights and clamps what does not fit ("One or more weights outside the range of INT32 was clamped"): the model is accepted and computes something else.',
  severity: 'warning',
  errors: ['One or more weights outside the range of INT32 was clamped'],
  messages: { clamped: '{op} {node} reads {value}, which holds {number}; {tensorrt} clamps it to int32.' },
  advice: 'Keep the constant within int32, or use TensorRT 9.0 or later.',

  check(node, { target, input, report }) {
    if (target.version >= version('9.0')) return;
    node.inputs.forEach((value, index) => {
      const seen = input(index);
      if (value === undefined || seen?.weights?.dataType !== 'int64') return;
      const number = seen.integers?.find((element) => element > INT32_MAX || element < INT32_MIN);
      if (number !== undefined && !endsAsBound(node, value))
        report(
          'clamped',
          { value: value.name, number: String(number) },
          { value, basis: constraint('init-int64-clamped') },
        );
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
