/** What a random network may do next. A step that finds nothing that fits does nothing. */
import type { Value } from '../../src/ir/value.ts';
import { controlSteps } from './network-control-steps.ts';
import { sizeSteps } from './network-size-steps.ts';
import { flag, hasAxes, hasRank, isNotEmpty, onData, type Step } from './network-step.ts';
import type { Network } from './random-network.ts';

const unary = [
  ...['Abs', 'Acos', 'Atan', 'Ceil', 'Celu', 'Cos', 'Elu', 'Erf', 'Exp', 'Floor', 'Gelu', 'HardSigmoid', 'HardSwish'],
  ...[
    'Identity',
    'LeakyRelu',
    'Log',
    'Mish',
    'Neg',
    'Reciprocal',
    'Relu',
    'Round',
    'Selu',
    'Shrink',
    'Sigmoid',
    'Sign',
  ],
  ...['Sin', 'Softplus', 'Softsign', 'Sqrt', 'Swish', 'Tanh', 'ThresholdedRelu', 'IsNaN', 'IsInf', 'Clip', 'Dropout'],
];

const elementwise: readonly Step[] = [
  onData(
    () => true,
    (n, x) => n.add(n.choose.of(unary), [x]),
  ),
  onData(
    () => true,
    (n, x) => n.add(n.choose.of(['Add', 'Sub', 'Mul', 'Div', 'Pow', 'PRelu', 'Mod']), [x, n.data()], { fmod: 1 }),
  ),
  onData(
    () => true,
    (n, x) => n.add(n.choose.of(['Add', 'Sub', 'Mul', 'Div', 'PRelu']), [x, n.data()]),
  ),
  onData(
    () => true,
    (n, x) => n.add(n.choose.of(['Max', 'Min', 'Sum', 'Mean']), [x, n.data(), n.data()]),
  ),
  onData(
    () => true,
    (n, x) => n.add(n.choose.of(['Equal', 'Less', 'Greater', 'LessOrEqual', 'GreaterOrEqual']), [x, n.data()]),
  ),
  (n) => n.add(n.choose.of(['And', 'Or', 'Xor']), [n.pick('truth'), n.pick('truth')]),
  (n) => n.add('Not', [n.pick('truth')]),
  onData(
    () => true,
    (n, x) => n.add('Where', [n.pick('truth'), x, n.data()]),
  ),
  onData(
    () => true,
    (n, x) => n.add('Cast', [x], { to: n.choose.of([1, 6, 7, 9, 10, 11]) }),
  ),
  onData(
    () => true,
    (n, x) => n.add('CastLike', [x, n.pick(n.choose.of(['scalar', 'truth', 'data']))]),
  ),
  (n) => n.add(n.choose.of(['BitwiseAnd', 'BitwiseOr', 'BitwiseXor']), [n.pick('vector'), n.pick('vector')]),
  (n) => n.add(n.choose.of(['BitwiseNot', 'Abs', 'Neg', 'Sign']), [n.pick('vector')]),
  onData(
    () => true,
    (n, x) => n.add(n.choose.of(['SwiGLU', 'PRelu']), [x, x]),
  ),
];

/** The elements in rows of 2, 3, 4 or 6. */
function dividedInto(network: Network, x: Value): Value | undefined {
  const count = network.dims(x).reduce((product, dim) => product * dim, 1);
  const sizes = [2, 3, 4, 6].filter((size) => count % size === 0);
  if (sizes.length === 0) return undefined;
  const size = network.choose.of(sizes);
  return network.add('Reshape', [x, network.ints(size === 4 && flag(network) === 1 ? [-1, 2, 2] : [-1, size])]);
}

