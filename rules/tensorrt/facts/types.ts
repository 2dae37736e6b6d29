/** Element types that an importer or its layer refuses, by operator and input. */
import { type DataType, type ParserType, type Target, version, type Version } from '../../../src/rule-kit.ts';
import { type ConstraintId, type Evidence, evidence, constraint } from './constraints.ts';

export interface TypeRow {
  readonly operators: readonly string[];
  /** Inputs it is about. */
  readonly inputs: readonly number[];
  readonly refused: readonly ParserType[];
  readonly constraint: ConstraintId;
  /** Holds for strongly typed networks only: always so in TensorRT-RTX and from 11.0 on. */
  readonly strongTyping?: true;
}

const words = (text: string): string[] => text.split(' ');

const elementwise = words('Add Sub Mul Div Max Min Sum Mean Greater Less GreaterOrEqual LessOrEqual Mod');
const reductions = words(
  'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare',
);
const activations = words(
  'Relu LeakyRelu Elu Selu Sigmoid Tanh HardSigmoid Softplus Softsign ThresholdedRelu ScaledTanh ParametricSoftplus Gelu HardSwish Mish',
);
const unaryMath = words(
  'Acos Acosh Asin Asinh Atan Atanh Ceil Cos Cosh Erf Exp Floor Log Reciprocal Round Sin Sinh Sqrt Tan IsInf IsNaN',
);

