/**
 * The conversion failures that users report most, one model each, with what TensorRT prints and the rule that finds it before.
 * Sources: threads of onnx/onnx-tensorrt, NVIDIA/TensorRT and exporters; the numbers are ranks by how often they are asked.
 * It is as long as there are failures: one table in one file, so that none is missed.
 */
import type { MachineOptions } from '../../src/lint/machine.ts';

export interface Failure {
  readonly rank: number;
  readonly title: string;
  /** ONNX text; the header is added where there is none. */
  readonly model: string;
  readonly opset?: number;
  /** A release that has it, and one that does not (absent: all have it). */
  readonly target: string;
  readonly mended?: string;
  readonly machine?: MachineOptions;
  /** Rule and message of the finding. */
  readonly finds: readonly [rule: string, messageId: string];
  /** What TensorRT prints; `explain` leads to the rule, or to `explains` where the text is about something wider. */
  readonly errors: readonly (string | readonly [text: string, explains: string])[];
}

const boxes = '(float[1, 6, 4] b, float[1, 1, 6] s) => (int64[n, 3] y) { y = NonMaxSuppression (b, s) }';
const unsupported = 'tensorrt/unsupported-operator';
const restrictedInput = 'tensorrt/restricted-input';
const restrictedAttribute = 'tensorrt/restricted-attribute';
const nonConstant = 'tensorrt/non-constant-input';
const runtimeShape = 'tensorrt/runtime-shape';
const subgraphs = 'tensorrt/subgraph-limitation';
const unsupportedType = 'tensorrt/unsupported-type';

