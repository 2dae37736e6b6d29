/** Plugins that come with TensorRT: a node of that op_type is imported as one when no importer has its name. */
import { version, type Version } from '../../../src/rule-kit.ts';

/** plugin/ of NVIDIA/TensorRT at release/11.1, without ScatterElements and ScatterND: their importers are older than the plugins. */
const stock =
  'CustomQKVToContextPluginDynamic CropAndResizeDynamic DecodeBbox3DPlugin DetectionLayer_TRT DisentangledAttention_TRT ' +
  'EfficientNMS_TRT EfficientNMS_Explicit_TF_TRT EfficientNMS_Implicit_TF_TRT CustomEmbLayerNormPluginDynamic ' +
  'CustomFCPluginDynamic FlattenConcat_TRT GenerateDetection_TRT GridAnchor_TRT GridAnchorRect_TRT GroupNormalizationPlugin ' +
  'InstanceNormalization_TRT ModulatedDeformConv2d MultilevelCropAndResize_TRT MultilevelProposeROI_TRT ' +
  'MultiscaleDeformableAttnPlugin_TRT RPROI_TRT PillarScatterPlugin PriorBox_TRT ProposalLayer_TRT PyramidROIAlign_TRT ' +
  'Region_TRT Reorg_TRT ROIAlign_TRT ResizeNearest_TRT CustomSkipLayerNormPluginDynamic ' +
  'TopkLastDim VoxelGeneratorPlugin';

/** In release/10.16 and not in 11.1; changelog of 11.0. */
const removedIn11 =
  'BatchTilePlugin_TRT BatchedNMS_TRT BatchedNMSDynamic_TRT Clip_TRT CoordConvAC CropAndResize EfficientNMS_ONNX_TRT ' +
  'CustomGeluPluginDynamic LReLU_TRT NMS_TRT NMSDynamic_TRT Normalize_TRT Proposal ProposalDynamic SpecialSlice_TRT Split';

const from11: ReadonlySet<string> = new Set(stock.split(' '));
const before11: ReadonlySet<string> = new Set(`${stock} ${removedIn11}`.split(' '));

/** Names of the plugins of a release. The list is that of the 10.x and 11.x sources; older releases have a part of it. */
export function stockPlugins(target: Version): ReadonlySet<string> {
  return target >= version('11.0') ? from11 : before11;
}

/** Operators whose importer needs a plugin that TensorRT-RTX does not ship, and the first release that needs it. Observed. */
const rtxPlugins: ReadonlyMap<string, Version> = new Map([
  ['RoiAlign', version('1.4')],
  ['DeformConv', version('1.4')],
  ['DFT', version('1.4')],
  ['LinearAttention', version('1.4')],
  ['CausalConvWithState', version('1.4')],
  ['NonZero', version('1.6')],
]);

export function unshippedByRtx(opType: string, release: Version): boolean {
  const since = rtxPlugins.get(opType);
  return since !== undefined && release >= since;
}
