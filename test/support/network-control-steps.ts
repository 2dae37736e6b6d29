/** Control flow, calls of functions, sequences and optionals in random networks. */
import { int64Array, ndarray } from '../../src/fold/array.ts';
import { isSequence, sliceOf } from '../../src/fold/runtime-value.ts';
import { Value } from '../../src/ir/value.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import type { Step } from './network-step.ts';
import type { Network } from './random-network.ts';
import { lookUp } from './run-node.ts';

const fresh = (network: Network, name: string, type?: ReturnType<typeof tensorType>): Value =>
  new Value(network.graph.names.unique(name), type === undefined ? {} : { type });

const truth = (value: number) => ndarray('bool', [], Uint8Array.of(value));

/** Two branches that see all that is around them. */
const branch: Step = (network) => {
  const condition = network.pick('truth', (dims) => dims.length === 0);
  if (condition === undefined || network.isDeep) return;
  const one = (): ReturnType<Network['body']> =>
    network.body([], () => {
      const value = network.data();
      return [value && network.add('Identity', [value])];
    });
  const [then_branch, else_branch] = [one(), one()];
  if (then_branch && else_branch) network.add('If', [condition], { then_branch, else_branch });
};

/** A value that is carried, and may grow, and one that is gathered from all rounds. */
const loop: Step = (network) => {
  const carried = network.data((dims) => dims.length > 0);
  if (carried === undefined || network.isDeep) return;
  const trips =
    network.choose.of([network.int(network.choose.between(0, 3)), network.pick('scalar')]) ?? network.int(2);
  const round = fresh(network, 'i', tensorType('int64', []));
  const go = fresh(network, 'go', tensorType('bool', []));
  const state = fresh(network, 'state', tensorType('float', undefined));
  const first = lookUp(carried, network.frame);
  if (first === undefined) return;
  const body = network.body(
    [
      [round, int64Array([0], [])],
      [go, truth(1)],
      [state, first],
    ],
    () => {
      const grows = network.choose.below(2) === 0;
      const next = grows
        ? network.add('Concat', [state, state], { axis: 0 })
        : network.add('Mul', [state, network.floats([])]);
      const scanned =
        network.choose.below(2) === 0 ? network.add('ReduceSum', [state]) : network.add('Identity', [round]);
      return [network.add('Identity', [go]), next, scanned];
    },
  );
  if (body) network.add('Loop', [trips, undefined, carried], { body }, 2);
};

/** Along an axis of a tensor, with a state that keeps its shape. */
const scan: Step = (network) => {
  const scanned = network.data((dims) => dims.length > 1 && !dims.includes(0));
  const value = scanned && lookUp(scanned, network.frame);
  if (value === undefined || value === null || !('dims' in value) || network.isDeep) return;
  const axis = network.choose.below(value.dims.length);
  const state = fresh(network, 'sum', tensorType('float', undefined));
  const slice = fresh(network, 'slice', tensorType('float', undefined));
  const initial = network.floats([]);
  const body = network.body(
    [
      [state, ndarray('float', [], Float32Array.of(1))],
      [slice, sliceOf(value, axis, 0, 1, true)],
    ],
    () => {
      const sum = network.add('ReduceSum', [slice], { keepdims: 0 });
      return [sum && network.add('Add', [state, sum]), network.add('Relu', [slice])];
    },
  );
  if (body)
    network.add(
      'Scan',
      [initial, scanned],
      {
        body,
        num_scan_inputs: 1,
        scan_input_axes: [axis],
        scan_output_axes: [network.choose.below(value.dims.length)],
      },
      2,
    );
};

const sequenceMap: Step = (network) => {
  const sequence = network.pick('sequence');
  const value = sequence && lookUp(sequence, network.frame);
  if (value === undefined || !isSequence(value) || value[0] === undefined || network.isDeep) return;
  const item = fresh(network, 'item', tensorType('float', undefined));
  const body = network.body([[item, value[0]]], () => [network.add('Concat', [item, item], { axis: 0 })]);
  if (body) network.add('SequenceMap', [sequence], { body });
};

export const controlSteps: readonly Step[] = [
  branch,
  branch,
  loop,
  loop,
  scan,
  sequenceMap,
  (n) => n.add('Flat', [n.data((dims) => dims.length > 0)], {}, 1, 'local'),
  (n) => n.add('Twice', [n.data((dims) => dims.length > 0)], {}, 2, 'local'),
  (n) => n.add('SequenceConstruct', [n.data(), n.data()]),
  (n) => {
    const value = n.data((dims) => dims.length > 0);
    if (value !== undefined)
      n.add('SplitToSequence', [value, n.choose.of([undefined, n.int(2)])], {
        axis: n.axis(value),
        keepdims: n.choose.below(2),
      });
  },
  (n) => n.add('SequenceInsert', [n.pick('sequence'), n.data(), n.choose.of([undefined, n.int(0)])]),
  (n) => n.add('SequenceErase', [n.pick('sequence'), n.choose.of([undefined, n.int(-1)])]),
  (n) => n.add('SequenceAt', [n.pick('sequence'), n.choose.of([n.int(0), n.int(-1), n.pick('scalar')])]),
  (n) => n.add('SequenceLength', [n.pick('sequence')]),
  (n) => n.add('ConcatFromSequence', [n.pick('sequence')], { axis: 0, new_axis: n.choose.below(2) }),
  (n) => {
    const optional = n.add('Optional', [n.data()]);
    if (optional === undefined) return;
    n.add('OptionalHasElement', [optional]);
    n.add('OptionalGetElement', [optional]);
  },
];
