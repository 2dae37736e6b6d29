/** Models for the constraints of single operators; see constraint-examples.ts. A table: it is as long as there are constraints. */
import {
  branches,
  type ConstraintExample,
  example,
  image,
  kernel,
  onDla,
  quantize,
  unary,
} from './constraint-example.ts';

const pool = (attributes: string): string =>
  `(${image}) => (float[1, 1, a, b] y) { y = AveragePool <${attributes}> (x) }`;
const convolution = (attributes: string, operator = 'Conv'): string =>
  `(${image}) => (float[1, 1, a, b] y) <${kernel}> { y = ${operator} <${attributes}> (x, w) }`;
const resize = (attributes: string, scales = '{1, 1, 2, 2}'): string =>
  `(${image}) => (float[1, 1, a, b] y) <float[4] s = ${scales}> { y = Resize <${attributes}> (x, , s) }`;
const attention = (attributes: string, more = '', declared = ''): string =>
  `(float[1, 2, 4, 8] q, float[1, 2, 4, 8] k, float[1, 2, 4, 8] v${declared}) => (float[1, 2, 4, 8] y) { y = Attention ${attributes} (q, k, v${more}) }`;
const lstm = (attributes: string): string =>
  `(float[2, 3, 4] x, float[1, 8, 4] w, float[1, 8, 2] r) => (float[2, 1, 3, 2] y) { y = LSTM <hidden_size = 2${attributes}> (x, w, r) }`;
const boxes = 'float[1, 6, 4] b, float[1, 1, 6] s';
const random = (attributes: string): string => `() => (float[2] y) { y = RandomNormal <shape = [2]${attributes}> () }`;
const loop = (body: string, inputs: string, declared: string): string =>
  `(float[2] x${declared}) => (float[2] y) { y = Loop (${inputs}, x) <body = b (int64 i, bool go, float[2] s) => (${body} }> }`;
const negating = 'bool on, float[2] n) { on = Identity (go)  n = Neg (s)';
const q21 = { opset: 21 } as const;
const a23 = { opset: 23 } as const;