const movements: readonly Step[] = [
  onData(hasAxes, (n, x, dims) => {
    const order = dims.map((_, axis) => axis);
    for (let at = order.length - 1; at > 0; at--) {
      const other = n.choose.below(at + 1);
      [order[at], order[other]] = [order[other] ?? 0, order[at] ?? 0];
    }
    n.add('Transpose', [x], { perm: order });
  }),
  onData(isNotEmpty, (n, x, dims) =>
    n.add('Reshape', [x, n.ints(n.choose.of([[-1], [0, -1], [-1, 1], [1, -1, dims.at(-1) ?? 1], [0, 1, -1]]))]),
  ),
  onData(
    () => true,
    (n, x) => n.add('Reshape', [x, n.pick('vector')], { allowzero: flag(n) }),
  ),
  // Into parts of a number that divides what there is in this run, and back or on.
  onData(
    () => true,
    (n, x, dims) => {
      const parts = dividedInto(n, x);
      if (parts === undefined) return;
      const whole = n.add('Reshape', [parts, n.ints(n.choose.of([[-1], [-1, 1], [1, -1], [-1, dims.at(-1) ?? 1]]))]);
      if (whole !== undefined) n.add('Add', [whole, n.choose.of([x, whole, n.data()])]);
    },
  ),
  onData(
    () => true,
    (n, x) => {
      const parts = dividedInto(n, x);
      const count = parts && n.add('Shape', [parts], { start: 0, end: 1 });
      if (count !== undefined)
        n.add(n.choose.of(['Mul', 'Div', 'Sub']), [count, n.choose.of([n.ints([2]), n.ints([4])])]);
    },
  ),
  onData(
    () => true,
    (n, x) => {
      const parts = dividedInto(n, x);
      const turned = parts && n.add('Transpose', [parts]);
      if (turned !== undefined) n.add('Reshape', [turned, n.ints(n.choose.of([[-1], [0, -1], [-1, 2]]))]);
    },
  ),
  // Channels in groups.
  onData(hasRank(3, 4), (n, x, dims) => {
    const shape = n.add('Shape', [x]);
    const part = (start: number, end: number): Value | undefined =>
      shape && n.add('Slice', [shape, n.ints([start]), n.ints([end])]);
    const [batch, spatial] = [part(0, 1), part(2, dims.length)];
    const grouped = n.add(
      'Concat',
      [
        batch,
        n.ints(
          n.choose.of([
            [2, -1],
            [-1, 2],
          ]),
        ),
        spatial,
      ],
      { axis: 0 },
    );
    const groups = grouped && n.add('Reshape', [x, grouped]);
    const perm = [0, 2, 1, ...dims.slice(2).map((_, axis) => axis + 3)];
    const turned = groups && n.add('Transpose', [groups], { perm });
    const flat = turned && n.add('Concat', [batch, n.ints([-1]), spatial], { axis: 0 });
    if (flat !== undefined) n.add('Reshape', [turned, flat]);
  }),
  // To sizes read from the shape of what is reshaped.
  onData(isNotEmpty, (n, x, dims) => {
    const shape = n.add('Shape', [x]);
    const first = shape && n.add('Gather', [shape, n.ints([n.choose.between(-dims.length, dims.length - 1)])]);
    const target =
      first && n.add('Concat', n.choose.below(2) === 0 ? [first, n.ints([-1])] : [n.ints([-1]), first], { axis: 0 });
    if (target !== undefined) n.add('Reshape', [x, target]);
  }),
  onData(
    () => true,
    (n, x, dims) => n.add('Flatten', [x], { axis: n.choose.between(-dims.length, dims.length) }),
  ),
  onData(
    () => true,
    (n, x, dims) => n.add('Unsqueeze', [x, n.ints([n.choose.between(-dims.length - 1, dims.length)])]),
  ),
  onData(
    (dims) => dims.includes(1),
    (n, x, dims) => n.add('Squeeze', [x, n.ints([dims.indexOf(1)])]),
  ),
  onData(
    (dims) => dims.includes(1),
    (n, x) => n.add('Squeeze', [x]),
  ),
  onData(
    () => true,
    (n, x) => n.add('Expand', [x, n.ints(n.choose.of([[1], [2, 1], [3, 1, 1]]))]),
  ),
  onData(
    () => true,
    (n, x) => n.add('Expand', [x, n.pick('vector')]),
  ),
  onData(
    () => true,
    (n, x) => {
      const other = n.data();
      const shape = other && n.add('Shape', [other]);
      if (shape !== undefined) n.add('Expand', [x, shape]);
    },
  ),
  onData(hasAxes, (n, x, dims) => n.add('Tile', [x, n.ints(dims.map(() => n.choose.between(0, 2)))])),
  onData(
    () => true,
    (n, x) => n.add('Tile', [x, n.pick('vector')]),
  ),
  onData(hasAxes, (n, x, dims) => n.add('Concat', [x, n.data(hasRank(dims.length)), x], { axis: n.axis(x) })),
  onData(hasAxes, (n, x) => n.add('Split', [x], { axis: n.axis(x), num_outputs: 2 }, 2)),
  onData(hasAxes, (n, x, dims) => {
    const axis = n.axis(x);
    n.add('Split', [x, n.ints([1, (dims.at(axis) ?? 1) - 1])], { axis }, 2);
  }),
  onData(hasAxes, (n, x) =>
    n.add('Slice', [
      x,
      n.ints([n.choose.between(-3, 3)]),
      n.ints([n.choose.of([1, 2, -1, 100, -100])]),
      n.ints([n.axis(x)]),
      n.ints([n.choose.of([1, 1, 2, -1, -2])]),
    ]),
  ),
  // To a size of another tensor.
  onData(hasAxes, (n, x) => {
    const other = n.data(hasAxes);
    const end = other && n.add('Shape', [other], { start: 0, end: 1 });
    if (end !== undefined) n.add('Slice', [x, n.ints([0]), end, n.ints([n.axis(x)])]);
  }),
  onData(hasAxes, (n, x) =>
    n.add('Slice', [x, n.pick('vector', (d) => d[0] === 1), n.pick('vector', (d) => d[0] === 1)]),
  ),
  onData(hasAxes, (n, x, dims) =>
    n.add('Pad', [x, n.ints([...dims, ...dims].map(() => n.choose.between(-1, 2)))], {
      mode: n.choose.of(['constant', 'edge', 'reflect', 'wrap']),
    }),
  ),
  onData(hasAxes, (n, x) => n.add('Pad', [x, n.ints([n.choose.between(0, 2), 1]), undefined, n.ints([n.axis(x)])])),
  onData(hasRank(4), (n, x) =>
    n.add('DepthToSpace', [x], { blocksize: n.choose.between(1, 2), mode: n.choose.of(['DCR', 'CRD']) }),
  ),
  onData(hasRank(4), (n, x) => n.add('SpaceToDepth', [x], { blocksize: n.choose.between(1, 2) })),
  onData(
    (dims) => dims.length >= 2,
    (n, x) => n.add('Trilu', [x, n.int(n.choose.between(-1, 1))], { upper: flag(n) }),
  ),
  onData(hasAxes, (n, x) => n.add('CenterCropPad', [x, n.ints([n.choose.between(1, 5)])], { axes: [n.axis(x)] })),
  onData(hasRank(2), (n, x) => n.add('EyeLike', [x], { k: n.choose.between(-1, 1) })),
  onData(
    (dims) => dims.length >= 2,
    (n, x, dims) => n.add('ReverseSequence', [x, n.grid([dims[1] ?? 1], () => 1)], { time_axis: 0, batch_axis: 1 }),
  ),
];

