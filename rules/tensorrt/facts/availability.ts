/** The constraint that says from when on an operator can be imported; the matrix of operators itself decides. */
import { version, type Version } from '../../../src/rule-kit.ts';
import type { ConstraintId } from './constraints.ts';
import { refusedByName } from './operators.ts';

/** Operators whose row is not called after them. */
export const availabilityRows: Readonly<Record<string, ConstraintId>> = {
  Attention: 'attention-opset',
  BlackmanWindow: 'window-since',
  CastLike: 'castlike-since',
  Celu: 'availability-celu',
  CumSum: 'availability-cumsum',
  DeformConv: 'deformconv-since',
  DFT: 'dft-since',
  DynamicQuantizeLinear: 'dynquant-linear',
  Einsum: 'einsum-since',
  EyeLike: 'availability-eyelike',
  GatherElements: 'gatherelements-since',
  GatherND: 'gathernd-since',
  Gelu: 'gelu-since',
  GreaterOrEqual: 'availability-greaterorequal',
  GridSample: 'gridsample-since',
  GroupNormalization: 'groupnorm-since',
  HammingWindow: 'window-since',
  HannWindow: 'window-since',
  Hardmax: 'hardmax-since',
  HardSwish: 'availability-hardswish',
  If: 'if-none-7',
  IsInf: 'availability-isinf',
  IsNaN: 'availability-isnan',
  LayerNormalization: 'layernorm-since',
  LessOrEqual: 'availability-lessorequal',
  LpNormalization: 'availability-lpnormalization',
  LpPool: 'availability-lppool',
  MatMulInteger: 'matmulinteger-unsupported',
  MeanVarianceNormalization: 'mvn-since',
  Mish: 'mish-since',
  Mod: 'mod-since',
  NonMaxSuppression: 'nms-since',
  NonZero: 'nonzero-since',
  OneHot: 'onehot-since',
  RandomNormal: 'randomnormal-since',
  RandomNormalLike: 'randomnormal-since',
  ReverseSequence: 'reversesequence-since',
  RMSNormalization: 'rmsnorm-since',
  RoiAlign: 'roialign-since',
  RotaryEmbedding: 'rope-since',
  Round: 'availability-round',
  Scatter: 'availability-scatter',
  ScatterElements: 'scatter-since',
  ScatterND: 'scatter-since',
  Shrink: 'availability-shrink',
  Sign: 'availability-sign',
  STFT: 'stft-since',
  Swish: 'swish-since',
  TensorScatter: 'tensorscatter-since',
  Trilu: 'trilu-since',
  Unique: 'compress-unsupported',
  Compress: 'compress-unsupported',
  Xor: 'availability-xor',
};

export function availabilityRow(opType: string): ConstraintId | undefined {
  return Object.hasOwn(availabilityRows, opType) ? availabilityRows[opType] : undefined;
}

/** Names that were on the list of refused ones until they got an importer; the list came with 9.1. */
const refusedUntil: ReadonlyMap<string, Version> = new Map([
  ['Gelu', version('9.3')],
  ['Mish', version('9.3')],
  ['DeformConv', version('10.0')],
  ['Hardmax', version('9.1')],
  ['HammingWindow', version('10.3')],
  ['HannWindow', version('10.3')],
  ['BlackmanWindow', version('10.3')],
  ['STFT', version('10.4')],
]);

/** True when the parser refuses the name before it looks for a function or a plugin. */
export function isRefusedByName(opType: string, target: Version): boolean {
  if (target < version('9.1')) return false;
  return refusedByName.has(opType) || target <= (refusedUntil.get(opType) ?? 0);
}