export const operatorExamples: readonly ConstraintExample[] = [
  unary('helper-activation-dtypes', 'Relu', 'int32'),
  unary('helper-unary-dtypes', 'Exp', 'int32'),
  unary('helper-unary-abs-sign', 'Abs', 'bool'),
  unary('helper-unary-neg', 'Neg', 'bool'),
  unary('helper-unary-not', 'Not', 'float'),
  example('helper-elementwise-bool', '(bool[2] x) => (bool[2] y) { y = Add (x, x) }'),
  example('helper-elementwise-logical', '(float[2] x) => (float[2] y) { y = And (x, x) }'),
  example('helper-elementwise-broadcast', '(float[2, 3] x, float[4] z) => (float[2, 3] y) { y = Add (x, z) }'),
  example('helper-elementwise-mixed-types', '(float[2] x, float16[2] z) => (float[2] y) { y = Add (x, z) }'),
  example('helper-broadcast-rank', '(float[2] x) => (float[2] y) <float[1, 2] s = {1, 1}> { y = PRelu (x, s) }'),
  example('helper-axis-range', '(float[2] x) => (float[2] y) { y = Softmax <axis = 3> (x) }', {
    modelRule: 'model/impossible-node',
  }),
  example('helper-reduce-axes-const', '(float[2, 3] x, int64[1] a) => (float[n, m] y) { y = ReduceSum (x, a) }'),
  unary('helper-reduce-dtypes', 'ReduceMax', 'bool', { opset: 20 }),
  unary('helper-reduce-int-transcend', 'ReduceL2', 'int32'),
  example(
    'helper-reduce-noop-composite',
    '(float[2] x) => (float[2] y) { y = ReduceL1 <noop_with_empty_axes = 1> (x) }',
    { opset: 18 },
  ),
  example(
    'helper-pool-kernel-rank',
    '(float[1, 1, 4, 4] x) => (float[1, 1, 4, 4] y) { y = AveragePool <kernel_shape = [2]> (x) }',
  ),
  example('helper-pool-kernel-missing', `(${image}) => (float[1, 1, a, b] y) { y = AveragePool (x) }`),
  example(
    'helper-pool-dilations',
    `(${image}) => (float[1, 1, a, b] y) { y = MaxPool <kernel_shape = [2, 2], dilations = [2, 2]> (x) }`,
  ),
  example('helper-pool-asym-pads', pool('kernel_shape = [3, 3], pads = [1, 1, 0, 0]')),
  example('helper-autopad-with-pads', convolution('auto_pad = "SAME_UPPER", pads = [1, 1, 1, 1]')),
  example('helper-autopad-valid-pads', convolution('auto_pad = "VALID", pads = [1, 1, 1, 1]')),
  example('helper-autopad-unknown', convolution('auto_pad = "SAME"')),
  example(
    'shape-tensor-rank',
    '(float[2, 4] x, int64[2, 1] g) => (float[a, b] y) <int64[1] f = {-1}> { s = Reshape (g, f)  t = Neg (g)  u = Reshape (t, f)  v = Neg (u)  y = Reshape (x, v) }',
    { target: 'tensorrt@8.6' },
  ),
  example('shape-tensor-size', '(float[2, 3] x, int64[65] t) => (float y) { y = Expand (x, t) }'),
  example(
    'shape-tensor-ops',
    '(float[2, 3] x, int64[2] s) => (float[n, m] y) <int64 a = {0}> { t = CumSum (s, a)  y = Reshape (x, t) }',
    { target: 'tensorrt@10.3' },
  ),
  example('net-shape-tensor-types', '(float[2, 3] x, int64[k] s) => (float y) { y = Reshape (x, s) }'),
  example('argmax-select-last-opset', '(float[4] x) => (int64[1] y) { y = ArgMax <select_last_index = 1> (x) }', {
    opset: 11,
  }),
  example('argmax-int-8x', '(int32[4] x) => (int64[1] y) { y = ArgMax (x) }'),
  example('argmax-int-fp32', '(int32[4] x) => (int64[1] y) { y = ArgMax (x) }'),
  example(
    'attention-outputs',
    '(float[1, 2, 4, 8] q) => (float[1, 2, 4, 8] y, float[1, 2, 4, 8] p) { y, p = Attention (q, q, q) }',
    a23,
  ),
  example('attention-past', attention('', ', , k, v'), a23),
  example('attention-nonpad', attention('', ', , , , l', ', int64[1] l'), { opset: 24 }),
  example(
    'attention-rank',
    '(float[1, 2, 4, 8] q, float[1, 4, 16] k) => (float[1, 2, 4, 8] y) { y = Attention (q, k, k) }',
    a23,
  ),
  example(
    'attention-3d-heads',
    '(float[1, 4, 15] q) => (float[1, 4, 15] y) { y = Attention <q_num_heads = 2, kv_num_heads = 2> (q, q, q) }',
    a23,
  ),
  example('attention-softcap', attention('<softcap = 2.0>'), a23),
  example('attention-softmax-precision', attention('<softmax_precision = 1>'), a23),
  example('attention-mask-rank', attention('', ', m', ', float[1, 1, 1, 4, 4] m'), a23),
  example('attention-types', '(int32[1, 2, 4, 8] q) => (int32[1, 2, 4, 8] y) { y = Attention (q, q, q) }', a23),
  example('attention-fused-only', attention(''), a23),
  example(
    'batchnorm-training',
    '(float[1, 2, 4] x, float[2] s) => (float[1, 2, 4] y) { y = BatchNormalization <training_mode = 1> (x, s, s, s, s) }',
  ),
  example(
    'batchnorm-outputs',
    '(float[1, 2, 4] x, float[2] s) => (float[1, 2, 4] y, float[2] m) { y, m, v = BatchNormalization <training_mode = 1> (x, s, s, s, s) }',
  ),
  example(
    'batchnorm-param-rank',
    '(float[1, 2, 4] x, float[1, 2] s, float[2] m) => (float[1, 2, 4] y) { y = BatchNormalization (x, s, m, m, m) }',
  ),
  example(
    'batchnorm-param-size',
    '(float[1, 2, 4] x) => (float[1, 2, 4] y) <float[2] s = {1, 1}, float[3] m = {1, 1, 1}> { y = BatchNormalization (x, s, s, m, s) }',
  ),
  example(
    'batchnorm-param-const-old',
    '(float[1, 2, 4] x, float[2] s) => (float[1, 2, 4] y) { y = BatchNormalization (x, s, s, s, s) }',
  ),
  example(
    'batchnorm-param-dtype',
    '(int32[1, 2, 4] x, int32[2] s) => (int32[1, 2, 4] y) { y = BatchNormalization (x, s, s, s, s) }',
  ),
  example('cast-target', '(float[2] x) => (float8e8m0[2] y) { y = Cast <to = 24> (x) }', { opset: 24 }),
  example('cast-to-fp8', '(float[2] x) => (float8e4m3fn[2] y) { y = Cast <to = 17> (x) }', { opset: 19 }),
  example('cast-saturate', '(float[2] x) => (float8e4m3fn[2] y) { y = Cast <to = 17, saturate = 0> (x) }', {
    opset: 19,
  }),
  example('cast-round-mode', '(float[2] x) => (float8e4m3fn[2] y) { y = Cast <to = 17, round_mode = "down"> (x) }', {
    opset: 24,
  }),
  unary('celu-float-const', 'Celu', 'float16', { target: 'tensorrt@11.4' }),
  example(
    'typing-parser-fp32-constants',
    '(float16[1, 2, 3, 3] x) => (float16[1, 2, 3, 3] y) { y = MeanVarianceNormalization (x) }',
  ),
  example('clip-minmax-const-8.0', '(float[2] x, float l) => (float[2] y) { y = Clip (x, l) }'),
  unary('clip-dtypes', 'Clip', 'int8'),
  example('clip-scalar-bounds', '(float[2] x) => (float[2] y) <float[2] l = {0, 1}> { y = Clip (x, l) }'),
  example('concat-bool-7.0', '(bool[2] x) => (bool[4] y) { y = Concat <axis = 0> (x, x) }'),
  example('concat-axis-required', '(float[2, 2] x) => (float[2, 4] y) { y = Concat (x, x) }', { opset: 3 }),
  example('concat-dims', '(float[2, 2] x, float[3, 3] z) => (float[a, b] y) { y = Concat <axis = 0> (x, z) }'),
  example('constant-attrs', '(float[2] x) => (float[2] y) { k = Constant <value_string = "a"> ()  y = Neg (x) }'),
  example(
    'constant-value-attrs-opset',
    '(float[2] x) => (float[2] y) { k = Constant <value_float = 1.0> ()  y = Add (x, k) }',
    { opset: 11 },
  ),
  example('constantofshape-uint8', '(int64[1] s) => (uint8[n] y) { y = ConstantOfShape <value = uint8[1] {1}> (s) }'),
  example(
    'conv-weights-const-7',
    '(float[1, 1, 4, 4] x, float[1, 1, 3, 3] w) => (float[1, 1, 2, 2] y) { y = Conv (x, w) }',
  ),
  example('conv-bias-const', `(${image}, float[1] b) => (float[1, 1, 2, 2] y) <${kernel}> { y = Conv (x, w, b) }`),
  example(
    'conv-bias-shape',
    `(${image}) => (float[1, 1, 2, 2] y) <${kernel}, float[1, 1] b = {1}> { y = Conv (x, w, b) }`,
  ),
  example(
    'conv-rank',
    '(float[1, 1, 2, 2, 2, 2] x, float[1, 1, 1, 1, 1, 1] w) => (float[1, 1, 2, 2, 2, 2] y) { y = Conv (x, w) }',
  ),
  example('conv-kernel-shape-mismatch', convolution('kernel_shape = [2, 2]')),
  example(
    'conv-group-channels',
    '(float[1, 3, 4, 4] x, float[1, 2, 3, 3] w) => (float[1, 1, 2, 2] y) { y = Conv (x, w) }',
  ),
  example('conv-1d-multi-input', '(float[1, 1, 4] x, float[1, 1, 3] w) => (float[1, 1, 2] y) { y = Conv (x, w) }'),
  example(
    'convtranspose-weights-const',
    '(float[1, 1, 4, 4] x, float[1, 1, 3, 3] w) => (float[1, 1, 6, 6] y) { y = ConvTranspose (x, w) }',
  ),
  example(
    'convtranspose-bias-const',
    `(${image}, float[1] b) => (float[1, 1, 6, 6] y) <${kernel}> { y = ConvTranspose (x, w, b) }`,
  ),
  example(
    'convtranspose-rank',
    '(float[1, 1, 2, 2, 2, 2] x, float[1, 1, 1, 1, 1, 1] w) => (float[1, 1, 2, 2, 2, 2] y) { y = ConvTranspose (x, w) }',
  ),
  example('convtranspose-dilation-7.0', convolution('dilations = [2, 2]', 'ConvTranspose')),
  example(
    'convtranspose-asym-3d',
    '(float[1, 1, 4, 4, 4] x, float[1, 1, 3, 3, 3] w) => (float[1, 1, a, b, c] y) { y = ConvTranspose <pads = [1, 1, 1, 0, 0, 0]> (x, w) }',
  ),
  example('convtranspose-negative-pre-pad', convolution('output_shape = [20, 20]', 'ConvTranspose')),
  example(
    'convtranspose-output-shape-dynamic',
    '(float[1, 1, h, 4] x, float[1, 1, 3, 3] w) => (float[1, 1, a, b] y) { y = ConvTranspose <output_shape = [6, 6]> (x, w) }',
  ),
  example(
    'convtranspose-bias-shape',
    `(${image}) => (float[1, 1, 6, 6] y) <${kernel}, float[2] b = {1, 1}> { y = ConvTranspose (x, w, b) }`,
  ),
  example('convtranspose-kernel-mismatch', convolution('kernel_shape = [2, 2]', 'ConvTranspose')),
  example(
    'convtranspose-output-padding-8',
    '(float[1, 1, 4, 4, 4] x, float[1, 1, 3, 3, 3] w) => (float[1, 1, a, b, c] y) { y = ConvTranspose <strides = [2, 2, 2], output_padding = [0, 0, 1]> (x, w) }',
  ),
  example('cumsum-axis-const', '(float[2] x, int64 a) => (float[2] y) { y = CumSum (x, a) }'),
  example('cumsum-axis-buildtime', '(float[2] x, int64 a) => (float[2] y) { y = CumSum (x, a) }'),
  example('cumsum-dynamic-7.2', '(float[n] x) => (float[n] y) <int64 a = {0}> { y = CumSum (x, a) }'),
  example(
    'deformconv-dtypes',
    '(float[1, 1, 3, 3] x, float16[1, 1, 2, 2] w, float[1, 8, 2, 2] o) => (float[1, 1, 2, 2] y) { y = DeformConv (x, w, o) }',
    { opset: 19 },
  ),
  example(
    'deformconv-rank',
    '(float[1, 1, 3, 3, 3] x, float[1, 1, 2, 2, 2] w, float[1, 24, 2, 2, 2] o) => (float[1, 1, 2, 2, 2] y) { y = DeformConv (x, w, o) }',
    { opset: 19 },
  ),
  example(
    'deformconv-pads',
    '(float[1, 1, 3, 3] x, float[1, 1, 2, 2] w, float[1, 8, 3, 3] o) => (float[1, 1, 3, 3] y) { y = DeformConv <pads = [1, 1, 0, 0]> (x, w, o) }',
    { opset: 19 },
  ),
  example(
    'deformconv-kernel-shape',
    '(float[1, 1, 3, 3] x, float[1, 1, 2, 2] w, float[1, 8, 2, 2] o) => (float[1, 1, 2, 2] y) { y = DeformConv <kernel_shape = [2]> (x, w, o) }',
    { opset: 19 },
  ),
  example(
    'deformconv-plugin',
    '(float[1, 1, 3, 3] x, float[1, 1, 2, 2] w, float[1, 8, 2, 2] o) => (float[1, 1, 2, 2] y) { y = DeformConv (x, w, o) }',
    { opset: 19 },
  ),
  example('depthtospace-rank', '(float[4, 2, 2] x) => (float[1, 4, 4] y) { y = DepthToSpace <blocksize = 2> (x) }'),
  example(
    'depthtospace-dtype',
    '(bool[1, 4, 2, 2] x) => (bool[1, 1, 4, 4] y) { y = DepthToSpace <blocksize = 2> (x) }',
  ),
  example(
    'depthtospace-mode',
    '(float[1, 4, 2, 2] x) => (float[1, 1, 4, 4] y) { y = DepthToSpace <blocksize = 2, mode = "XYZ"> (x) }',
  ),
  example('dropout-training-const', '(float[2] x, float r, bool t) => (float[2] y) { y = Dropout (x, r, t) }'),
  example(
    'dropout-training-true',
    '(float[2] x) => (float[2] y) <float r = {0.5}, bool t = {1}> { y = Dropout (x, r, t) }',
  ),
  example('dropout-is-test', '(float[2] x) => (float[2] y) { y = Dropout <is_test = 0> (x) }', { opset: 6 }),
  example('dropout-mask-weights', '() => (float[2] y, bool[2] m) <float[2] w = {1, 2}> { y, m = Dropout (w) }'),
  example('einsum-chars', '(float[2, 3] x) => (float[3, 2] y) { y = Einsum <equation = "IJ->JI"> (x) }'),
  example('einsum-ellipsis', '(float[2, 3] x) => (float[3, 2] y) { y = Einsum <equation = "...i->i..."> (x) }'),
  example('einsum-diagonal', '(float[2, 2] x) => (float[2] y) { y = Einsum <equation = "ii->i"> (x) }'),
  example(
    'einsum-broadcast',
    '(float[2, 1] x, float[3, 2] z) => (float[2, 2] y) { y = Einsum <equation = "ij,jk->ik"> (x, z) }',
  ),
  unary('einsum-dtype', 'Einsum <equation = "ij->ji">', 'int32'),
  example('expand-shape-rank', '(float[2] x, int64[1, 2] s) => (float[a, b] y) { y = Expand (x, s) }'),
  example('expand-bool-7', '(bool[2] x) => (bool[2, 2] y) <int64[2] s = {2, 2}> { y = Expand (x, s) }'),
  example('expand-shape-length', '(float[4] x, int64[k] s) => (float y) { y = Expand (x, s) }'),
  example('eyelike-rank', '(float[2] x) => (float[2] y) { y = EyeLike (x) }'),
  example('eyelike-static', '(float[n, 2] x) => (float[n, 2] y) { y = EyeLike (x) }'),
  example('eyelike-dtype', '(float[2, 2] x) => (uint16[2, 2] y) { y = EyeLike <dtype = 4> (x) }'),
  example('gather-bool-8', '(bool[2] x) => (bool[1] y) <int64[1] i = {0}> { y = Gather (x, i) }'),
  example('gather-uint8', '(uint8[2] x) => (uint8[1] y) <int64[1] i = {0}> { y = Gather (x, i) }'),
  example('gather-index-range', '(float[2] x) => (float[1] y) <int64[1] i = {7}> { y = Gather (x, i) }'),
  example('gatherelements-dynamic-7', '(float[n] x) => (float[1] y) <int64[1] i = {0}> { y = GatherElements (x, i) }'),
  example('gatherelements-bool', '(bool[2] x) => (bool[1] y) <int64[1] i = {0}> { y = GatherElements (x, i) }'),
  example('gatherelements-uint8', '(uint8[2] x) => (uint8[1] y) <int64[1] i = {0}> { y = GatherElements (x, i) }'),
  example(
    'gatherelements-negative-7',
    '(float[2] x) => (float[1] y) <int64[1] i = {-1}> { y = GatherElements (x, i) }',
  ),
  example('gathernd-bool', '(bool[2] x) => (bool[1] y) <int64[1, 1] i = {0}> { y = GatherND (x, i) }'),
  example('gathernd-uint8', '(uint8[2] x) => (uint8[1] y) <int64[1, 1] i = {0}> { y = GatherND (x, i) }'),
  example(
    'gathernd-batch-dims',
    '(float[2, 3] x, int64[2, 3] i) => (float[2] y) { y = GatherND <batch_dims = 2> (x, i) }',
  ),
  example('gelu-approximate', '(float[2] x) => (float[2] y) { y = Gelu <approximate = "sigmoid"> (x) }', { opset: 20 }),
  example('gemm-rank', '(float[2, 2, 2] x, float[2, 2] w) => (float[2, 2] y) { y = Gemm (x, w) }'),
  example('gemm-int', '(int32[2, 2] x) => (int32[2, 2] y) { y = Gemm (x, x) }'),
  example('matmul-int', '(int32[2, 2] x) => (int32[2, 2] y) { y = MatMul (x, x) }'),
  example('matmul-type-7', '(float[2, 2] x, float16[2, 2] z) => (float[2, 2] y) { y = MatMul (x, z) }'),
  example('globallppool-dtype', '(bfloat16[1, 1, 2, 2] x) => (bfloat16[1, 1, 1, 1] y) { y = GlobalLpPool (x) }'),
  unary('lpnorm-dtype', 'LpNormalization', 'bfloat16'),
  unary('lpnorm-p', 'LpNormalization <p = 3>', 'float'),
  example(
    'lppool-dtype',
    '(bfloat16[1, 1, 2, 2] x) => (bfloat16[1, 1, 1, 1] y) { y = LpPool <kernel_shape = [2, 2]> (x) }',
  ),
  example(
    'lppool-p',
    '(float[1, 1, 2, 2] x) => (float[1, 1, 1, 1] y) { y = LpPool <kernel_shape = [2, 2], p = 3> (x) }',
  ),
  example(
    'gridsample-dtype',
    '(bool[1, 1, 2, 2] x, float[1, 2, 2, 2] g) => (bool[1, 1, 2, 2] y) { y = GridSample (x, g) }',
  ),
  example(
    'gridsample-rank',
    '(float[1, 1, 2, 2] x, float[1, 2, 2] g) => (float[1, 1, 2, 2] y) { y = GridSample (x, g) }',
  ),
  example(
    'net-gridsample-rank',
    '(float[1, 1, 2, 2, 2] x, float[1, 2, 2, 2, 3] g) => (float[1, 1, 2, 2, 2] y) { y = GridSample (x, g) }',
    { opset: 20 },
  ),
  example(
    'gridsample-mode-opset20',
    '(float[1, 1, 2, 2] x, float[1, 2, 2, 2] g) => (float[1, 1, 2, 2] y) { y = GridSample <mode = "linear"> (x, g) }',
    { opset: 20 },
  ),
  example(
    'gridsample-padding',
    '(float[1, 1, 2, 2] x, float[1, 2, 2, 2] g) => (float[1, 1, 2, 2] y) { y = GridSample <padding_mode = "wrap"> (x, g) }',
  ),
  example(
    'groupnorm-opset21-scale',
    '(float[1, 4, 4] x, float[4] s) => (float[1, 4, 4] y) { y = GroupNormalization <num_groups = 2> (x, s, s) }',
    q21,
  ),
  example(
    'normalization-rank',
    '(float[1, 2] x, float[2] s) => (float[1, 2] y) { y = InstanceNormalization (x, s, s) }',
  ),
  example(
    'layernorm-outputs',
    '(float[2, 3] x, float[3] s) => (float[2, 3] y, float[2, 1] m) { y, m = LayerNormalization (x, s) }',
  ),
  example(
    'layernorm-axis',
    '(float[2, 3] x, float[3] s) => (float[2, 3] y) { y = LayerNormalization <axis = 4> (x, s) }',
    { modelRule: 'model/impossible-node' },
  ),
  example('layernorm-missing-scale', '(float[2, 3] x) => (float[2, 3] y) { y = LayerNormalization (x, ) }'),
  example(
    'instancenorm-dtype',
    '(float[1, 2, 4] x, float16[2] s) => (float[1, 2, 4] y) { y = InstanceNormalization (x, s, s) }',
  ),
  example(
    'instancenorm-plugin-const',
    '(float[1, 2, 4] x, float[2] s) => (float[1, 2, 4] y) { y = InstanceNormalization (x, s, s) }',
  ),
  example(
    'instancenorm-rank-7',
    '(float[1, 2] x) => (float[1, 2] y) <float[2] s = {1, 1}> { y = InstanceNormalization (x, s, s) }',
  ),
  example(
    'instancenorm-static-7',
    '(float[n, 2, 4] x) => (float[n, 2, 4] y) <float[2] s = {1, 1}> { y = InstanceNormalization (x, s, s) }',
  ),
  example('mvn-dtype', '(int32[1, 2, 3, 3] x) => (int32[1, 2, 3, 3] y) { y = MeanVarianceNormalization (x) }'),
  example('lrn-window', '(float[1, 4, 2, 2] x) => (float[1, 4, 2, 2] y) { y = LRN <size = 4> (x) }'),
  example(
    'rnn-bidirectional-activations',
    '(float[2, 3, 4] x, float[2, 2, 4] w, float[2, 2, 2] r) => (float[2, 2, 3, 2] y) { y = RNN <hidden_size = 2, direction = "bidirectional", activations = ["Tanh", "Relu"]> (x, w, r) }',
  ),
  example(
    'rnn-bidirectional-7',
    '(float[2, 3, 4] x, float[2, 2, 4] w, float[2, 2, 2] r) => (float[2, 2, 3, 2] y) { y = RNN <hidden_size = 2, direction = "bidirectional"> (x, w, r) }',
  ),
  example('rnn-activation-names', lstm(', activations = ["sigmoid", "Tanh", "Tanh"]')),
  example('lstm-input-forget', lstm(', input_forget = 1')),
  example('rnn-layout', lstm(', layout = 1')),
  example('window-dtype', '() => (float16[4] y) <int64 s = {4}> { y = HannWindow <output_datatype = 10> (s) }'),
  example('window-size-rank', '() => (float[4] y) <int64[1] s = {4}> { y = HannWindow (s) }'),
  unary('hardmax-dtype', 'Hardmax', 'int32'),
  example('hardmax-axis-extent', '(float[2, n] x) => (float[2, n] y) { y = Hardmax (x) }'),
  unary('hardswish-dtype', 'HardSwish', 'bfloat16'),
  unary('mish-dtype', 'Mish', 'bfloat16', { opset: 18 }),
  unary('shrink-dtype', 'Shrink', 'bfloat16'),
  unary('shrink-int8-84', 'Shrink', 'int8'),
  example('isinf-dtype', '(int32[2] x) => (bool[2] y) { y = IsInf (x) }'),
  example(
    'if-const-cond-7',
    `(bool c, float[2] x) => (float[2] y) { y = If (c) <${branches('float[2] t) { t = Neg (x) }', 'float[2] e) { e = Abs (x) }')}> }`,
  ),
  example(
    'if-cond-scalar',
    `(bool[2] c, float[2] x) => (float[2] y) { y = If (c) <${branches('float[2] t) { t = Neg (x) }', 'float[2] e) { e = Abs (x) }')}> }`,
  ),
  example(
    'if-output-count',
    `(bool c, float[2] x) => (float[2] y) { y = If (c) <${branches('float[2] t) { t = Neg (x) }', 'float[2] e, float[2] f) { e = Abs (x)  f = Neg (x) }')}> }`,
  ),
  example(
    'if-branch-names',
    `(bool c, float[2] x) => (float[2] y) { y = If (c) <${branches('float[2] t) { t = Neg (x) }', 'float[2] t) { t = Abs (x) }')}> }`,
  ),
  example(
    'if-branch-rank',
    `(bool c, float[1, 2] x) => (float y) { y = If (c) <${branches('float[2] t) { t = Squeeze (x) }', 'float[1, 2] e) { e = Abs (x) }')}> }`,
  ),
  example(
    'if-shape-tensor',
    `(bool c, float[4] x, int64[1] p, int64[1] q) => (float[n] y) { s = If (c) <${branches('int64[1] t) { t = Neg (p) }', 'int64[1] e) { e = Abs (q) }')}>  y = Expand (x, s) }`,
  ),
  example(
    'loop-inputs',
    '(float[2] x) => (float[2] y) { y = Loop (x) <body = b (int64 i, bool go) => (bool on, float[2] n) { on = Identity (go)  n = Neg (x) }> }',
    { modelRule: 'model/wrong-operands' },
  ),
  example('loop-trip-scalar', loop(negating, 'm, c', ', int64[2] m, bool c')),
  example('loop-unregistered-input', loop(negating, 'm, ', ', int64 m')),
  example(
    'loop-scan-with-cond',
    '(float[2] x, int64 m, bool c) => (float[2] y, float[n, 2] z) { y, z = Loop (m, c, x) <body = b (int64 i, bool go, float[2] s) => (bool on, float[2] n, float[2] k) { on = Identity (go)  n = Neg (s)  k = Abs (s) }> }',
  ),
  example(
    'loop-scan-without-limit',
    '(float[2] x, bool c) => (float[2] y, float[n, 2] z) { y, z = Loop ( , c, x) <body = b (int64 i, bool go, float[2] s) => (bool on, float[2] n, float[2] k) { on = Identity (go)  n = Neg (s)  k = Abs (s) }> }',
  ),
  example(
    'loop-carried-shape',
    '(float[1] x) => (float[n] y) <int64 m = {3}, bool c = {1}> { y = Loop (m, c, x) <body = b (int64 i, bool go, float[1] s) => (bool on, float[2] n) { on = Identity (go)  n = Concat <axis = 0> (x, x) }> }',
  ),
  example(
    'loop-length-shape-tensor',
    '(float[2] x, float f) => (float[2] y) <bool c = {1}> { m = Cast <to = 7> (f)  y = Loop (m, c, x) <body = b (int64 i, bool go, float[2] s) => (bool on, float[2] n) { on = Identity (go)  n = Neg (s) }> }',
  ),
  example('loop-cond-types', loop(negating, 'm, c', ', int64 m, float c'), { modelRule: 'model/operand-type' }),
  example(
    'loop-body-ops',
    '(float[2] x, int64 m, bool c) => (float[2] y) { y = Loop (m, c, x) <body = b (int64 i, bool go, float[2] s) => (bool on, float[2] n) { on = Identity (go)  k = NonZero (s)  n = Neg (s) }> }',
  ),
  example(
    'scan-opset8',
    '(int64[1] l, float[1, 3, 2] x) => (float[1, 3, 2] y) { y = Scan <num_scan_inputs = 1, body = b (float[2] e) => (float[2] o) { o = Neg (e) }> (l, x) }',
    { opset: 8 },
  ),
  example(
    'scan-negative-axes',
    '(float[2] s, float[3, 2] x) => (float[2] t, float[3, 2] y) { t, y = Scan <num_scan_inputs = 1, scan_input_axes = [-2], body = b (float[2] a, float[2] e) => (float[2] n, float[2] o) { n = Add (a, e)  o = Neg (n) }> (s, x) }',
  ),
  example(
    'scan-no-state',
    '(float[3, 2] x) => (float[3, 2] y) { y = Scan <num_scan_inputs = 1, body = b (float[2] e) => (float[2] o) { o = Neg (e) }> (x) }',
  ),
  example(
    'maxpool-indices',
    `(${image}) => (float[1, 1, 2, 2] y, int64[1, 1, 2, 2] i) { y, i = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x) }`,
  ),
  example('mean-half-scale', '(float16[2] x, float16[2] z) => (float16[2] y) { y = Mean (x, z) }'),
  example('mod-fmod0-float', '(float[2] x, float[2] z) => (float[2] y) { y = Mod (x, z) }'),
  example('mod-uint8', '(uint8[2] x) => (uint8[2] y) { y = Mod (x, x) }'),
  example('nms-inputs', '(float[6, 4] b, float[1, 1, 6] s) => (int64[n, 3] y) { y = NonMaxSuppression (b, s) }'),
  example('nms-const-8', `(${boxes}, int64 m) => (int64[n, 3] y) { y = NonMaxSuppression (b, s, m) }`),
  example('nms-scalars', `(${boxes}, int64[2] m) => (int64[n, 3] y) { y = NonMaxSuppression (b, s, m) }`),
  example('nms-center-point', `(${boxes}) => (int64[n, 3] y) { y = NonMaxSuppression <center_point_box = 2> (b, s) }`),
  example(
    'nms-topn-limit',
    '(float[1, 6000, 4] b, float[1, 1, 6000] s) => (int64[n, 3] y) { y = NonMaxSuppression (b, s) }',
  ),
  example('nms-default-max', `(${boxes}) => (int64[n, 3] y) { y = NonMaxSuppression (b, s) }`),
  example('nms-data-dependent', `(${boxes}) => (int64[n, 3] y) { y = NonMaxSuppression (b, s) }`),
  example('nonzero-data-dependent', '(float[4] x) => (int64[1, n] y) { y = NonZero (x) }'),
  example('nonzero-dtype', '(uint8[4] x) => (int64[1, n] y) { y = NonZero (x) }'),
  example('onehot-depth-8', '(int64[2] x, int64 d, float[2] v) => (float[2, n] y) { y = OneHot (x, d, v) }'),
  example('onehot-depth-buildtime', '(int64[2] x, int64[2] d, float[2] v) => (float[2, n] y) { y = OneHot (x, d, v) }'),
  example('onehot-inputs', '(int64[2] x, uint8[2] v) => (uint8[2, 3] y) <int64 d = {3}> { y = OneHot (x, d, v) }'),
  example(
    'onehot-negative',
    '(float[2] v) => (float[1, 3] y) <int64[1] x = {-1}, int64 d = {3}> { y = OneHot (x, d, v) }',
  ),
  example('pad-pads-const-7', '(float[2] x, int64[2] p) => (float[n] y) { y = Pad (x, p) }'),
  example(
    'pad-2d-only',
    '(float[1, 1, 2, 2] x) => (float[2, 1, 2, 2] y) <int64[8] p = {1, 0, 0, 0, 0, 0, 0, 0}> { y = Pad (x, p) }',
  ),
  example(
    'pad-const0-only',
    '(float[1, 1, 2, 2] x) => (float[1, 1, 2, 4] y) <int64[8] p = {0, 0, 0, 1, 0, 0, 0, 1}> { y = Pad <mode = "edge"> (x, p) }',
  ),
  example('pad-mode', '(float[2] x) => (float[4] y) <int64[2] p = {1, 1}> { y = Pad <mode = "mirror"> (x, p) }'),
  example(
    'pad-reflect-extent',
    '(float[2] x) => (float[8] y) <int64[2] p = {3, 3}> { y = Pad <mode = "reflect"> (x, p) }',
  ),
  example(
    'pad-value-scalar',
    '(float[2] x) => (float[4] y) <int64[2] p = {1, 1}, float[2] v = {1, 1}> { y = Pad (x, p, v) }',
  ),
  example('pad-pads-shape', '(float[2] x) => (float[4] y) <int64[3] p = {1, 1, 1}> { y = Pad (x, p) }'),
  example(
    'pad-axes-dynamic',
    '(float[2] x, int64[1] a) => (float[4] y) <int64[2] p = {1, 1}, float v = {0}> { y = Pad (x, p, v, a) }',
    { opset: 18 },
  ),
  example('pad-uint8', '(uint8[2] x) => (uint8[4] y) <int64[2] p = {1, 1}> { y = Pad (x, p) }'),
  example('pad-bool', '(bool[2] x) => (bool[4] y) <int64[2] p = {1, 1}> { y = Pad (x, p) }'),
  example('pad-int-fill', '(int64[2] x) => (int64[4] y) <int64[2] p = {1, 1}> { y = Pad (x, p) }'),
  example('pow-int-10.7', '(int32[2] x, int32[2] z) => (int32[2] y) { y = Pow (x, z) }'),
  example('pow-int-base', '(int32[2] x, int32[2] z) => (int32[2] y) { y = Pow (x, z) }'),
  example('prelu-int', '(int32[2] x) => (int32[2] y) { y = PRelu (x, x) }'),
  example('qdq-const-7', '(float[2] x, float s, int8 z) => (int8[2] y) { y = QuantizeLinear (x, s, z) }'),
  example('qdq-three-inputs-8', '(float[2] x) => (uint8[2] y) <float s = {1}> { y = QuantizeLinear (x, s) }'),
  example('qdq-three-inputs-86', '(int8[2] x) => (float[2] y) <float s = {1}> { y = DequantizeLinear (x, s) }'),
  example('qdq-scale-nonempty', quantize('float[0] s = {}, int8[0] z = {}')),
  example('qdq-scale-positive', quantize('float s = {-1}, int8 z = {0}')),
  example('qdq-scale-type', quantize('int32 s = {1}, int8 z = {0}'), { opset: 19 }),
  example('qdq-zero-point-nonzero', quantize('float s = {1}, int8 z = {3}')),
  example(
    'qdq-zero-point-const',
    '(float[2] x, int8 z) => (int8[2] y) <float s = {1}> { y = QuantizeLinear (x, s, z) }',
    { target: 'tensorrt@10.3' },
  ),
  example(
    'qdq-uint8-zero-point',
    '(float[2] x) => (uint8[2] y) <float s = {1}, uint8 z = {0}> { y = QuantizeLinear (x, s, z) }',
  ),
  example(
    'qdq-uint8-8',
    '(float[2] x) => (uint8[2] y) <float s = {1}, uint8 z = {0}> { y = QuantizeLinear (x, s, z) }',
  ),
  example('qdq-zp-count', quantize('float[2] s = {1, 1}, int8[1] z = {0}', '<axis = 0>')),
  example(
    'qdq-zp-dtype-vs-output',
    '(float[2] x) => (int8[2] y) <float s = {1}, int8 z = {0}> { y = QuantizeLinear <output_dtype = 17> (x, s, z) }',
    q21,
  ),
  example(
    'qdq-output-dtype',
    '(float[2] x) => (int16[2] y) <float s = {1}> { y = QuantizeLinear <output_dtype = 5> (x, s) }',
    q21,
  ),
  example(
    'qdq-precision-attr',
    '(float[2] x) => (int8[2] y) <float s = {1}, int8 z = {0}> { y = QuantizeLinear <precision = 11> (x, s, z) }',
    a23,
  ),
  example('qdq-axis-scale-length', quantize('float[3] s = {1, 1, 1}, int8[3] z = {0, 0, 0}', '<axis = 1>')),
  example('qdq-axis-default', quantize('float[4] s = {1, 1, 1, 1}, int8[4] z = {0, 0, 0, 0}'), {
    target: 'tensorrt@10.3',
  }),
  example('qdq-per-channel-activation', quantize('float[4] s = {1, 1, 1, 1}, int8[4] z = {0, 0, 0, 0}', '<axis = 1>'), {
    target: 'tensorrt@10.3',
  }),
  example(
    'qdq-block-rank',
    '(float[2, 2, 2] x) => (int4[2, 2, 2] y) <float[1, 2] s = {1, 1}> { y = QuantizeLinear <output_dtype = 22, block_size = 2> (x, s) }',
    q21,
  ),
  example(
    'qdq-block-single',
    '(float[4, 4] x) => (int4[4, 4] y) <float[2, 2] s = {1, 1, 1, 1}> { y = QuantizeLinear <output_dtype = 22, block_size = 2> (x, s) }',
    q21,
  ),
  example(
    'qdq-block-divisible',
    '(float[2, 4] x) => (int4[2, 4] y) <float[2, 3] s = {1, 1, 1, 1, 1, 1}> { y = QuantizeLinear <output_dtype = 22, block_size = 2> (x, s) }',
    q21,
  ),
  example(
    'qdq-block-pre10',
    '(float[2, 4] x) => (int8[2, 4] y) <float[2, 2] s = {1, 1, 1, 1}, int8[2, 2] z = {0, 0, 0, 0}> { y = QuantizeLinear <block_size = 2> (x, s, z) }',
    q21,
  ),
  example(
    'net-q-block-axis',
    '(float[4, 2, 2] x) => (int4[4, 2, 2] y) <float[2, 2, 2] s = {1, 1, 1, 1, 1, 1, 1, 1}> { y = QuantizeLinear <axis = 0, output_dtype = 22, block_size = 2> (x, s) }',
    q21,
  ),
  example(
    'net-q-block-types',
    '(float[2, 4] x) => (int8[2, 4] y) <float[2, 2] s = {1, 1, 1, 1}, int8[2, 2] z = {0, 0, 0, 0}> { y = QuantizeLinear <block_size = 2> (x, s, z) }',
    { opset: 21, target: 'tensorrt@10.3' },
  ),
  example(
    'qdq-scale-dynamic-shape',
    '(float[2, 4] x, float[n] s) => (int8[2, 4] y) { y = QuantizeLinear <axis = 1, output_dtype = 3> (x, s) }',
    q21,
  ),
  example(
    'qdq-4bit-even',
    '(float[3] x) => (int4[3] y) <float s = {1}> { y = QuantizeLinear <output_dtype = 22> (x, s) }',
    q21,
  ),
  example(
    'qdq-input-uint8',
    '(uint8[2] x) => (float[2] y) <float s = {1}, uint8 z = {0}> { y = DequantizeLinear (x, s, z) }',
  ),
  example('qdq-bias-int32', '(int32[2] x) => (float[2] y) <float s = {1}> { y = DequantizeLinear (x, s) }'),
  example(
    'qdq-saturate',
    '(float[2] x) => (float8e4m3fn[2] y) <float s = {1}, float8e4m3fn z = {0}> { y = QuantizeLinear <saturate = 0> (x, s, z) }',
    { opset: 19 },
  ),
  example(
    'quantize-int32',
    '(int32[2] x) => (int8[2] y) <float s = {1}, int8 z = {0}> { y = QuantizeLinear (x, s, z) }',
    { opset: 19 },
  ),
  example(
    'trt-fp4-dynamic',
    '(float[2, 16] x) => (float[2, 16] y) { y = TRT_FP4DynamicQuantize <block_size = 32> (x) }',
  ),
  example(
    'trt-mxfp8-dynamic',
    '(float[2, 16] x) => (float[2, 16] y) { y = TRT_MXFP8DynamicQuantize <block_size = 16> (x) }',
  ),
  example(
    'trt-block-quant',
    '(float[2, 16] x) => (float[2, 16] y) { y = TRT_BlockQuantize <block_shape = [1, 1, 1, 1, 1, 1, 1, 1, 1]> (x) }',
  ),
  example('trt-quantized-attention', '(float[2, 16] x) => (float[2, 16] y) { y = TRT_QuantizedAttention (x) }'),
  example('random-dtype', '() => (double[2] y) { y = RandomNormal <shape = [2], dtype = 11> () }'),
  example('random-seed', random(', seed = 1.0')),
  example('random-like-const', '() => (float[2] y) <float[2] w = {1, 2}> { y = RandomNormalLike (w) }'),
  example(
    'range-types',
    '(float16 l) => (float16[n] y) <float16 a = {0}, float16 d = {15360}> { y = Range (a, l, d) }',
  ),
  example('range-dynamic-int', '(float l) => (float[n] y) <float a = {0}, float d = {1}> { y = Range (a, l, d) }'),
  example(
    'range-scalars',
    '() => (float[n] y) <float[2] a = {0, 0}, float l = {4}, float d = {1}> { y = Range (a, l, d) }',
  ),
  example('range-data-dependent', '(float l) => (float[n] y) <float a = {0}, float d = {1}> { y = Range (a, l, d) }'),
  example('reshape-one-wildcard', '(float[2, 2] x) => (float[a, b] y) <int64[2] s = {-1, -1}> { y = Reshape (x, s) }'),
  example(
    'resize-dtype',
    '(bool[1, 1, 2, 2] x) => (bool[1, 1, 4, 4] y) <float[4] s = {1, 1, 2, 2}> { y = Resize (x, , s) }',
  ),
  example(
    'resize-int32-8',
    '(int32[1, 1, 2, 2] x) => (int32[1, 1, 4, 4] y) <float[4] s = {1, 1, 2, 2}> { y = Resize (x, , s) }',
  ),
  example('resize-mode', resize('mode = "area"')),
  example('resize-ctm', resize('mode = "linear", coordinate_transformation_mode = "half_pixel_symmetric"'), {
    opset: 19,
  }),
  example('resize-ctm-7.0', resize('mode = "linear"'), { opset: 11 }),
  example('resize-ctm-7', resize('mode = "nearest"'), { opset: 11 }),
  example(
    'resize-tf-half-pixel-nn',
    resize('mode = "nearest", coordinate_transformation_mode = "tf_half_pixel_for_nn", nearest_mode = "floor"'),
  ),
  example(
    'resize-tf-half-pixel-sizes',
    `(${image}) => (float[1, 1, 8, 8] y) <int64[4] s = {1, 1, 8, 8}> { y = Resize <coordinate_transformation_mode = "tf_half_pixel_for_nn"> (x, , , s) }`,
    { opset: 11 },
  ),
  example('resize-antialias', resize('mode = "linear", antialias = 1'), { opset: 18 }),
  example('resize-antialias-ignored', resize('mode = "linear", antialias = 1'), { opset: 18 }),
  example(
    'resize-aspect',
    `(${image}) => (float[1, 1, 8, 8] y) <int64[4] s = {1, 1, 8, 8}> { y = Resize <keep_aspect_ratio_policy = "not_larger"> (x, , , s) }`,
    { opset: 18 },
  ),
  example(
    'resize-axes-unique',
    `(${image}) => (float[1, 1, 8, 8] y) <float[2] s = {2, 2}> { y = Resize <axes = [2, 2]> (x, , s) }`,
    { opset: 18 },
  ),
  example(
    'resize-axes-pre10',
    `(${image}) => (float[1, 1, 8, 8] y) <float[2] s = {2, 2}> { y = Resize <axes = [2, 3]> (x, , s) }`,
    { opset: 18 },
  ),
  example(
    'resize-axes-runtime-scales',
    `(${image}, float[2] s) => (float[1, 1, a, b] y) { y = Resize <axes = [2, 3]> (x, , s) }`,
    { opset: 18 },
  ),
  example('resize-scales-const-8', `(${image}, float[4] s) => (float[1, 1, a, b] y) { y = Resize (x, , s) }`),
  example(
    'resize-scales-length',
    `(${image}) => (float[1, 1, 8, 8] y) <float[3] s = {1, 2, 2}> { y = Resize (x, , s) }`,
  ),
  example('resize-linear-dims', resize('mode = "linear"', '{2, 1, 2, 2}')),
  example('resize-scalar', '(float x) => (float y) <float[0] s = {}> { y = Resize (x, , s) }'),
  example('resize-nearest-mode-unknown', resize('nearest_mode = "up"')),
  example(
    'resize-integer-layer',
    '(int32[1, 1, 2, 2] x) => (int32[1, 1, 4, 4] y) <float[4] s = {1, 1, 2, 2}> { y = Resize (x, , s) }',
  ),
  example('reversesequence-static', '(float[2, n] x, int64[n] l) => (float[2, n] y) { y = ReverseSequence (x, l) }'),
  example(
    'reversesequence-ranks',
    '(float[2, 2] x, int64[2] l) => (float[2, 2] y) { y = ReverseSequence <batch_axis = 1, time_axis = 1> (x, l) }',
  ),
  example('reversesequence-uint8', '(uint8[2, 2] x, int64[2] l) => (uint8[2, 2] y) { y = ReverseSequence (x, l) }'),
  example(
    'roialign-plugin',
    `(${image}, float[2, 4] r, int64[2] b) => (float[2, 1, 1, 1] y) { y = RoiAlign <sampling_ratio = 2> (x, r, b) }`,
  ),
  example('roialign-rois', `(${image}, float[2, 5] r, int64[2] b) => (float[2, 1, 1, 1] y) { y = RoiAlign (x, r, b) }`),
  example(
    'roialign-mode',
    `(${image}, float[2, 4] r, int64[2] b) => (float[2, 1, 1, 1] y) { y = RoiAlign <mode = "min"> (x, r, b) }`,
  ),
  example(
    'roialign-sampling-default',
    `(${image}, float[2, 4] r, int64[2] b) => (float[2, 1, 1, 1] y) { y = RoiAlign (x, r, b) }`,
  ),
  example(
    'roialign-dtype',
    '(bfloat16[1, 1, 4, 4] x, bfloat16[2, 4] r, int64[2] b) => (bfloat16[2, 1, 1, 1] y) { y = RoiAlign (x, r, b) }',
    { opset: 22 },
  ),
  example(
    'scatterelements-reduction',
    '(float[2] x, int64[1] i, float[1] u) => (float[2] y) { y = ScatterElements <reduction = "add"> (x, i, u) }',
  ),
  example(
    'scatterelements-plugin',
    '(float[2] x, int64[1] i, float[1] u) => (float[2] y) { y = ScatterElements <reduction = "add"> (x, i, u) }',
  ),
  example(
    'scatterelements-duplicates',
    '(float[2] x, float[2] u) => (float[2] y) <int64[2, 1] i = {0, 0}> { y = ScatterND (x, i, u) }',
  ),
  example(
    'scatternd-reduction',
    '(float[4] x, int64[2, 1] i, float[2] u) => (float[4] y) { y = ScatterND <reduction = "add"> (x, i, u) }',
  ),
  example(
    'scatternd-reduction-ignored',
    '(float[4] x, int64[2, 1] i, float[2] u) => (float[4] y) { y = ScatterND <reduction = "add"> (x, i, u) }',
  ),
  example(
    'scatter-uint8-bool',
    '(uint8[2] x, int64[1] i, uint8[1] u) => (uint8[2] y) { y = ScatterElements (x, i, u) }',
  ),
  example('shape-start-end-ignored', '(float[2, 3] x) => (int64[1] y) { y = Shape <start = 1> (x) }'),
  example('slice-inputs', '(float[4] x) => (float[4] y) <int64[1] s = {0}> { y = Slice (x, s) }', {
    modelRule: 'model/wrong-operands',
  }),
  example(
    'slice-axes-const',
    '(float[4] x, int64[1] a) => (float[n] y) <int64[1] s = {0}, int64[1] e = {2}> { y = Slice (x, s, e, a) }',
  ),
  example(
    'slice-lengths',
    '(float[4, 4] x) => (float[a, b] y) <int64[1] s = {1}, int64[2] e = {2, 2}> { y = Slice (x, s, e) }',
  ),
  example(
    'slice-duplicate-axes',
    '(float[4, 4] x) => (float[a, b] y) <int64[2] s = {1, 1}, int64[2] e = {2, 3}, int64[2] a0 = {0, 0}> { y = Slice (x, s, e, a0) }',
  ),
  example(
    'slice-axis-range',
    '(float[4, 4] x) => (float[a, b] y) <int64[1] s = {1}, int64[1] e = {2}, int64[1] a0 = {2}> { y = Slice (x, s, e, a0) }',
  ),
  example('slice-bool-7', '(bool[4] x) => (bool[2] y) <int64[1] s = {0}, int64[1] e = {2}> { y = Slice (x, s, e) }'),
  example('slice-uint8', '(uint8[4] x) => (uint8[2] y) <int64[1] s = {0}, int64[1] e = {2}> { y = Slice (x, s, e) }'),
  example('slice-runtime-lengths', '(float[4, 4] x, int64[k] s) => (float[a, b] y) { y = Slice (x, s, s) }'),
  example('spacetodepth-rank', '(float[4, 4] x) => (float[4, 4] y) { y = SpaceToDepth <blocksize = 2> (x) }'),
  example(
    'spacetodepth-dtype',
    '(bool[1, 1, 4, 4] x) => (bool[1, 4, 2, 2] y) { y = SpaceToDepth <blocksize = 2> (x) }',
  ),
  example('split-const', '(float[4] x, int64[2] s) => (float[a] y, float[b] z) { y, z = Split (x, s) }'),
  example('split-count', '(float[4] x) => (float[a] y, float[b] z) <int64[3] s = {1, 1, 2}> { y, z = Split (x, s) }'),
  example('split-num-outputs', '(float[4] x) => (float[a] y, float[b] z) { y, z = Split <num_outputs = 3> (x) }', {
    opset: 18,
  }),
  example('split-num-outputs-old', '(float[5] x) => (float[a] y, float[b] z) { y, z = Split <num_outputs = 2> (x) }', {
    opset: 18,
  }),
  example(
    'split-last-negative',
    '(float[5] x) => (float[a] w, float[b] y, float[c] z, float[d] v) { w, y, z, v = Split <num_outputs = 4> (x) }',
    { opset: 18 },
  ),
  example('split-bool-7', '(bool[4] x) => (bool[2] y, bool[2] z) { y, z = Split (x) }'),
  example('split-uint8', '(uint8[4] x) => (uint8[2] y, uint8[2] z) { y, z = Split (x) }'),
  example('squeeze-axes-const', '(float[1, 2] x, int64[1] a) => (float[n] y) { y = Squeeze (x, a) }', {
    target: 'tensorrt@10.6',
  }),
  example('unsqueeze-axes-const', '(float[2] x, int64[1] a) => (float[n, m] y) { y = Unsqueeze (x, a) }', {
    target: 'tensorrt@10.6',
  }),
  example('net-squeeze-axes-resolve', '(float[1, 2] x, int64[1] a) => (float[n] y) { y = Squeeze (x, a) }'),
  example('squeeze-no-axes', '(float[n, 1, 2] x) => (float y) { y = Squeeze (x) }'),
  example(
    'stft-real',
    '(float[1, 8, 2] x) => (float[1, a, b, 2] y) <int64 s = {2}, float[4] w = {1, 1, 1, 1}> { y = STFT (x, s, w) }',
  ),
  example(
    'stft-const',
    '(float[1, 8, 1] x, int64 s) => (float[1, a, b, 2] y) <float[4] w = {1, 1, 1, 1}> { y = STFT (x, s, w) }',
  ),
  example('tile-bool', '(bool[2] x) => (bool[4] y) <int64[1] r = {2}> { y = Tile (x, r) }'),
  example('tile-repeats-length', '(float[2, 3] x) => (float[a, b] y) <int64[3] r = {1, 1, 2}> { y = Tile (x, r) }'),
  example('tile-uint8', '(uint8[2] x) => (uint8[4] y) <int64[1] r = {2}> { y = Tile (x, r) }'),
  example('topk-k-const', '(float[4] x, int64[1] k) => (float[n] y, int64[n] i) { y, i = TopK (x, k) }'),
  example('topk-k-limit', '(float[5000] x) => (float[n] y, int64[n] i) <int64[1] k = {4000}> { y, i = TopK (x, k) }'),
  example('topk-int32-8', '(int32[4] x) => (int32[2] y, int64[2] i) <int64[1] k = {2}> { y, i = TopK (x, k) }'),
  example('topk-int32-rounding', '(int32[4] x) => (int32[2] y, int64[2] i) <int64[1] k = {2}> { y, i = TopK (x, k) }'),
  example('topk-uint8', '(uint8[4] x) => (uint8[2] y, int64[2] i) <int64[1] k = {2}> { y, i = TopK (x, k) }'),
  example(
    'topk-sorted',
    '(float[4] x) => (float[2] y, int64[2] i) <int64[1] k = {2}> { y, i = TopK <sorted = 0> (x, k) }',
  ),
  example('trilu-rank', '(float[2] x) => (float[2] y) { y = Trilu (x) }'),
  unary('trilu-uint8', 'Trilu', 'uint8'),
  example('upsample-inputs', `(${image}) => (float[1, 1, 8, 8] y) { y = Upsample (x) }`, {
    opset: 9,
    modelRule: 'model/wrong-operands',
  }),
  example(
    'upsample-mode',
    `(${image}) => (float[1, 1, 8, 8] y) <float[4] s = {1, 1, 2, 2}> { y = Upsample <mode = "cubic"> (x, s) }`,
    { opset: 9 },
  ),
  example('upsample-scales', `(${image}, int32[4] s) => (float[1, 1, 8, 8] y) { y = Upsample (x, s) }`, {
    opset: 9,
    modelRule: 'model/operand-type',
  }),
  example('upsample-scales-const', `(${image}, float[4] s) => (float[1, 1, a, b] y) { y = Upsample (x, s) }`, {
    opset: 9,
  }),
  example(
    'upsample-dtype',
    '(bool[1, 1, 2, 2] x) => (bool[1, 1, 4, 4] y) <float[4] s = {1, 1, 2, 2}> { y = Upsample (x, s) }',
    { opset: 9 },
  ),
  example('where-bool-data', '(bool[2] c) => (bool[2] y) { y = Where (c, c, c) }'),
  example('where-uint8', '(bool[2] c, uint8[2] x) => (uint8[2] y) { y = Where (c, x, x) }'),
  example('where-types', '(bool[2] c, float[2] x, float16[2] z) => (float[2] y) { y = Where (c, x, z) }', {
    target: 'tensorrt@11.4',
  }),
  example(
    'rope-3d',
    '(float[1, 4, 15] x, float[4, 4] c, int64[1, 4] p) => (float[1, 4, 15] y) { y = RotaryEmbedding <num_heads = 2> (x, c, c, p) }',
    a23,
  ),
  example(
    'rope-position-ids',
    '(float[1, 2, 4, 8] x, float[4, 4] c, int32[1, 4] p) => (float[1, 2, 4, 8] y) { y = RotaryEmbedding (x, c, c, p) }',
    a23,
  ),
  example(
    'tensorscatter-shape',
    '(float[1, 2, 4, 8] x, float[1, 2, 1, 8] u, int64[1] w) => (float[1, 2, 4, 8] y) { y = TensorScatter <mode = "circular"> (x, u, w) }',
    { opset: 24 },
  ),
  example(
    'net-volume-2g',
    '(float[1, 1, 1, 65536] x, float[65536, 1] z) => (float[1, 1, 65536, 65536] y) { y = Add (x, z) }',
  ),
  example('model-input-dim-int32', '(float[4294967296] x) => (float[1] y) { y = ReduceSum (x) }'),

  onDla('dla-internal-1g', '(float16[64, 64, 512, 512] x) => (float16[64, 64, 512, 512] y) { y = Relu (x) }'),
  onDla(
    'dla-conv-maps',
    '(float16[1, 1, 4, 4] x, float16[9000, 1, 3, 3] w) => (float16[1, 9000, 2, 2] y) { y = Conv (x, w) }',
  ),
  onDla(
    'dla-conv-groups',
    '(float16[1, 8200, 4, 4] x, float16[8192, 1, 3, 3] w) => (float16[1, 8192, 2, 2] y) { y = Conv <group = 8200> (x, w) }',
  ),
  onDla('dla-conv-padding', convolution('pads = [3, 3, 3, 3]')),
  onDla(
    'dla-conv-kernel',
    '(float16[1, 1, 64, 64] x, float16[1, 1, 33, 33] w) => (float16[1, 1, 32, 32] y) { y = Conv (x, w) }',
  ),
  onDla('dla-conv-stride', convolution('strides = [9, 9]')),
  onDla('dla-conv-dilation', convolution('dilations = [33, 33]')),
  onDla('dla-activation', '(float16[1, 1, 4, 4] x) => (float16[1, 1, 4, 4] y) { y = Elu (x) }'),
  onDla(
    'dla-pool-type',
    '(float16[1, 1, 4, 4] x) => (float16[1, 1, 3, 3] y) { y = LpPool <kernel_shape = [2, 2]> (x) }',
  ),
  onDla(
    'dla-pool-window',
    '(float16[1, 1, 32, 32] x) => (float16[1, 1, 24, 24] y) { y = MaxPool <kernel_shape = [9, 9]> (x) }',
  ),
  onDla('dla-lrn', '(float16[1, 4, 2, 2] x) => (float16[1, 4, 2, 2] y) { y = LRN <size = 11> (x) }'),
  onDla('dla-softmax', '(float16[1, 9000] x) => (float16[1, 9000] y) { y = Softmax (x) }'),
  onDla('dla-concat', '(float16[1, 1, 4, 4] x) => (float16[1, 1, 8, 4] y) { y = Concat <axis = 2> (x, x) }'),
  onDla(
    'dla-deconv-groups',
    '(float16[1, 2, 4, 4] x, float16[2, 1, 3, 3] w) => (float16[1, 2, 6, 6] y) { y = ConvTranspose <group = 2> (x, w) }',
  ),
  onDla('dla-deconv-padding', convolution('pads = [1, 1, 1, 1]', 'ConvTranspose')),
  onDla('dla-elementwise', '(float16[1, 1, 4, 4] x) => (float16[1, 1, 4, 4] y) { y = Pow (x, x) }'),
  onDla('dla-unary', '(float16[1, 1, 4, 4] x) => (float16[1, 1, 4, 4] y) { y = Exp (x) }'),
  onDla('dla-prelu', '(float16[1, 1, 4, 4] x, float16[1] s) => (float16[1, 1, 4, 4] y) { y = PRelu (x, s) }'),
  onDla(
    'dla-resize-output',
    `(${image}) => (float[1, 1, 8, 8] y) <int64[4] s = {1, 1, 8, 8}> { y = Resize (x, , , s) }`,
  ),
  onDla('dla-resize-scales', resize('mode = "nearest"', '{1, 1, 1.5, 1.5}')),
  onDla('dla-resize-modes', resize('mode = "linear", coordinate_transformation_mode = "align_corners"')),
  onDla(
    'dla-slice',
    '(float16[4, 4] x) => (float16[2, 4] y) <int64[1] s = {0}, int64[1] e = {2}> { y = Slice (x, s, e) }',
  ),
  onDla('dla-dynamic', '(float16[n, 1, 4, 4] x) => (float16[n, 1, 4, 4] y) { y = Relu (x) }'),
  onDla('dla-precision', '(float[1, 1, 4, 4] x) => (float[1, 1, 4, 4] y) { y = Relu (x) }'),
  onDla(
    'dla-loadables',
    `(float16[1, 8, 4, 4] x0) => (float16[1, 8, 4, 4] x34) { ${Array.from({ length: 34 }, (_, index) => `x${index + 1} = ${index % 2 === 0 ? 'Relu' : 'Trilu'} (x${index})`).join('  ')} }`,
  ),
];
