/**
 * The map from the errors of NVIDIA's ONNX parser to our rules. An error of its has a code (ErrorCode of NvOnnxParser.h) and
 * the function that raised it; where one function raises errors of several kinds, `cause` tells them apart by a
 * piece of the text. Rows come from the parser's texts (TensorRT-RTX 1.4 to 1.7), but were written with our own findings on the same
 * cases in sight: the map tells when the two drift apart, and is no independent proof. A row that names several rules takes any of them.
 *
 * The first row that fits holds. An error with no row counts as a difference.
 */

export interface CauseRow {
  readonly code: string;
  readonly functions: readonly string[];
  /** Must match the parser's text; any text when absent. */
  readonly cause?: RegExp;
  /** Rule ids without `tensorrt/`. */
  readonly rules: readonly string[];
}

export const parserCauses: readonly CauseRow[] = [
  // Graph inputs.
  { code: 'UNSUPPORTED_NODE', functions: ['importInput'], rules: ['unsupported-type'] },
  { code: 'UNSUPPORTED_GRAPH', functions: ['importInput'], rules: ['rank-limit'] },

  // No importer, an importer that refuses by name (its checker is `false`), or no plugin.
  {
    code: 'UNSUPPORTED_NODE',
    functions: [
      'checkAffineGrid',
      'checkBernoulli',
      'checkBitShift',
      'checkBitwiseAnd',
      'checkBitwiseNot',
      'checkBitwiseOr',
      'checkBitwiseXor',
      'checkCenterCropPad',
      'checkCol2Im',
      'checkCompress',
      'checkConvInteger',
      'checkDFT',
      'checkDet',
      'checkDynamicQuantizeLinear',
      'checkImageDecoder',
      'checkMatMulInteger',
      'checkMaxUnpool',
      'checkMelWeightMatrix',
      'checkMultinomial',
      'checkNegativeLogLikelihoodLoss',
      'checkOptional',
      'checkOptionalGetElement',
      'checkOptionalHasElement',
      'checkQLinearConv',
      'checkQLinearMatMul',
      'checkSequenceConstruct',
      'checkSoftmaxCrossEntropyLoss',
      'checkSplitToSequence',
      'checkTfIdfVectorizer',
      'checkUnique',
    ],
    cause: /^false$/,
    rules: ['unsupported-operator'],
  },
  { code: 'INTERNAL_ERROR', functions: ['parseNodeStaticCheck'], rules: ['unsupported-operator'] },
  { code: 'INVALID_NODE', functions: ['checkFallbackPluginImporter'], rules: ['unsupported-operator'] },
  { code: 'UNSUPPORTED_NODE', functions: ['importFallbackPluginImporter'], rules: ['unsupported-operator'] },
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['parseNode'],
    cause: /No importer registered/,
    rules: ['unsupported-operator'],
  },
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['importRoiAlign', 'importNonZero'],
    cause: /plugin/i,
    rules: ['unsupported-operator'],
  },
  {
    code: 'INVALID_NODE',
    functions: ['importLinearAttention', 'importCausalConvWithState'],
    cause: /plugin/i,
    rules: ['unsupported-operator'],
  },

  // Inputs that must be constants.
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['reduceTensor', 'getReduceAxisMask'],
    cause: /Axis input must/,
    rules: ['non-constant-input'],
  },
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['importDropout', 'importSTFT', 'getStftScalarInitializer'],
    rules: ['non-constant-input'],
  },
  { code: 'INVALID_NODE', functions: ['parseNode'], cause: /axis is not a constant/, rules: ['non-constant-input'] },

  // Shape tensors whose values the parser cannot follow.
  {
    code: 'INVALID_NODE',
    functions: ['parseNode'],
    cause: /is a shape tensor and must have type|!isInFlight\(/,
    rules: ['runtime-shape'],
  },

  // Types.
  {
    code: 'INVALID_NODE',
    functions: ['parseNode'],
    cause: /But type|type UInt8/,
    rules: ['uint8-inside-graph', 'unsupported-type'],
  },
  { code: 'INVALID_NODE', functions: ['parseNode'], cause: /must have same input types/, rules: ['mixed-types'] },
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['parseNode'],
    cause: /legalUINT8/,
    rules: ['uint8-inside-graph'],
  },
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['checkNotInvalidType'],
    rules: ['unsupported-type', 'uint8-inside-graph'],
  },
  { code: 'INVALID_NODE', functions: ['checkCast'], rules: ['unsupported-type'] },
  { code: 'UNSUPPORTED_NODE_DATATYPE', functions: ['importMod'], rules: ['unsupported-type'] },
  { code: 'UNSUPPORTED_NODE', functions: ['importClip', 'importRange'], rules: ['unsupported-type'] },
  // A rank of -1 is that of a tensor that could not be computed: its layer refused the type, and the next check stumbles over it.
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['elementwiseHelper', 'importCelu'],
    cause: /rank is -1|: -1 != /,
    rules: ['uint8-inside-graph', 'unsupported-type'],
  },

  // Attributes, inputs, outputs and branches that TensorRT takes in part.
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['checkAttention', 'checkBatchNormalization', 'checkLpPool', 'checkResize', 'poolingCheckHelper'],
    rules: ['restricted-attribute'],
  },
  { code: 'UNSUPPORTED_NODE', functions: ['importResize'], cause: /`axes` attribute/, rules: ['restricted-attribute'] },
  {
    code: 'UNSUPPORTED_NODE_ATTR',
    functions: ['checkResize', 'importScatterND', 'importScatterElements'],
    rules: ['restricted-attribute'],
  },
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['importTensorScatter'],
    cause: /mode == "linear"/,
    rules: ['restricted-attribute'],
  },
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['importTensorScatter'],
    cause: /required to be 4D/,
    rules: ['restricted-input'],
  },
  {
    code: 'INVALID_VALUE',
    functions: ['randomUniformCheckHelper'],
    rules: ['restricted-attribute', 'unsupported-type'],
  },
  {
    code: 'UNSUPPORTED_NODE',
    functions: ['QuantDequantLinearHelper'],
    cause: /output_dtype/,
    rules: ['restricted-attribute'],
  },
  {
    code: 'INVALID_NODE',
    functions: ['parseNode'],
    cause: /Option mask cannot be used together with/,
    rules: ['restricted-attribute'],
  },
  {
    code: 'INVALID_NODE',
    functions: ['parseNode'],
    cause: /Key and Value must|mask must be broadcastable|addGridSample|addConvolutionNd|reshape changes volume/,
    rules: ['restricted-input'],
  },
  {
    code: 'INVALID_NODE',
    functions: ['QuantDequantLinearHelper', 'buildZeroPointTensor'],
    rules: ['restricted-input'],
  },
  {
    code: 'INVALID_NODE',
    functions: ['importAttention'],
    cause: /one output/,
    rules: ['unavailable-output'],
  },
  { code: 'UNSUPPORTED_NODE', functions: ['emptyOutputChecker'], rules: ['unavailable-output'] },
  {
    code: 'INVALID_NODE',
    functions: ['parseNode'],
    cause: /IConditionalOutputLayer/,
    rules: ['subgraph-limitation'],
  },
];