export const typeRows: readonly TypeRow[] = [
  { operators: activations, inputs: [0], refused: ['INT32', 'BOOL'], constraint: 'helper-activation-dtypes' },
  {
    operators: ['IsInf', 'IsNaN'],
    inputs: [0],
    refused: ['INT32', 'INT64', 'INT8', 'BOOL'],
    constraint: 'isinf-dtype',
  },
  { operators: unaryMath, inputs: [0], refused: ['BOOL', 'INT32', 'INT64'], constraint: 'helper-unary-dtypes' },
  { operators: ['Abs', 'Sign'], inputs: [0], refused: ['BOOL'], constraint: 'helper-unary-abs-sign' },
  { operators: elementwise, inputs: [0, 1], refused: ['BOOL'], constraint: 'helper-elementwise-bool' },
  { operators: reductions, inputs: [0], refused: ['BOOL'], constraint: 'helper-reduce-dtypes' },
  {
    operators: ['ReduceL2', 'ReduceLogSum', 'ReduceLogSumExp'],
    inputs: [0],
    refused: ['INT32', 'INT64'],
    constraint: 'helper-reduce-int-transcend',
  },
  { operators: ['MatMul'], inputs: [0, 1], refused: ['INT32', 'INT64'], constraint: 'matmul-int' },
  { operators: ['Gemm'], inputs: [0, 1], refused: ['INT32', 'INT64'], constraint: 'gemm-int' },
  { operators: ['PRelu'], inputs: [0], refused: ['INT32', 'INT64'], constraint: 'prelu-int' },
  { operators: ['Einsum'], inputs: [0], refused: ['INT32', 'INT64'], constraint: 'einsum-dtype' },
  { operators: ['Clip'], inputs: [0], refused: ['INT8', 'BOOL'], constraint: 'clip-dtypes' },
  { operators: ['Pow'], inputs: [0, 1], refused: ['INT32', 'INT64'], constraint: 'pow-int-10.7' },
  { operators: ['Pow'], inputs: [0], refused: ['INT32', 'INT64'], constraint: 'pow-int-base' },
  { operators: ['TopK'], inputs: [0], refused: ['INT32'], constraint: 'topk-int32-8' },
  { operators: ['DepthToSpace'], inputs: [0], refused: ['BOOL'], constraint: 'depthtospace-dtype' },
  { operators: ['SpaceToDepth'], inputs: [0], refused: ['BOOL'], constraint: 'spacetodepth-dtype' },
  { operators: ['Upsample'], inputs: [0], refused: ['BOOL'], constraint: 'upsample-dtype' },
  { operators: ['Resize', 'Upsample'], inputs: [0], refused: ['BOOL'], constraint: 'resize-dtype' },
  { operators: ['Resize', 'Upsample'], inputs: [0], refused: ['INT32', 'BOOL'], constraint: 'resize-int32-8' },
  { operators: ['Resize', 'Upsample'], inputs: [0], refused: ['INT32', 'INT64'], constraint: 'resize-integer-layer' },
  {
    operators: words('MaxPool AveragePool LpPool'),
    inputs: [0],
    refused: ['INT32', 'INT64', 'BOOL'],
    constraint: 'pool-integer-layer',
  },
  { operators: ['GridSample'], inputs: [0, 1], refused: ['BOOL'], constraint: 'gridsample-dtype' },
  {
    operators: ['GridSample'],
    inputs: [0],
    refused: ['INT8', 'INT32', 'INT64'],
    constraint: 'gridsample-integer-layer',
  },
  { operators: ['Gather'], inputs: [0], refused: ['BOOL'], constraint: 'gather-bool-8' },
  { operators: ['GatherElements'], inputs: [0], refused: ['BOOL'], constraint: 'gatherelements-bool' },
  { operators: ['GatherND'], inputs: [0], refused: ['BOOL'], constraint: 'gathernd-bool' },
  { operators: ['Where'], inputs: [1, 2], refused: ['BOOL'], constraint: 'where-bool-data' },
  { operators: ['Tile'], inputs: [0], refused: ['BOOL'], constraint: 'tile-bool' },
  { operators: ['Slice'], inputs: [0], refused: ['BOOL'], constraint: 'slice-bool-7' },
  { operators: ['Split'], inputs: [0], refused: ['BOOL'], constraint: 'split-bool-7' },
  { operators: ['Expand'], inputs: [0], refused: ['BOOL'], constraint: 'expand-bool-7' },
  { operators: ['Concat'], inputs: [0], refused: ['BOOL'], constraint: 'concat-bool-7.0' },
  { operators: ['HardSwish'], inputs: [0], refused: ['BF16'], constraint: 'hardswish-dtype' },
  { operators: ['Mish'], inputs: [0], refused: ['BF16'], constraint: 'mish-dtype' },
  { operators: ['LpNormalization'], inputs: [0], refused: ['BF16'], constraint: 'lpnorm-dtype' },
  { operators: ['LpPool'], inputs: [0], refused: ['BF16'], constraint: 'lppool-dtype' },
  { operators: ['GlobalLpPool'], inputs: [0], refused: ['BF16'], constraint: 'globallppool-dtype' },
  { operators: ['Shrink'], inputs: [0], refused: ['BF16', 'BOOL'], constraint: 'shrink-dtype' },
  { operators: ['Hardmax'], inputs: [0], refused: ['INT64', 'INT32', 'INT8', 'BOOL'], constraint: 'hardmax-dtype' },
  { operators: ['Range'], inputs: [0, 1, 2], refused: ['HALF', 'BF16'], constraint: 'range-types' },
  { operators: ['QuantizeLinear'], inputs: [0], refused: ['INT32', 'INT64'], constraint: 'quantize-int32' },
  { operators: ['DequantizeLinear'], inputs: [0], refused: ['INT32'], constraint: 'qdq-bias-int32' },
  {
    operators: ['TensorScatter'],
    inputs: [0],
    refused: ['INT8', 'INT32', 'INT64', 'BOOL'],
    constraint: 'tensorscatter-integer-layer',
  },
  { operators: ['GRU'], inputs: [0], refused: ['BF16'], constraint: 'gru-bfloat16' },
  {
    operators: ['RNN', 'GRU'],
    inputs: [0],
    refused: ['HALF', 'BF16'],
    constraint: 'rnn-half-state',
    strongTyping: true,
  },
  { operators: ['RotaryEmbedding'], inputs: [3], refused: ['INT32'], constraint: 'rope-position-ids' },
  { operators: ['Neg'], inputs: [0], refused: ['BOOL'], constraint: 'helper-unary-neg' },
  {
    operators: ['Not'],
    inputs: [0],
    refused: ['FLOAT', 'HALF', 'BF16', 'INT32', 'INT64', 'INT8'],
    constraint: 'helper-unary-not',
  },
  {
    operators: words('And Or Xor'),
    inputs: [0, 1],
    refused: ['FLOAT', 'HALF', 'BF16', 'INT32', 'INT64', 'INT8'],
    constraint: 'helper-elementwise-logical',
  },
  { operators: ['ArgMax', 'ArgMin'], inputs: [0], refused: ['INT32'], constraint: 'argmax-int-8x' },
  {
    operators: ['Attention'],
    inputs: [0, 1, 2],
    refused: ['INT32', 'INT64', 'INT8', 'BOOL'],
    constraint: 'attention-types',
  },
  {
    operators: ['BatchNormalization'],
    inputs: [0],
    refused: ['INT32', 'INT64', 'INT8', 'BOOL'],
    constraint: 'batchnorm-param-dtype',
  },
  {
    operators: ['MeanVarianceNormalization'],
    inputs: [0],
    refused: ['INT32', 'INT64', 'INT8', 'BOOL'],
    constraint: 'mvn-dtype',
  },
  { operators: ['Shrink'], inputs: [0], refused: ['INT8', 'BOOL'], constraint: 'shrink-int8-84' },
  { operators: ['RoiAlign'], inputs: [0], refused: ['BF16', 'INT32', 'INT64', 'INT8'], constraint: 'roialign-dtype' },
  { operators: ['ScatterElements', 'ScatterND'], inputs: [0], refused: ['UINT8'], constraint: 'scatter-uint8-bool' },
  { operators: ['Celu'], inputs: [0], refused: ['HALF', 'BF16'], constraint: 'celu-float-const', strongTyping: true },
  {
    operators: ['MeanVarianceNormalization'],
    inputs: [0],
    refused: ['HALF', 'BF16'],
    constraint: 'typing-parser-fp32-constants',
    strongTyping: true,
  },
];