const picks: readonly Step[] = [
  onData(hasAxes, (n, x) =>
    n.add('Gather', [x, n.choose.of([n.ints([0, -1]), n.int(-1), n.grid([2, 2], () => 0)])], { axis: n.axis(x) }),
  ),
  onData(hasAxes, (n, x) => n.add('Gather', [x, n.pick('vector')], { axis: n.axis(x) })),
  onData(hasAxes, (n, x, dims) =>
    n.add(
      'GatherElements',
      [
        x,
        n.grid(
          dims.map(() => 1),
          () => -1,
        ),
      ],
      { axis: n.axis(x) },
    ),
  ),
  onData(hasAxes, (n, x) => n.add('GatherND', [x, n.grid([2, 1], (at) => -at)])),
  onData(
    (dims) => dims.length > 1,
    (n, x, dims) => n.add('GatherND', [x, n.grid([dims[0] ?? 1, 2, 1], () => 0)], { batch_dims: 1 }),
  ),
  onData(hasAxes, (n, x, dims) =>
    n.add(
      'ScatterElements',
      [
        x,
        n.grid(
          dims.map(() => 1),
          () => -1,
        ),
        n.floats(dims.map(() => 1)),
      ],
      {
        axis: n.axis(x),
        reduction: n.choose.of(['none', 'add', 'mul', 'max']),
      },
    ),
  ),
  onData(hasAxes, (n, x, dims) => n.add('ScatterND', [x, n.grid([1, 1], () => 0), n.floats([1, ...dims.slice(1)])])),
  onData(hasAxes, (n, x) => n.add('Compress', [x, n.truths([1, 0, 1])], { axis: n.axis(x) })),
  onData(hasAxes, (n, x) => n.add('Compress', [x, n.pick('truth', hasRank(1))], { axis: n.axis(x) })),
  onData(
    () => true,
    (n, x) => n.add('NonZero', [x]),
  ),
  (n) => n.add('NonZero', [n.pick('truth', hasAxes)]),
  onData(hasAxes, (n, x) => n.add('Unique', [x], flag(n) === 0 ? {} : { axis: n.axis(x) }, 4)),
  onData(hasAxes, (n, x) => n.add('TopK', [x, n.ints([1])], { axis: n.axis(x), largest: flag(n) }, 2)),
  onData(hasAxes, (n, x) => n.add('TopK', [x, n.pick('vector', (d) => d[0] === 1)], { axis: n.axis(x) }, 2)),
  onData(isNotEmpty, (n, x) => n.add(n.choose.of(['ArgMax', 'ArgMin']), [x], { axis: n.axis(x), keepdims: flag(n) })),
  (n) =>
    n.add('OneHot', [n.pick('vector'), n.int(n.choose.between(1, 3)), n.floats([2])], {
      axis: n.choose.between(-1, 1),
    }),
  (n) => n.add('OneHot', [n.pick('vector'), n.pick('scalar'), n.ints([0, 1])]),
  onData(hasAxes, (n, x) => n.add(n.choose.of(['CumSum', 'CumProd']), [x, n.int(n.axis(x))], { exclusive: flag(n) })),
  (n) =>
    n.add('NonMaxSuppression', [
      n.floats([1, 4, 4], (at) => at % 7),
      n.floats([1, 2, 4]),
      n.int(n.choose.between(0, 2)),
    ]),
  onData(hasAxes, (n, x, dims) => n.add('TensorScatter', [x, n.floats(dims)])),
];