/** Ids of the rules for an error; empty when the map has no row for it. */
export function rulesForCause(code: string, func: string, cause: string): readonly string[] {
  const row = parserCauses.find(
    (candidate) =>
      candidate.code === code && candidate.functions.includes(func) && (candidate.cause?.test(cause) ?? true),
  );
  return row?.rules.map((rule) => `tensorrt/${rule}`) ?? [];
}

/** Why an error and our findings differ in kind, where it is known. */
export function reasonForDifference(func: string, model: string): string | undefined {
  return differences.find((row) => row.func === func && (row.model?.test(model) ?? true))?.reason;
}

const differences: readonly { readonly func: string; readonly model?: RegExp; readonly reason: string }[] = [
  {
    func: 'importScatterElements',
    reason: 'the same cause: the parser raises it without a node, we name the node',
  },
  {
    func: 'checkDet',
    model: /local_function/,
    reason:
      'the same cause: the parser gives the position of the call, we that of the node in the body of the function',
  },
  {
    func: 'checkSequenceConstruct',
    model: /if_seq/,
    reason: 'the same cause: the parser gives the position of the If, we that of the node in the branch',
  },
  {
    func: 'importSplit',
    model: /affine_grid_3d/,
    reason: 'the same cause: the parser gives the position of the If, we that of the Split in the branch',
  },
  {
    func: 'importTensorScatter',
    reason: 'the same cause: we name the axis that fits a cache of rank 4 only, the parser the rank',
  },
  {
    func: 'parseNode',
    model: /string_const|quantizelinear_blocked/,
    reason: 'the parser gives no text: the kind is not to be read off it',
  },
];
