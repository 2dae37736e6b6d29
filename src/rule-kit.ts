/** The rule author's door: everything a rule in rules/ may use. */

export { anyNode, constant, near, oneOf, oneOfNodes, op, optional, value } from './rewrite/pattern.ts';
export { refuse, rewrite, type RewriteExample, type RewriteRule } from './rewrite/rule.ts';
export { RewriteContext } from './rewrite/context.ts';
export { MAXIMUM_UNROLLED_NODES } from './fold/policy.ts';
export { wouldKeepIdentity, wouldSaveNothing } from './rewrite/apply.ts';
export { doublesOf, floatTensor, numberOf } from './rewrite/float-tensors.ts';
export { isLosslessCast, isPlainNumber } from './rewrite/lossless-cast.ts';
export { castBack } from './rewrite/cast-back.ts';
export { takesType } from './rewrite/queries.ts';
export { inlinedCall, nodesLeftOfCall } from './rewrite/inlined-call.ts';
export { WrittenOut } from './rewrite/written-out.ts';
export { affineChain } from './rewrite/affine-chain.ts';
export { channelNumbers, type Channels, type Linear, linearOf, sharedTensor } from './rewrite/linear.ts';
export { joinedColumns } from './rewrite/joined-weight.ts';
export { factorOf, scaleDownstream, scaleUpstream } from './rewrite/scale-path.ts';
export { channelScale, scaledTensor, shiftedBias, weightSums } from './rewrite/channel-scale.ts';
export {
  dataTypeCode,
  integersOrAttribute,
  mergedAxes,
  normalizedAxes,
  outputReplacements,
  partProblem,
  permutationOf,
  reducedAxes,
  reshapeElements,
  reshapeTarget,
  sameShape,
  strayValue,
} from './rewrite/queries.ts';
export { gatheredAt, slicedAlong, splitInto, squeezed, unsqueezed } from './rewrite/build.ts';
export { BROADCASTING, broadcastsTo } from './rewrite/broadcast.ts';
export { turnedFirst } from './rewrite/reshape-of-turned.ts';
export { fillOf } from './rewrite/filled.ts';
export { filledTensor, tailAxis } from './rewrite/normalization.ts';
export { changeAround } from './rewrite/layout-region.ts';
export { permutationChange, viewChange } from './rewrite/layout-change.ts';
export { type AxisPart, axisPart, isWhole as isWholeAxis } from './rewrite/axis-part.ts';
export { type SliceBound, sliceBounds, sliced } from './rewrite/slice-bounds.ts';
export { EXACT_REDUCTIONS, ROUNDED_REDUCTIONS } from './rewrite/reductions.ts';
export { sequenceElements } from './rewrite/sequence-elements.ts';
export { isZeroSignIgnored, mayBeNegativeZero, uniformElement } from './rewrite/uniform.ts';
export { planShapeOperand, SHAPE_OPERANDS, shapeCone } from './rewrite/shape-operand.ts';
export { buildShapeVector } from './rewrite/shape-vector.ts';
export { Dim } from './infer/dim.ts';
export { attribute, type Attribute } from './ir/attribute.ts';
export { isFloatType, isIntegerType, type DataType } from './ir/data-type.ts';
export type { Graph } from './ir/graph.ts';
export type { Node } from './ir/node.ts';
export type { Value } from './ir/value.ts';
export { ComputedPayload, int64Tensor, ResidentPayload, Tensor } from './ir/tensor.ts';
export { INT32_MAX, INT32_MIN, INT64_MAX, INT64_MIN } from './base/int64.ts';
export { findSchema } from './opset/schema.ts';
export { lint, type LintExample, type LintRule, type NodeContext } from './lint/lint-rule.ts';
export type { Basis, Confidence, Severity, Stage } from './lint/finding.ts';
export type { ParserValue, ParserView } from './lint/parser-view.ts';
export type { Model as LintModel } from './ir/model.ts';
export { type ParserType, parserTypeOf } from './lint/parser-type.ts';
export type { Target } from './lint/target.ts';
export type { Extent } from './lint/extents.ts';
export type { MachineOptions } from './lint/machine.ts';
export { MAXIMUM_NESTING } from './lint/walk.ts';
export type { ExternalReference } from './ir/tensor.ts';
export { floatsOf } from './lint/tensor-elements.ts';
export { formatVersion, parseVersion, version, type Version } from './lint/version.ts';
export { shapeCone as parserShapeCone, shapeProblem, type ShapeProblem } from './lint/shape-cone.ts';
export { integersOf } from './lint/tensor-elements.ts';
export { dataTypeOfCode } from './ir/data-type.ts';