export const failures: readonly Failure[] = [
  {
    rank: 1,
    title: 'INT64 constants out of range',
    model: '(int64[1] x) => (int64[1] y) <int64[1] w = {9223372036854775807}> { y = Min (x, w) }',
    target: 'tensorrt@8.6',
    mended: 'tensorrt@9.0',
    finds: ['tensorrt/int64-overflow', 'clamped'],
    errors: [
      [
        'Your ONNX model has been generated with INT64 weights, while TensorRT does not natively support INT64. Attempting to cast down to INT32.',
        'tensorrt/int64-interface',
      ],
      'One or more weights outside the range of INT32 was clamped',
    ],
  },
  {
    rank: 2,
    title: 'an operator without importer',
    model: '(float[2] x) => (float[2] y) { y = X (x) }',
    target: 'tensorrt@10.3',
    finds: [unsupported, 'unknown'],
    errors: [
      'No importer registered for op: X. Attempting to import as plugin.',
      'getPluginCreator could not find plugin: X version: 1',
      'Plugin not found, are the plugin name, version, and namespace correct?',
    ],
  },
  {
    rank: 3,
    title: 'pads by way of a matrix',
    model: `(float[1, 1, 4, 4] x, int64[8] g) => (float[a, b, c, d] y) <int64[2] p = {-1, 2}, int64[1] f = {-1}> {
      t = Reshape (g, p)  u = Transpose <perm = [1, 0]> (t)  v = Reshape (u, f)  y = Pad (x, v)
    }`,
    target: 'tensorrt@8.6',
    mended: 'tensorrt@10.16',
    finds: [runtimeShape, 'rank'],
    errors: ['IShuffleLayer applied to shape tensor must have 0 or 1 reshape dimensions: dimensions were [-1,2]'],
  },
  {
    rank: 4,
    title: 'computed Resize scales',
    model: '(float[1, 1, 4, 4] x, float[4] s) => (float[1, 1, a, b] y) { y = Resize (x, , s) }',
    target: 'tensorrt@8.2',
    mended: 'tensorrt@8.4',
    finds: [nonConstant, 'computed'],
    errors: [
      'Assertion failed: scales.is_weights() && "Resize scales must be an initializer!"',
      'Assertion failed: scales_input.is_weights()',
    ],
  },
  {
    rank: 5,
    title: 'computed pads',
    model: '(float[2] x, int64[2] p) => (float[n] y) { y = Pad (x, p) }',
    target: 'tensorrt@7.2',
    mended: 'tensorrt@8.2',
    finds: [nonConstant, 'computed'],
    errors: [
      'In function importPad: [8] Assertion failed: inputs.at(1).is_weights()',
      ['This version of TensorRT only supports padding on the outer two dimensions!', restrictedAttribute],
    ],
  },
  {
    rank: 6,
    title: 'a Reshape with the batch of the trace',
    model: '(float[n, 3, 4] x) => (float[1, 12] y) <int64[2] s = {1, 12}> { y = Reshape (x, s) }',
    target: 'tensorrt@10.3',
    finds: ['tensorrt/fixed-size-reshape', 'fixed'],
    errors: [
      'IShuffleLayer X: reshape changes volume. Reshaping [a] to [b].',
      'reshaping failed for tensor: T reshape would change volume 24576 to 4096',
      'kOPT values for profile 0 violate shape constraints',
    ],
  },
  {
    rank: 7,
    title: 'dynamic inputs without profile',
    model: '(float[n, 3] x) => (float[n, 3] y) { y = Neg (x) }',
    target: 'tensorrt@10.3',
    finds: ['tensorrt/dynamic-input', 'open'],
    errors: [
      'Network has dynamic or shape inputs, but no optimization profile has been defined.',
      'dynamic input is missing dimensions in profile 0.',
    ],
  },
  {
    rank: 8,
    title: 'a ForeignNode without implementation',
    model: `(float[4, 8] x, int64[1, 1] i, float[1, 8] u, float[8, 8] w) => (float[4, 8] y) { t = ScatterND (x, i, u)  y = MatMul (t, w) }`,
    target: 'tensorrt@10.3',
    finds: ['tensorrt/kernel-risk', 'update'],
    errors: ['Error Code 10: Internal Error (Could not find any implementation for node {ForeignNode[A...B]}.)'],
  },
  {
    rank: 9,
    title: 'branches of different rank',
    model: `(bool c, float[1, 2] x) => (float y) <int64[1] a = {0}> {
      y = If (c) <then_branch = p () => (float[2] t) { t = Squeeze (x, a) }, else_branch = q () => (float[1, 2] e) { e = Abs (x) }>
    }`,
    target: 'tensorrt@8.6',
    finds: [subgraphs, 'branchRank'],
    errors: [
      'IIfConditionalOutputLayer inputs must have the same shape. Shapes are [-1] and [-1,1].',
      'dimensions not compatible for if-conditional outputs',
      ['Assertion failed: cond.is_weights() && cond.weights().count() == 1', nonConstant],
    ],
  },
  {
    rank: 10,
    title: 'NonMaxSuppression on an old release',
    model: boxes,
    target: 'tensorrt@7.2',
    mended: 'tensorrt@8.5',
    finds: [unsupported, 'later'],
    errors: [
      'No importer registered for op: NonMaxSuppression',
      'getPluginCreator could not find plugin NonMaxSuppression version 1',
      ['The boxes tensor must be 3D.', restrictedInput],
    ],
  },
  {
    rank: 11,
    title: 'UINT8 before 8.5',
    model: '(uint8[2] x) => (float[2] y) { y = Cast <to = 1> (x) }',
    target: 'tensorrt@8.4',
    mended: 'tensorrt@8.5',
    finds: [unsupportedType, 'input'],
    errors: [
      'Unsupported ONNX data type: UINT8 (2)',
      'Assertion failed: convertDtype(onnxDtype.elem_type(), &trtDtype)',
      'Invalid input type for ConstantOfShape',
    ],
  },
  {
    rank: 12,
    title: 'a network without outputs',
    model: '(float[2] x) => () { y = Neg (x) }',
    target: 'tensorrt@10.3',
    finds: ['tensorrt/network-output', 'none'],
    errors: [
      'Network must have at least one output',
      ['Assertion failed: ctx->tensors().count(inputName)', 'model/undefined-value'],
      ['INVALID_GRAPH', 'model/undefined-value'],
    ],
  },
  {
    rank: 13,
    title: 'FP16 asked of a model in float, for 11',
    model: '(float[2] x) => (float[2] y) { y = Neg (x) }',
    target: 'tensorrt@11.0',
    mended: 'tensorrt@10.16',
    finds: ['tensorrt/type-policy', 'float'],
    errors: [
      'build_engine(fp16=True) silently builds an FP32 engine (issue title)',
      'Inferred elem type differs: (10) vs (1)',
      'AttributeError: module tensorrt has no attribute CalibrationAlgoType',
    ],
  },
  {
    rank: 14,
    title: 'a mask constant beyond FP16',
    model: '(bool[2] m, float[2] x) => (float[2] y) <float h = {-1000000000}> { a = Where (m, x, h)  y = Softmax (a) }',
    target: 'tensorrt@10.3',
    machine: { precision: ['fp16'] },
    finds: ['tensorrt/half-range', 'overflow'],
    errors: [
      'Weights [name=W] had the following issues when converted to FP16',
      'Subnormal FP16 values detected.',
      'Values less than smallest positive FP16 Subnormal value detected.',
    ],
  },
  {
    rank: 15,
    title: 'an asymmetric zero point',
    model: '(float[2] x) => (int8[2] y) <float s = {0.5}, int8 z = {3}> { y = QuantizeLinear (x, s, z) }',
    target: 'tensorrt@8.6',
    finds: [restrictedInput, 'refused'],
    errors: [
      'TRT only supports symmetric quantization - zeroPt must be all zeros',
      'TensorRT only supports symmetric quantization. The zero point for the QuantizeLinear/DequantizeLinear operator must be all zeros.',
      'Assertion failed: shiftIsAllZeros(zeroPoint): Non-zero zero point is not supported.',
    ],
  },
  {
    rank: 16,
    title: 'operators of ONNX Runtime quantization',
    model: '(float[2] x) => (uint8[2] y, float s, uint8 z) { y, s, z = DynamicQuantizeLinear (x) }',
    target: 'tensorrt@10.3',
    finds: [unsupported, 'refused'],
    errors: [
      'No importer registered for op: QLinearConv',
      'getPluginCreator could not find plugin: DynamicQuantizeLinear version: 1',
    ],
  },
  {
    rank: 17,
    title: 'fused operators of ONNX Runtime',
    model:
      '<opset_import: ["" : 17, "com.microsoft" : 1]> agraph (float[2] x) => (float[2] y) { y = com.microsoft.SkipLayerNormalization (x) }',
    target: 'tensorrt@10.3',
    finds: [unsupported, 'domain'],
    errors: [
      'getPluginCreator could not find plugin: EmbedLayerNormalization version: 1',
      'SkipLayerNormalization',
      'FusedMatMul',
    ],
  },
  {
    rank: 18,
    title: 'TopK with a computed K',
    model: '(float[4] x, int64[1] k) => (float[n] y, int64[n] i) { y, i = TopK (x, k) }',
    target: 'tensorrt@8.5',
    mended: 'tensorrt@8.6',
    finds: [nonConstant, 'computed'],
    errors: [
      'This version of TensorRT only supports input K as an initializer.',
      'In function importTopK: Assertion failed: inputs.at(1).is_weights()',
      ['Failed to add TopK layer.', restrictedAttribute],
      ['tensorPtr->getType() != DataType::kINT32', unsupportedType],
    ],
  },
  {
    rank: 19,
    title: 'ScatterND before 8.2',
    model: '(float[4] x, int64[2, 1] i, float[2] u) => (float[4] y) { y = ScatterND (x, i, u) }',
    target: 'tensorrt@8.0',
    mended: 'tensorrt@8.2',
    finds: [unsupported, 'later'],
    errors: ['getPluginCreator could not find plugin ScatterND version 1'],
  },
  {
    rank: 20,
    title: 'ScatterND with the attribute reduction',
    model: '(float[4] x, int64[2, 1] i, float[2] u) => (float[4] y) { y = ScatterND <reduction = "none"> (x, i, u) }',
    target: 'tensorrt@10.8',
    mended: 'tensorrt@10.9',
    finds: [restrictedAttribute, 'refused'],
    errors: [
      'importScatterND: UNSUPPORTED_NODE_ATTR: Assertion failed: !attrs.count("reduction"): Attribute reduction is not supported.',
    ],
  },
  {
    rank: 21,
    title: 'ScatterElements with more indices than data',
    model:
      '(float[2, 2] x, int64[3, 2] i, float[3, 2] u) => (float[2, 2] y) { y = ScatterElements <axis = 1> (x, i, u) }',
    target: 'tensorrt@8.6',
    finds: [restrictedInput, 'refused'],
    errors: ['Indices dimensions must be less than data dimensions!'],
  },
  {
    rank: 22,
    title: 'GridSample before 8.5',
    model: '(float[1, 1, 2, 2] x, float[1, 2, 2, 2] g) => (float[1, 1, 2, 2] y) { y = GridSample (x, g) }',
    target: 'tensorrt@8.4',
    mended: 'tensorrt@8.5',
    finds: [unsupported, 'later'],
    errors: ['No importer registered for op: GridSample', 'No importer registered for op: grid_sampler'],
  },
  {
    rank: 23,
    title: 'GridSample of volumes',
    model: '(float[1, 1, 2, 2, 2] x, float[1, 2, 2, 2, 3] g) => (float[1, 1, 2, 2, 2] y) { y = GridSample (x, g) }',
    opset: 20,
    target: 'tensorrt@10.6',
    mended: 'tensorrt@11.2',
    finds: [restrictedInput, 'refused'],
    errors: ['INetworkDefinition::addGridSample: Error Code 3: API Usage Error'],
  },
  {
    rank: 24,
    title: 'GridSample of opset 20 runs as nearest',
    model:
      '(float[1, 1, 2, 2] x, float[1, 2, 2, 2] g) => (float[1, 1, 2, 2] y) { y = GridSample <mode = "linear"> (x, g) }',
    opset: 20,
    target: 'tensorrt@10.16',
    mended: 'tensorrt@11.2',
    finds: ['tensorrt/silent-difference', 'different'],
    errors: ['(no error) outputs differ; opset 18 export matches'],
  },
  {
    rank: 25,
    title: 'Einsum before 8.2',
    model: '(float[2, 3] x, float[3, 2] z) => (float[2, 2] y) { y = Einsum <equation = "ij,jk->ik"> (x, z) }',
    target: 'tensorrt@8.0',
    mended: 'tensorrt@8.2',
    finds: [unsupported, 'later'],
    errors: ['getPluginCreator could not find plugin Einsum version 1'],
  },
  {
    rank: 26,
    title: 'a Range of floats at run time',
    model: '(float l) => (float[n] y) <float a = {0}, float d = {1}> { y = Range (a, l, d) }',
    target: 'tensorrt@8.2',
    finds: [restrictedInput, 'refused'],
    errors: [
      ['For range operator with dynamic inputs, this version of TensorRT only supports INT32!', runtimeShape],
      ['Range operator size must fit in int32!', runtimeShape],
      ['shape tensor must have build-time extent', runtimeShape],
    ],
  },
  {
    rank: 27,
    title: 'boolean indexing',
    model: `(bool[4] m, float[4, 8] x, float[8, 8] w) => (float[n, 8] y) {
      p = NonZero (m)  r = Transpose (p)  c = GatherND (x, r)  y = MatMul (c, w)
    }`,
    target: 'tensorrt@8.6',
    finds: ['tensorrt/data-dependent-shape', 'dataDependent'],
    errors: [
      ['No importer registered for op: NonZero', unsupported],
      ['ForeignNode does not support data-dependent shape for now.', 'tensorrt/kernel-risk'],
      ['requires foreign node optimizations incompatible with data-dependent shapes', 'tensorrt/kernel-risk'],
    ],
  },
  {
    rank: 28,
    title: 'Mod before 8.5',
    model: '(int32[2] x, int32[2] z) => (int32[2] y) { y = Mod (x, z) }',
    target: 'tensorrt@8.4',
    mended: 'tensorrt@8.5',
    finds: [unsupported, 'later'],
    errors: [
      'getPluginCreator could not find plugin Mod version 1',
      ['The fmod attribute is set to 0. Inputs cannot be of floating point types.', unsupportedType],
    ],
  },
  {
    rank: 29,
    title: 'LayerNormalization before 8.6',
    model: '(float[2, 3] x, float[3] s) => (float[2, 3] y) { y = LayerNormalization (x, s) }',
    target: 'tensorrt@8.5',
    mended: 'tensorrt@8.6',
    finds: [unsupported, 'later'],
    errors: ['No importer registered for op: LayerNormalization'],
  },
  {
    rank: 30,
    title: 'a LayerNormalization in pieces, in FP16',
    model: `(float[1, 8, 64] x) => (float[1, 8, 64] y) <float two = {2}, float e = {0.00001}> {
      m = ReduceMean <axes = [-1]> (x)  c = Sub (x, m)  q = Pow (c, two)  v = ReduceMean <axes = [-1]> (q)
      w = Add (v, e)  d = Sqrt (w)  y = Div (c, d)
    }`,
    target: 'tensorrt@8.6',
    machine: { precision: ['fp16'] },
    finds: ['tensorrt/half-sensitive', 'variance'],
    errors: ['Running layernorm after self-attention with FP16 Reduce or Pow may cause overflow.'],
  },
  {
    rank: 31,
    title: 'double',
    model: '(float[1] x) => (float[1] y) <double[1] w = {1}> { a = Cast <to = 1> (w)  y = Add (x, a) }',
    target: 'tensorrt@8.6',
    finds: ['tensorrt/double-narrowing', 'weights'],
    errors: [
      ['Found unsupported datatype (11) when importing initializer', unsupportedType],
      'Your ONNX model has been generated with double-typed weights, while TensorRT does not natively support double. Attempting to cast down to float.',
    ],
  },
  {
    rank: 32,
    title: 'strings',
    model: '(string[2] x, float[2] z) => (float[2] y) { y = Neg (z) }',
    target: 'tensorrt@10.3',
    finds: [unsupportedType, 'input'],
    errors: ['Unsupported ONNX data type: STRING (8)', 'Found unsupported datatype (8) when importing initializer'],
  },
  {
    rank: 33,
    title: 'Squeeze without axes',
    model: '(float[n, 1, 2] x) => (float y) { y = Squeeze (x) }',
    target: 'tensorrt@10.16',
    mended: 'tensorrt@11.4',
    finds: [restrictedInput, 'refused'],
    errors: [
      'Cannot infer squeeze dimensions from a dynamic shape! Please re-export your model with the Squeeze axes input set.',
      ['Axes input for unsqueeze operation should be a constant tensor.', nonConstant],
    ],
  },
  {
    rank: 34,
    title: 'computed convolution weights',
    model: '(float[1, 1, 4, 4] x, float[1, 1, 3, 3] w) => (float[1, 1, 2, 2] y) { y = Conv (x, w) }',
    target: 'tensorrt@8.0',
    mended: 'tensorrt@8.5',
    finds: [nonConstant, 'computed'],
    errors: [
      'two inputs (data and weights) are allowed only in explicit-quantization mode.',
      ['kernel weights has count A but B was expected', restrictedInput],
      ['number of kernel weights does not match tensor dimensions', restrictedInput],
    ],
  },
  {
    rank: 35,
    title: 'InstanceNormalization of dynamic shape',
    model: '(float[n, 2, 4] x) => (float[n, 2, 4] y) <float[2] s = {1, 1}> { y = InstanceNormalization (x, s, s) }',
    target: 'tensorrt@7.0',
    mended: 'tensorrt@7.2',
    finds: [restrictedInput, 'refused'],
    errors: [
      'InstanceNormalization does not support dynamic inputs!',
      'TensorRT only supports InstanceNormalization on 3D or 4D tensors!',
    ],
  },
  {
    rank: 36,
    title: 'training mode',
    model:
      '(float[1, 2, 4] x, float[2] s) => (float[1, 2, 4] y) { y = BatchNormalization <training_mode = 1> (x, s, s, s, s) }',
    target: 'tensorrt@8.6',
    finds: [restrictedAttribute, 'refused'],
    errors: [
      'This version of TensorRT does not support training_mode == 1 in BatchNormalization.',
      'TensorRT does not support the Dropout operator in training mode.',
    ],
  },
  {
    rank: 37,
    title: 'a Loop whose state grows',
    model: `(float[1] x) => (float[n] y) <int64 m = {3}, bool c = {1}> {
      y = Loop (m, c, x) <body = b (int64 i, bool go, float[1] s) => (bool on, float[2] n) { on = Identity (go)  n = Concat <axis = 0> (x, x) }>
    }`,
    target: 'tensorrt@10.3',
    finds: [subgraphs, 'carriedShape'],
    errors: [
      'recurrence inputs must have same type',
      'inputs to IRecurrenceLayer have different dimensions',
      'operation not supported within a loop body.',
    ],
  },
  {
    rank: 38,
    title: 'external data in the folder above',
    model: '(float[2] x) => (float[2] y) <float[2] w = ["location": "../w.bin"]> { y = Add (x, w) }',
    target: 'tensorrt@8.6',
    finds: ['tensorrt/external-data', 'outside'],
    errors: [
      'Failed to open file: X',
      'Relative paths to parent (../) are not allowed in ONNX external weights!',
      'ModelProto exceeds maximum protobuf size of 2GB',
    ],
  },
  {
    rank: 39,
    title: 'nodes in a circle',
    model: '(float[2] x) => (float[2] y) { y = Add (x, z)  z = Neg (y) }',
    target: 'tensorrt@10.3',
    finds: ['model/cycle', ''],
    errors: [
      ['ERROR: Output name is not unique: ', 'model/duplicate-value'],
      ['Failed to sort the model topologically.', 'model/cycle'],
    ],
  },
  {
    rank: 40,
    title: 'a Slice with computed axes',
    model: '(float[4] x, int64[1] a) => (float[n] y) <int64[1] s = {0}, int64[1] e = {2}> { y = Slice (x, s, e, a) }',
    target: 'tensorrt@10.2',
    mended: 'tensorrt@10.3',
    finds: [nonConstant, 'computed'],
    errors: [
      ['The shape of input starts misaligns with the shape of input axes.', restrictedInput],
      ['ISliceLayer has out of bounds access on axis N', restrictedInput],
      'This version of TensorRT does not support dynamic axes.',
      ['slice is out of input range', restrictedInput],
    ],
  },
  {
    rank: 41,
    title: 'a Slice of nothing',
    model: '(float[4] x) => (float[0] y) <int64[1] s = {2}> { y = Slice (x, s, s) }',
    target: 'tensorrt@8.2',
    finds: ['tensorrt/empty-tensor', 'result'],
    errors: [
      'slice size must be positive, size = [0]',
      'Error Code 2: Internal Error (no further information)',
      'optimizationProfile.cpp::setDimensions condition x > 0',
    ],
  },
  {
    rank: 42,
    title: 'operands that do not broadcast',
    model: '(float[2, 3] x, float[4] z) => (float[2, 3] y) { y = Add (x, z) }',
    target: 'tensorrt@10.3',
    finds: [restrictedInput, 'refused'],
    errors: [
      'IElementWiseLayer X: broadcast dimensions must be conformable',
      ['operation PROD has incompatible input types Float and Bool', unsupportedType],
      ['elementwise inputs must not be Int32', unsupportedType],
    ],
  },
  {
    rank: 43,
    title: 'CumSum with a computed axis',
    model: '(float[2] x, int64 a) => (float[2] y) { y = CumSum (x, a) }',
    target: 'tensorrt@8.6',
    finds: [nonConstant, 'computed'],
    errors: [
      'Axis input for CumSum must be an initializer!',
      ['getPluginCreator could not find plugin CumSum version 1', unsupported],
    ],
  },
  {
    rank: 44,
    title: 'several CumSum of one tensor',
    model:
      '(float[2] x) => (float[2] y, float[2] z) <int64 a = {0}> { y = CumSum (x, a)  z = CumSum <reverse = 1> (x, a) }',
    target: 'tensorrt@10.10',
    mended: 'tensorrt@10.7',
    finds: ['tensorrt/silent-difference', 'different'],
    errors: ['(no error) CumSum outputs identical although axis/reverse differ'],
  },
  {
    rank: 45,
    title: 'the indices of a MaxPool',
    model:
      '(float[1, 1, 4, 4] x) => (float[1, 1, 2, 2] y, int64[1, 1, 2, 2] i) { y, i = MaxPool <kernel_shape = [2, 2], strides = [2, 2]> (x) }',
    target: 'tensorrt@10.3',
    finds: ['tensorrt/unavailable-output', 'unavailable'],
    errors: ['TensorRT does not support the indices output in MaxPool!'],
  },
  {
    rank: 46,
    title: 'functions of the exporter on 8.6',
    model:
      '<ir_version: 10, opset_import: ["" : 17, "pkg.onnxscript" : 1]> agraph (float[2] x) => (float[2] y) { y = pkg.onnxscript.aten_unsqueeze (x) } <domain: "pkg.onnxscript", opset_import: ["" : 17]> aten_unsqueeze (a) => (b) { b = Neg (a) }',
    target: 'tensorrt@8.6',
    mended: 'tensorrt@9.0',
    finds: [unsupported, 'functions'],
    errors: ['No importer registered for op: ATen', 'op_type: aten_unsqueeze domain: pkg.onnxscript'],
  },
  {
    rank: 47,
    title: 'names that occur twice',
    model:
      '<ir_version: 10, opset_import: ["" : 17, "a" : 1, "b" : 1]> agraph (float[2] x) => (float[2] y) { y = b.Step (x) } <domain: "a", opset_import: ["" : 17]> Step (p) => (q) { q = Neg (p) } <domain: "b", opset_import: ["" : 17]> Step (p) => (q) { q = Abs (p) }',
    target: 'tensorrt@10.3',
    finds: ['tensorrt/function-call', 'collision'],
    errors: [
      'Error: Weights of same values but of different counts are used in the network!',
      ['Found duplicate region name', 'tensorrt/name-limit'],
    ],
  },
  {
    rank: 48,
    title: 'Attention before 10.14',
    model: '(float[1, 2, 4, 8] q) => (float[1, 2, 4, 8] y) { y = Attention (q, q, q) }',
    opset: 23,
    target: 'tensorrt@10.13',
    mended: 'tensorrt@10.14',
    finds: [unsupported, 'later'],
    errors: [
      ['TensorRT only supports Attention nodes with one output.', 'tensorrt/unavailable-output'],
      ['Called with unknown input tensor or sequence name', subgraphs],
    ],
  },
  {
    rank: 49,
    title: 'a grouped convolution in FP16 on 11.2',
    model: '(float16[1, 8, 8, 8] x, float16[8, 1, 3, 3] w) => (float16[1, 8, 6, 6] y) { y = Conv <group = 8> (x, w) }',
    target: 'tensorrt@11.2',
    mended: 'tensorrt@10.16',
    finds: ['tensorrt/kernel-risk', 'groupedHalf'],
    errors: ['No low-precision conv kernel available for this strongly-typed Conv/ConvTranspose.'],
  },
  {
    rank: 50,
    title: 'an LSTM with coupled gates',
    model:
      '(float[2, 3, 4] x, float[1, 8, 4] w, float[1, 8, 2] r) => (float[2, 1, 3, 2] y) { y = LSTM <hidden_size = 2, input_forget = 1> (x, w, r) }',
    target: 'tensorrt@10.3',
    finds: [restrictedAttribute, 'refused'],
    errors: [
      'The parser does not currently support cases where activations for the reverse pass of the LSTM do not match the forward pass.',
      'Coupled input/forget is unsupported in the LSTM converter',
    ],
  },
  {
    rank: 51,
    title: 'DFT',
    model: '(float[1, 8, 1] x) => (float[1, 8, 2] y) { y = DFT (x) }',
    target: 'tensorrt@10.3',
    mended: 'tensorrt@11.2',
    finds: [unsupported, 'later'],
    errors: ['(generic) No importer registered for op: DFT / plugin not found'],
  },
  {
    rank: 52,
    title: 'Resize with antialias',
    model:
      '(float[1, 1, 4, 4] x) => (float[1, 1, 8, 8] y) <float[4] s = {1, 1, 2, 2}> { y = Resize <mode = "linear", antialias = 1> (x, , s) }',
    opset: 18,
    target: 'tensorrt@10.3',
    finds: [restrictedAttribute, 'refused'],
    errors: [
      'TensorRT only supports ... modes for linear resizes when sizes are provided!',
      'Unsupported coordinate transformation mode',
      'Antialiasing is not supported currently.',
    ],
  },
  {
    rank: 53,
    title: 'an opset newer than the parser',
    model: '(float[2] x) => (float[2] y) { y = Identity (x) }',
    opset: 21,
    target: 'tensorrt@8.4',
    finds: ['tensorrt/opset-range', 'newer'],
    errors: ['WARNING: ONNX model has a newer ir_version (0.0.4) than this parser was built against (0.0.3).'],
  },
];