const byOperator = new Map<string, TypeRow[]>();
for (const row of typeRows)
  for (const operator of row.operators) {
    const rows = byOperator.get(operator);
    if (rows === undefined) byOperator.set(operator, [row]);
    else rows.push(row);
  }

export const typedOperators: readonly string[] = [...byOperator.keys()];

/** What refuses a type at an input. */
export function refusalOf(opType: string, input: number, type: ParserType, target: Target): Evidence | undefined {
  for (const row of byOperator.get(opType) ?? []) {
    if (!row.inputs.includes(input) || !row.refused.includes(type)) continue;
    if (row.strongTyping === true && !target.stronglyTyped) continue;
    const found =
      row.strongTyping === true && target.version < version('11.0')
        ? { confidence: 'certain' as const, basis: constraint(row.constraint) }
        : evidence(row.constraint, target.version);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The row that says of a data type that a release has none for it; undefined for what the general rows cover. */
export function missingTypeRow(type: DataType, target: Version, stored = false): ConstraintId | undefined {
  switch (type) {
    case 'double':
      return 'init-double-7x';
    case 'bfloat16':
      return 'dtype-map-bf16';
    case 'float8e4m3fn':
      return 'dtype-map-fp8';
    case 'float8e4m3fnuz':
    case 'float8e5m2':
    case 'float8e5m2fnuz':
      return 'dtype-map-fp8-other';
    case 'int4':
      return 'dtype-map-int4';
    case 'uint4':
      return 'dtype-map-uint4';
    case 'float4e2m1':
      return 'dtype-map-fp4';
    case 'uint8':
      return stored && target < version('8.5') ? 'init-uint8-8x' : 'dtype-map-uint8';
    case 'int16':
    case 'uint16':
    case 'uint32':
    case 'uint64':
      return 'dtype-map-small-ints';
    case 'string':
    case 'complex64':
    case 'complex128':
      return 'dtype-string-complex';
    default:
      return undefined;
  }
}
