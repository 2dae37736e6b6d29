/** Shape arithmetic in random networks. */
import { flag, onData, type Step } from './network-step.ts';

export const sizeSteps: readonly Step[] = [
  onData(
    () => true,
    (n, x) => n.add('Shape', [x], n.choose.below(2) === 0 ? {} : { start: n.choose.between(-2, 1) }),
  ),
  onData(
    () => true,
    (n, x) => n.add('Size', [x]),
  ),
  (n) => n.add('Gather', [n.pick('vector'), n.choose.of([n.int(0), n.int(-1), n.ints([0]), n.ints([-1, 0])])]),
  (n) =>
    n.add(n.choose.of(['Add', 'Sub', 'Mul', 'Div', 'Mod', 'Min', 'Max']), [
      n.pick('scalar'),
      n.choose.of([n.int(2), n.int(3), n.pick('scalar')]),
    ]),
  (n) =>
    n.add(n.choose.of(['Add', 'Sub', 'Mul', 'Div', 'Min', 'Max']), [
      n.pick('vector'),
      n.choose.of([n.int(2), n.pick('vector')]),
    ]),
  (n) => n.add('Unsqueeze', [n.pick('scalar'), n.ints([0])]),
  (n) => n.add('Squeeze', [n.pick('vector', (d) => d[0] === 1), n.ints([0])]),
  (n) => n.add('Concat', [n.pick('vector'), n.ints([n.choose.between(-1, 2)]), n.pick('vector')], { axis: 0 }),
  (n) => n.add('Slice', [n.pick('vector'), n.ints([n.choose.between(-2, 1)]), n.ints([n.choose.of([2, 100, -1])])]),
  (n) =>
    n.add(n.choose.of(['ReduceProd', 'ReduceSum', 'ReduceMax', 'ReduceMin']), [n.pick('vector')], {
      keepdims: flag(n),
    }),
  (n) => n.add('ConstantOfShape', [n.pick('vector')]),
  (n) => n.add('Range', [n.int(0), n.pick('scalar'), n.int(n.choose.between(1, 2))]),
  (n) =>
    n.add(n.choose.of(['Equal', 'Less', 'Greater', 'LessOrEqual']), [
      n.pick('scalar'),
      n.choose.of([n.int(1), n.int(3), n.pick('scalar')]),
    ]),
  (n) => n.add(n.choose.of(['Equal', 'Less']), [n.pick('vector'), n.int(2)]),
  (n) => n.add('Where', [n.pick('truth'), n.pick('vector'), n.ints([3])]),
  (n) => n.add('Cast', [n.pick('scalar')], { to: n.choose.of([1, 6, 11]) }),
  (n) => n.add('ScatterElements', [n.pick('vector'), n.ints([-1]), n.ints([2])]),
  (n) => {
    const updates = n.add('Slice', [n.pick('vector'), n.ints([0]), n.ints([1])]);
    const reduction = n.choose.of(['none', 'add', 'mul', 'min', 'max']);
    n.add('ScatterElements', [n.pick('vector'), n.ints([n.choose.between(-1, 1)]), updates], { reduction });
    n.add('ScatterND', [n.pick('vector'), n.grid([1, 1], () => 0), updates], { reduction });
  },
  (n) =>
    n.add('TopK', [n.pick('vector'), n.ints([n.choose.between(1, 2)])], { axis: 0, largest: flag(n), sorted: 1 }, 2),
  (n) =>
    n.add(n.choose.of(['ArgMax', 'ArgMin']), [n.pick('vector')], {
      axis: 0,
      keepdims: flag(n),
      select_last_index: flag(n),
    }),
  (n) => n.add('GatherElements', [n.pick('vector'), n.ints([-1, 0])]),
  (n) => n.add('CumSum', [n.pick('vector'), n.int(0)]),
  (n) => n.add('Expand', [n.pick('scalar'), n.ints([2])]),
  (n) => n.add('Split', [n.pick('vector'), n.ints([1, 1])], {}, 2),
];
