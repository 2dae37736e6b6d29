/** All shape laws, each with the operators it serves. */
import type { Law } from '../law.ts';
import { alongAxis } from './along-axis.ts';
import { argExtreme } from './arg-extreme.ts';
import { attention } from './attention.ts';
import { batchNormalization } from './batch-normalization.ts';
import {
  broadcastIntegers,
  broadcastPair,
  broadcastQuantized,
  broadcastVariadic,
  equalShapes,
  whereQuantized,
} from './broadcast.ts';
import { centerCropPad } from './center-crop-pad.ts';
import { clip } from './clip.ts';
import { col2Im } from './col2im.ts';
import {
  biasDropout,
  biasSplitGelu,
  concatQuantized,
  cropAndResize,
  distances,
  embedLayerNormalization,
  expandDims,
  gatedActivation,
  gatherQuantized,
  gemmaRotaryEmbedding,
  hash,
  realFourier,
  removePadding,
  repeatedWords,
  restorePadding,
  skipGroupNormalization,
  torchEmbedding,
  unfold,
  uniqueInOrder,
} from './contributed.ts';
import {
  decoderAttention,
  decoderMaskedAttention,
  fusedAttention,
  gatedPositionBias,
  groupQueryAttention,
  multiHeadAttention,
  packedAttention,
  packedMultiHeadAttention,
  relativePositionBias,
  sparseAttention,
} from './contributed-attention.ts';
import { convolutionTranspose } from './conv-transpose.ts';
import { convolution, convolutionChannelsLast, convolutionInteger, convolutionQuantized } from './conv.ts';
import { depthToSpace, spaceToDepth } from './depth-space.ts';
import { determinant } from './determinant.ts';
import { einsum } from './einsum.ts';
import { flexAttention } from './flex-attention.ts';
import { gemm, gemmQuantized } from './gemm.ts';
import { globalPool } from './global-pool.ts';
import { gridSample, affineGrid } from './grid.ts';
import {
  layerNormalization,
  rmsNormalization,
  simplifiedLayerNormalization,
  skipLayerNormalization,
} from './layer-normalization.ts';
import { causalConvolution, linearAttention } from './linear-attention.ts';
import { like, eyeLike, bitCast } from './like.ts';
import { loss } from './loss.ts';
import {
  matmul,
  matmulInteger,
  matmulQuantized,
  matmulDequantized,
  matmulFused,
  matmulOfBlob,
  matmulPacked,
} from './matmul.ts';
import { maxUnpool } from './max-unpool.ts';
import { mlElementwise, mlScaled } from './ml-elementwise.ts';
import { arrayFeatureExtractor, featureVectorizer, oneHotEncoder } from './ml-features.ts';
import { categoryMapper, labelEncoder } from './ml-labels.ts';
import { castMap, dictVectorizer, zipMap } from './ml-maps.ts';
import { classifier, regressor } from './ml-predict.ts';
import { optional, optionalGetElement, optionalHasElement } from './optional.ts';
import { pad } from './pad.ts';
import { pool } from './pool.ts';
import { predicate } from './predicate.ts';
import { quantizeLinear, dequantizeLinear, dynamicQuantizeLinear } from './quantize.ts';
import { random, multinomial } from './random.ts';
import { recurrent } from './recurrent.ts';
import { roiAlign, maxRoiPool } from './region-pool.ts';
import { resize, upsample } from './resize.ts';
import { rounding } from './rounding.ts';
import { sameShape } from './same-shape.ts';
import { compress, unique, nonMaximumSuppression } from './selection.ts';
import {
  sequenceConstruct,
  sequenceEmpty,
  sequenceInsert,
  sequenceErase,
  sequenceAt,
  sequenceLength,
  sequenceMap,
  splitToSequence,
  concatFromSequence,
} from './sequence.ts';
import { fourier, shortTimeFourier, windowFunction, melWeightMatrix } from './signal.ts';
import { stringSplit, stringNormalizer, tfIdfVectorizer, imageDecoder } from './text.ts';
import { topK } from './top-k.ts';
import { gradient, optimizer } from './training.ts';
import { triangle } from './triangle.ts';
import { treeEnsemble } from './tree-ensemble.ts';

