/**
 * A model for each constraint, that shows it: the tests run them, and rules/tensorrt/COVERAGE.md lists the findings. The target is the
 * newest release that the constraint holds for, unless one is named. What shows in a model's own mistakes is found by a rule of model/.
 */
import { availabilityRows } from './availability.ts';
import { type ConstraintExample, example, unary } from './constraint-example.ts';
import { operatorExamples } from './operator-examples.ts';

const cast = (type: string, code: number): string => `(float[2] x) => (${type}[2] y) { y = Cast <to = ${code}> (x) }`;
const header = (functions: string): string => `<ir_version: 10, opset_import: ["" : 17, "l" : 1${functions}]>`;

const availability = Object.entries(availabilityRows)
  .filter(([, constraint], index, rows) => rows.findIndex(([, other]) => other === constraint) === index)
  .map(([operator, constraint]) => example(constraint, `(float[2] x) => (float[2] y) { y = ${operator} (x) }`));

const modelExamples: readonly ConstraintExample[] = [
  example('model-opset-below-7', '(float[2] x) => (float[2] y) { y = Relu (x) }', { opset: 6 }),
  example(
    'model-opset-broadcast-below-7',
    '(float[2, 3] x, float[3] b) => (float[2, 3] y) { y = Add <axis = 1, broadcast = 1> (x, b) }',
    { opset: 6 },
  ),
  example('model-opset-above-doc-max', '(float[2] x) => (float[2] y) { y = Identity (x) }', {
    opset: 21,
    target: 'tensorrt@8.6',
  }),
  example(
    'model-opset-domain-count',
    `<ir_version: 8, opset_import: ["" : 17${Array.from({ length: 1025 }, (_, index) => `, "d${index}" : 1`).join('')}]> agraph (float[2] x) => (float[2] y) { y = Relu (x) }`,
  ),
  example(
    'model-nesting-depth',
    `${header('')} agraph (float[2] x) => (float[2] y) { y = l.F0 (x) } ${Array.from(
      { length: 26 },
      (_, index) =>
        `<domain: "l", opset_import: ["" : 17, "l" : 1]> F${index} (p) => (q) { q = ${index < 25 ? `l.F${index + 1}` : 'Neg'} (p) }`,
    ).join(' ')}`,
  ),
  example('model-toposort-cycle', '(float[2] x) => (float[2] y) { y = Add (x, z)  z = Neg (y) }', {
    modelRule: 'model/cycle',
  }),
  example(
    'model-subgraph-outer-order',
    `(bool c, float[2] x) => (float[2] y) {
      y = If (c) <then_branch = a () => (float[2] t) { t = Neg (late) }, else_branch = b () => (float[2] e) { e = Abs (x) }>
      late = Relu (x)
    }`,
    { modelRule: 'model/topological-order' },
  ),
  example('model-output-is-input', '(float[2] x) => (float[2] x, float[2] y) { y = Neg (x) }'),
  example(
    'model-output-int32-type',
    '(float[1] x) => (uint8[1] y, float[1] z) <uint8[1] k = {3}> { y = Identity (k)  z = Neg (x) }',
  ),
  example('model-output-dtype-unmapped', cast('uint16', 4)),
  example('model-input-dtype-unmapped', '(float8e8m0[2] x) => (float[2] y) { y = Cast <to = 1> (x) }', { opset: 24 }),
  example('model-input-not-tensor', '(seq(float[2]) parts, float[2] x) => (float[2] y) { y = Neg (x) }'),
  example(
    'model-input-rank-over-8',
    '(float[1, 1, 1, 1, 1, 1, 1, 1, 2] x) => (float[2] y) <int64[1] flat = {2}> { y = Reshape (x, flat) }',
  ),
  example('model-input-missing-shape', '(float[] x) => (float[] y) { y = Neg (x) }'),
  example('model-dynamic-needs-profile', '(float[n, 3] x) => (float[n, 3] y) { y = Neg (x) }'),
  example('model-name-length', `(float[2] ${'x'.repeat(5000)}) => (float[2] y) { y = Neg (${'x'.repeat(5000)}) }`),
  example(
    'init-sparse',
    '(float[3] x) => (float[3] y) <sparse_tensor(float[3]) w = {float[1] {1}, int64[1] {0}}> { y = Add (x, w) }',
  ),
  example('init-dtype', '(float[2] x) => (float[2] y) <float8e8m0[1] w = {1}> { y = Neg (x) }', { opset: 24 }),
  example(
    'init-rank-over-8',
    '(float[1] x) => (float[1, 1, 1, 1, 1, 1, 1, 1, 1] y) <float[1, 1, 1, 1, 1, 1, 1, 1, 1] w = {1}> { y = Add (x, w) }',
  ),
  example(
    'init-double-narrowed',
    '(float[1] x) => (float[1] y) <double[1] w = {1}> { a = Cast <to = 1> (w)  y = Add (x, a) }',
  ),
  example(
    'init-double-7x',
    '(float[1] x) => (float[1] y) <double[1] w = {1}> { a = Cast <to = 1> (w)  y = Add (x, a) }',
  ),
  example('init-int64-clamped', '(int64[1] x) => (int64[1] y) <int64[1] w = {9223372036854775807}> { y = Min (x, w) }'),
  example(
    'init-uint8-8x',
    '(float[1] x) => (float[1] y) { k = Constant <value = uint8[1] {1}> ()  f = Cast <to = 1> (k)  y = Add (x, f) }',
  ),
  example(
    'init-external-parent-path',
    '(float[2] x) => (float[2] y) <float[2] w = ["location": "../w.bin"]> { y = Add (x, w) }',
  ),
  example(
    'init-external-key',
    '(float[2] x) => (float[2] y) <float[2] w = ["location": "w.bin", "basepath": "."]> { y = Add (x, w) }',
  ),
  example('init-external-7.0', '(float[2] x) => (float[2] y) <float[2] w = ["location": "w.bin"]> { y = Add (x, w) }'),
  example('init-empty-zero-dim', '(float[2] x) => (float[2] y) <float[0] w = {}> { y = Concat <axis = 0> (x, w) }'),
  example('net-empty-tensors', '(float[0, 2] x) => (float[0, 2] y) { y = Neg (x) }'),
  example('dtype-map-int64-pre9', '(int64[1] x) => (int64[1] y) <int64[1] w = {1}> { y = Min (x, w) }'),
  example('typing-int64-8x', '(int64[1] x) => (int64[1] y) { y = Abs (x) }'),
  example('typing-int64-io', '(int64[1] x) => (int64[1] y) { y = Abs (x) }'),
  example('dtype-map-double', cast('double', 11)),
  example('net-weights-double', '(double[2] x) => (double[2] y) { y = Neg (x) }'),
  example('dtype-map-bf16', cast('bfloat16', 16)),
  example('dtype-map-fp8', cast('float8e4m3fn', 17), { opset: 19 }),
  example('dtype-map-fp8-other', cast('float8e5m2', 19), { opset: 19 }),
  example('dtype-map-int4', cast('int4', 22), { opset: 21 }),
  example('dtype-map-uint4', cast('uint4', 21), { opset: 21 }),
  example('dtype-map-fp4', cast('float4e2m1', 23), { opset: 23 }),
  example('dtype-map-uint8', '(uint8[2] x) => (float[2] y) { y = Cast <to = 1> (x) }'),
  example('dtype-map-small-ints', '(int16[2] x) => (float[2] y) { y = Cast <to = 1> (x) }'),
  example('dtype-string-complex', '(string[2] x, float[2] z) => (float[2] y) { y = Neg (z) }'),
  example('dtype-uint8-intermediate', '(float[2] x) => (float[2] y) { a = Cast <to = 2> (x)  y = Cast <to = 1> (a) }'),
  unary('dtype-uint8-consumers', 'Concat <axis = 0>', 'uint8'),
  example('dtype-uint8-cast-pairs', '(uint8[2] x) => (int32[2] y) { y = Cast <to = 6> (x) }'),
  example(
    'dispatch-domain-ignored',
    '<opset_import: ["" : 17, "com.microsoft" : 1]> agraph (float[2] x) => (float[2] y) { y = com.microsoft.Gelu (x) }',
  ),
  example('dispatch-explicitly-unsupported', '(float[2, 3, 3] x) => (float[2] y) { y = Det (x) }'),
  example('dispatch-unknown-op-7.0', '(float[2] x) => (float[2] y) { y = MyOperator (x) }'),
  example('dispatch-plugin-fallback', '(float[2] x) => (float[2] y) { y = MyOperator (x) }'),
  example('dispatch-plugin-attr-types', '(float[2] x) => (float[2] y) { y = MyPlugin <table = int64[1] {1}> (x) }', {
    machine: { plugins: ['MyPlugin'] },
  }),
  example('dispatch-plugin-int64-inputs', '(int64[2] x) => (int64[2] y) { y = MyPlugin (x) }', {
    machine: { plugins: ['MyPlugin'] },
  }),
  example(
    'dispatch-plugin-shape-inputs',
    '(float[2] x) => (float[2] y) { y = MyPlugin <tensorrt_plugin_shape_input_indices = [3]> (x) }',
    { machine: { plugins: ['MyPlugin'] } },
  ),
  example('plugin-v2-deprecated', '(float[2] x) => (float[2] y) { y = MyPlugin (x) }', {
    machine: { plugins: ['MyPlugin'] },
  }),
  example(
    'plugin-lib-init',
    '(float[1, 100, 4] b, float[1, 100, 2] s) => (int32[1, 1] n) { n = EfficientNMS_TRT (b, s) }',
  ),
  example('plugin-removed-11', '(float[2] x) => (float[2] y) { y = LReLU_TRT (x) }'),
  example(
    'function-name-collision',
    '<ir_version: 10, opset_import: ["" : 17, "a" : 1, "b" : 1]> agraph (float[2] x) => (float[2] y) { y = b.Step (x) } <domain: "a", opset_import: ["" : 17]> Step (p) => (q) { q = Neg (p) } <domain: "b", opset_import: ["" : 17]> Step (p) => (q) { q = Abs (p) }',
  ),
  example(
    'function-shadowed-by-importer',
    `${header('')} agraph (float[2] x) => (float[2] y) { y = l.Relu (x) } <domain: "l", opset_import: ["" : 17]> Relu (a) => (b) { b = Tanh (a) }`,
  ),
  example(
    'function-input-count',
    `${header('')} agraph (float[2] x) => (float[2] y) { y = l.Scale (x) } <domain: "l", opset_import: ["" : 17]> Scale (p, f) => (q) { q = Neg (p) }`,
  ),
  example(
    'function-empty-input',
    `${header('')} agraph (float[2] x) => (float[2] y) { y = l.Scale ( , x) } <domain: "l", opset_import: ["" : 17]> Scale (f, p) => (q) { q = Neg (p) }`,
  ),
  example(
    'function-pre9',
    `${header('')} agraph (float[2] x) => (float[2] y) { y = l.Twice (x) } <domain: "l", opset_import: ["" : 17]> Twice (a) => (b) { b = Add (a, a) }`,
  ),
  example(
    'net-max-rank',
    '(float[2] x) => (float[1, 1, 1, 1, 1, 1, 1, 1, 2] y) <int64[9] s = {1, 1, 1, 1, 1, 1, 1, 1, 2}> { y = Reshape (x, s) }',
  ),
  example(
    'unsqueeze-rank',
    '(float[1, 1, 1, 1, 1, 1, 1, 2] x) => (float[1, 1, 1, 1, 1, 1, 1, 1, 2] y) <int64[1] a = {0}> { y = Unsqueeze (x, a) }',
  ),
  example(
    'transpose-rank',
    '(float[1, 1, 1, 1, 1, 1, 1, 1, 2] x) => (float[2, 1, 1, 1, 1, 1, 1, 1, 1] y) { y = Transpose (x) }',
  ),
  example('typing-strong-default', '(float16[2] x) => (float16[2] y) { y = Neg (x) }', {
    target: 'tensorrt@11.5',
    machine: { precision: ['fp16'] },
  }),
  example('typing-fp16-export', '(float[2] x) => (float[2] y) { y = Neg (x) }'),
  example('typing-implicit-int8', '(float[2] x) => (float[2] y) { y = Neg (x) }', {
    target: 'tensorrt@10.16',
    machine: { precision: ['int8'] },
  }),
  example('typing-cast-fold', '(float16[2] x) => (float16[2] y) { a = Cast <to = 1> (x)  y = Cast <to = 10> (a) }'),
  example(
    'qdq-strong-typing-advice',
    '(float[2] x) => (float[2] y) <float s = {1}, float8e4m3fn z = {0}> { q = QuantizeLinear (x, s, z)  y = DequantizeLinear (q, s, z) }',
    { opset: 19 },
  ),
  example('arch-min-sm', '(float[2] x) => (float[2] y) { y = Neg (x) }', { machine: { gpu: 'gtx1080' } }),
  example('arch-fp16', '(float[2] x) => (float[2] y) { y = Neg (x) }', {
    target: 'tensorrt@8.6',
    machine: { gpu: 'gtx1080', precision: ['fp16'] },
  }),
  example('arch-bf16', '(bfloat16[2] x) => (bfloat16[2] y) { y = Neg (x) }', { machine: { gpu: 't4' } }),
  example(
    'arch-fp8',
    '(float[2] x) => (float8e4m3fn[2] y) <float s = {1}, float8e4m3fn z = {0}> { y = QuantizeLinear (x, s, z) }',
    { opset: 19, machine: { gpu: 'a100' } },
  ),
  example(
    'arch-fp4',
    '(float[2] x) => (float4e2m1[2] y) <float s = {1}, float4e2m1 z = {0}> { y = QuantizeLinear (x, s, z) }',
    { opset: 23, machine: { gpu: 'h100' } },
  ),
  example('arch-int64', '(int64[64, 64] x) => (int64[64, 64] y) { y = Add (x, x) }'),
  example('trt-moe-arch', '(float16[2] x) => (float16[2] y) { y = TRT_MoE (x) }', { machine: { gpu: 'h100' } }),
];

export const constraintExamples: readonly ConstraintExample[] = [
  ...availability,
  ...modelExamples,
  ...operatorExamples,
];