const reductions = ['L1', 'L2', 'LogSum', 'LogSumExp', 'Max', 'Mean', 'Min', 'Prod', 'Sum', 'SumSquare'];

const layers: readonly Step[] = [
  onData(isNotEmpty, (n, x) =>
    n.add(`Reduce${n.choose.of(reductions)}`, [x, n.ints([n.axis(x)])], { keepdims: flag(n) }),
  ),
  onData(isNotEmpty, (n, x) =>
    n.add(`Reduce${n.choose.of(reductions)}`, [x], { keepdims: flag(n), noop_with_empty_axes: flag(n) }),
  ),
  onData(isNotEmpty, (n, x) => n.add('ReduceSum', [x, n.pick('vector', (d) => d[0] === 1)], { keepdims: flag(n) })),
  onData(hasAxes, (n, x) => n.add(n.choose.of(['Softmax', 'LogSoftmax', 'Hardmax']), [x], { axis: n.axis(x) })),
  onData(hasAxes, (n, x) => n.add('LpNormalization', [x], { axis: n.axis(x), p: n.choose.between(1, 2) })),
  onData(isNotEmpty, (n, x, dims) =>
    n.add('LayerNormalization', [x, n.floats([dims.at(-1) ?? 1])], {}, n.choose.between(1, 3)),
  ),
  onData(isNotEmpty, (n, x, dims) => n.add('RMSNormalization', [x, n.floats([dims.at(-1) ?? 1])])),
  onData(
    (d) => d.length > 2 && !d.includes(0),
    (n, x, dims) => {
      const channels = (): Value => n.floats([dims[1] ?? 1]);
      n.add('InstanceNormalization', [x, channels(), channels()]);
    },
  ),
  onData(
    (d) => d.length > 1 && !d.includes(0),
    (n, x, dims) => {
      const channels = (): Value => n.floats([dims[1] ?? 1]);
      n.add('BatchNormalization', [x, channels(), channels(), channels(), channels()]);
    },
  ),
  onData(
    (d) => d.length > 2 && !d.includes(0),
    (n, x, dims) => {
      const channels = (): Value => n.floats([dims[1] ?? 1]);
      n.add('GroupNormalization', [x, channels(), channels()], { num_groups: 1 });
    },
  ),
  onData(
    (d) => d.length > 2,
    (n, x) => n.add('LRN', [x], { size: 3 }),
  ),
  onData(hasRank(4), (n, x) => n.add('MeanVarianceNormalization', [x])),
  onData(hasAxes, (n, x) => n.add('MatMul', [x, n.data(hasAxes)])),
  onData(hasAxes, (n, x, dims) => n.add('MatMul', [x, n.floats([dims.at(-1) ?? 1, 3])])),
  onData(hasRank(2), (n, x, dims) => {
    const transB = flag(n);
    n.add('Gemm', [x, n.floats(transB === 0 ? [dims[1] ?? 1, 3] : [3, dims[1] ?? 1]), n.floats([3])], { transB });
  }),
  onData(hasRank(2), (n, x) => n.add('Gemm', [x, n.data(hasRank(2))], { transA: flag(n), transB: flag(n) })),
  onData(hasRank(2), (n, x) =>
    n.add('Einsum', [x, n.data(hasRank(2))], { equation: n.choose.of(['ij,jk->ik', 'ij,kj->ik', 'ij,ij->i']) }),
  ),
  onData(hasAxes, (n, x) => n.add('Einsum', [x], { equation: n.choose.of(['...i->i...', '...i->...', 'i...->...i']) })),
  onData(
    (d) => d.length > 1 && d.at(-1) === d.at(-2),
    (n, x) => n.add('Det', [x]),
  ),
  onData(
    (d) => d.length > 2 && d.length < 5,
    (n, x, dims) => {
      const spatial = dims.slice(2);
      n.add('Conv', [x, n.floats([2, dims[1] ?? 1, ...spatial.map(() => n.choose.between(1, 2))])], {
        ...windowAttributes(n, spatial.length),
        dilations: spatial.map(() => n.choose.between(1, 2)),
      });
    },
  ),
  onData(
    (d) => d.length > 2 && d.length < 5,
    (n, x, dims) => {
      const spatial = dims.slice(2);
      n.add(
        'ConvTranspose',
        [x, n.floats([dims[1] ?? 1, 2, ...spatial.map(() => n.choose.between(1, 3))])],
        windowAttributes(n, spatial.length),
      );
    },
  ),
  onData(
    (d) => d.length > 2 && d.length < 5,
    (n, x, dims) => {
      const opType = n.choose.of(['MaxPool', 'AveragePool', 'LpPool']);
      const attributes = {
        ...windowAttributes(n, dims.length - 2),
        kernel_shape: dims.slice(2).map(() => n.choose.between(1, 3)),
        ceil_mode: flag(n),
      };
      n.add(opType, [x], attributes, opType === 'MaxPool' ? n.choose.between(1, 2) : 1);
    },
  ),
  onData(
    (d) => d.length > 2,
    (n, x) => n.add(n.choose.of(['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool']), [x]),
  ),
  onData(hasRank(4), (n, x) => n.add('MaxRoiPool', [x, n.floats([2, 5], () => 0)], { pooled_shape: [1, 2] })),
  onData(hasRank(4), (n, x) => n.add('RoiAlign', [x, n.floats([2, 4]), n.grid([2], () => 0)], { output_height: 2 })),
  onData(
    (d) => d.length > 1 && d.length < 5,
    (n, x, dims) =>
      n.add(
        'Resize',
        [x, undefined, n.floats([dims.length], (axis) => (axis < 2 ? 1 : n.choose.of([2, 0.5, 1.5, 0.7])))],
        {
          mode: n.choose.of(['nearest', 'linear']),
        },
      ),
  ),
  onData(
    (d) => d.length > 2 && d.length < 5,
    (n, x) => {
      const shape = n.add('Shape', [x], { start: -1 });
      const size = shape && n.add('Mul', [shape, n.ints([2])]);
      if (size !== undefined) n.add('Resize', [x, undefined, undefined, size], { axes: [-1] });
    },
  ),
  onData(
    (d) => d.length > 2 && d.length < 5,
    (n, x, dims) =>
      n.add('GridSample', [
        x,
        n.floats([dims[0] ?? 1, ...dims.slice(2).map(() => 2), dims.length - 2], (at) => (at % 3) - 1),
      ]),
  ),
  (n) => n.add('AffineGrid', [n.floats([2, 2, 3]), n.ints([2, 1, n.choose.between(1, 3), 2])]),
  onData(hasRank(3), (n, x) => n.add('Col2Im', [x, n.ints([2, 2]), n.ints([1, 1])])),
  onData(
    (d) => d.length === 3 && !d.includes(0),
    (n, x, dims) => {
      const [opType, gates] = n.choose.of([
        ['RNN', 1],
        ['GRU', 3],
        ['LSTM', 4],
      ] as const);
      const hidden = 2;
      const [w, r] = [n.floats([1, gates * hidden, dims[2] ?? 1]), n.floats([1, gates * hidden, hidden])];
      n.add(opType, [x, w, r], { hidden_size: hidden, layout: flag(n) }, 2);
    },
  ),
  onData(
    () => true,
    (n, x) => n.add('DynamicQuantizeLinear', [x], {}, 3),
  ),
  onData(
    () => true,
    (n, x) => n.add('QuantizeLinear', [x, n.floats([])]),
  ),
  onData(
    (d) => d.length > 1,
    (n, x) => n.add('DFT', [x, undefined, n.int(n.choose.between(0, 1))], { onesided: flag(n) }),
  ),
  (n) => n.add(n.choose.of(['HannWindow', 'HammingWindow', 'BlackmanWindow']), [n.pick('scalar')]),
  onData(hasRank(4), (n, x) => n.add('Attention', [x, x, x], { is_causal: flag(n) })),
  onData(hasRank(3), (n, x) =>
    n.add('Attention', [x, n.data(hasRank(3)), n.data(hasRank(3))], { q_num_heads: 1, kv_num_heads: 1 }),
  ),
  onData(hasRank(2), (n, x) =>
    n.add('NegativeLogLikelihoodLoss', [x, n.grid([n.dims(x)[0] ?? 1], () => 0)], {
      reduction: n.choose.of(['none', 'mean']),
    }),
  ),
  onData(hasRank(2), (n, x) =>
    n.add(
      'SoftmaxCrossEntropyLoss',
      [x, n.grid([n.dims(x)[0] ?? 1], () => 0)],
      { reduction: n.choose.of(['none', 'sum']) },
      2,
    ),
  ),
  onData(hasAxes, (n, x) => n.add(n.choose.of(['Binarizer', 'Normalizer']), [x], {}, 1, 'ai.onnx.ml')),
];

function windowAttributes(network: Network, rank: number): Record<string, readonly number[] | string> {
  const strides = Array.from({ length: rank }, () => network.choose.between(1, 2));
  if (network.choose.below(3) === 0)
    return { strides, auto_pad: network.choose.of(['SAME_UPPER', 'SAME_LOWER', 'VALID']) };
  return { strides, pads: Array.from({ length: 2 * rank }, () => network.choose.between(0, 1)) };
}

const families = [elementwise, movements, movements, picks, sizeSteps, sizeSteps, layers, controlSteps];

/** Each family as often as it is listed, whatever the number of its steps. */
export const networkSteps: readonly Step[] = families.map(
  (steps): Step =>
    (network) =>
      network.choose.of(steps)(network),
);