import { arithmetic, extremes, signs } from './arithmetic.ts';
import { cast, castLike } from './cast.ts';
import { comparison, not } from './comparison.ts';
import { concat } from './concat.ts';
import { constant } from './constant.ts';
import { constantOfShape } from './constant-of-shape.ts';
import { dropout, identity } from './copy.ts';
import { branch, loop, scan } from './control-flow.ts';
import { cumulative } from './cumulative.ts';
import { expand, tile } from './expand.ts';
import { gather, gatherElements, gatherNd } from './gather.ts';
import { nonZero } from './non-zero.ts';
import { oneHot } from './one-hot.ts';
import { range } from './range.ts';
import { reduce, reduceQuantized } from './reduce.ts';
import { scatter } from './scatter.ts';
import { shape, size } from './shape.ts';
import { slice } from './slice.ts';
import { split } from './split.ts';
import { transpose } from './transpose.ts';
import { flatten, reshape, squeeze, unsqueeze } from './view.ts';
import { where } from './where.ts';

export const laws: readonly Law[] = [
  arithmetic,
  extremes,
  signs,
  cast,
  castLike,
  comparison,
  not,
  concat,
  constant,
  constantOfShape,
  branch,
  loop,
  scan,
  dropout,
  identity,
  cumulative,
  expand,
  tile,
  gather,
  gatherElements,
  gatherNd,
  nonZero,
  oneHot,
  range,
  reduce,
  reduceQuantized,
  scatter,
  shape,
  size,
  slice,
  split,
  transpose,
  flatten,
  reshape,
  squeeze,
  unsqueeze,
  where,
  alongAxis,
  argExtreme,
  attention,
  linearAttention,
  causalConvolution,
  batchNormalization,
  broadcastPair,
  broadcastQuantized,
  broadcastIntegers,
  whereQuantized,
  broadcastVariadic,
  equalShapes,
  centerCropPad,
  clip,
  col2Im,
  fusedAttention,
  packedAttention,
  multiHeadAttention,
  packedMultiHeadAttention,
  decoderMaskedAttention,
  groupQueryAttention,
  sparseAttention,
  decoderAttention,
  relativePositionBias,
  gatedPositionBias,
  embedLayerNormalization,
  biasSplitGelu,
  skipGroupNormalization,
  concatQuantized,
  biasDropout,
  distances,
  cropAndResize,
  expandDims,
  gemmaRotaryEmbedding,
  gatherQuantized,
  repeatedWords,
  hash,
  uniqueInOrder,
  removePadding,
  restorePadding,
  torchEmbedding,
  unfold,
  gatedActivation,
  realFourier,
  convolutionTranspose,
  convolution,
  convolutionChannelsLast,
  convolutionInteger,
  convolutionQuantized,
  depthToSpace,
  spaceToDepth,
  determinant,
  einsum,
  gemm,
  gemmQuantized,
  globalPool,
  gridSample,
  affineGrid,
  layerNormalization,
  rmsNormalization,
  simplifiedLayerNormalization,
  skipLayerNormalization,
  like,
  eyeLike,
  bitCast,
  loss,
  matmul,
  matmulInteger,
  matmulQuantized,
  matmulDequantized,
  matmulFused,
  matmulOfBlob,
  matmulPacked,
  maxUnpool,
  optional,
  optionalGetElement,
  optionalHasElement,
  pad,
  pool,
  predicate,
  quantizeLinear,
  dequantizeLinear,
  dynamicQuantizeLinear,
  random,
  multinomial,
  recurrent,
  roiAlign,
  maxRoiPool,
  resize,
  upsample,
  sameShape,
  rounding,
  compress,
  unique,
  nonMaximumSuppression,
  sequenceConstruct,
  sequenceEmpty,
  sequenceInsert,
  sequenceErase,
  sequenceAt,
  sequenceLength,
  sequenceMap,
  splitToSequence,
  concatFromSequence,
  fourier,
  shortTimeFourier,
  windowFunction,
  melWeightMatrix,
  stringSplit,
  stringNormalizer,
  tfIdfVectorizer,
  imageDecoder,
  topK,
  triangle,
  flexAttention,
  mlElementwise,
  mlScaled,
  arrayFeatureExtractor,
  featureVectorizer,
  oneHotEncoder,
  categoryMapper,
  labelEncoder,
  castMap,
  dictVectorizer,
  zipMap,
  classifier,
  regressor,
  treeEnsemble,
  gradient,
  optimizer,
];
