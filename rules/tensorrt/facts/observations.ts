/**
 * What NVIDIA's own parser was seen to do where no row of the source was read, or where the reading was wrong. The parsers of tensorrt-rtx
 * 1.4.0, 1.5.0, 1.6.1 and 1.7.1 are those of TensorRT 10.16, 11.0, 11.2 and 11.4; below 10.16 a row is what the source says.
 */
import type { Observation } from './constraints.ts';

const seen = 'observed with the parser of tensorrt-rtx 1.4.0 to 1.7.1';
const refuted = 'models of this kind parse and build with tensorrt-rtx 1.4.0 to 1.7.1';
const readOnlyBelow = 'read in no source below that';

export const observations = {
  // The layer asks for constant axes after the parser has stopped to.
  'squeeze-axes-const': { until: null, source: seen },
  'unsqueeze-axes-const': { until: null, source: seen },
  // 11.2 refuses it, 11.4 takes it; the release notes name 11.5.
  'squeeze-no-axes': { until: '11.3', source: seen },
  // Restored from 11.2 on: axes are looked for through Identity and Cast.
  'reduce-axes-resolved': { since: '11.2', source: 'observed with the parsers of tensorrt-rtx 1.6.1 and 1.7.1' },
  // 10.9 accepts reduction = none; every other reduction is still refused.
  'scatternd-reduction': { until: null, source: seen },
  // Layers that take floats only, whatever the importer lets through.
  'resize-integer-layer': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'pool-integer-layer': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'gridsample-integer-layer': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'tensorscatter-integer-layer': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'quantize-int32': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'gru-bfloat16': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  // 1.4.0 refuses HALF and BF16, 1.7.1 takes HALF: the default state is made in the type of the data since.
  'rnn-half-state': { since: '10.0', until: '10.16', source: seen },
  'attention-causal-mask': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'attention-outputs': {
    since: '10.14',
    source: `TensorRT only supports Attention nodes with one output: importAttention; ${seen}`,
  },
  'attention-mask-shape': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'attention-head-sizes': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'matmul-vector-batch': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'conv-unknown-filters': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'attention-unknown-heads': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'rotary-unknown-extents': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'nms-unknown-extents': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'convtranspose-unknown-extents': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'conv-unknown-channels': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'tensorscatter-unknown-length': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'gathernd-unknown-depth': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'stft-unknown-parts': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'pad-unknown-axes': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  'qdq-unknown-extents': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  // tensorSizeInBytes of 11.0 and 11.2 counts whole bytes; 10.16 and 11.4 take such a tensor.
  'four-bit-odd-count': {
    since: '11.0',
    until: '11.3',
    source: 'observed with the parsers of tensorrt-rtx 1.5.0 and 1.6.1, and not with 1.4.0 and 1.7.1',
  },
  'loop-unregistered-input': { since: '10.16', source: `${seen}; ${readOnlyBelow}` },
  // Up to 10.10 the length was taken to be 1024.
  'loop-scan-without-limit': { since: '10.16', source: `${seen}; importLoop` },
  'network-outputs': {
    since: '7.0',
    source: `Network must have at least one output: INetworkDefinition::validate; ${seen}`,
  },
  // validateQuantizedTypesProducersConsumers: Plugin, Quantize, Constant, Concatenation, Shuffle, Identity; and Dequantize, Plugin,
  // Concatenation, Shuffle, Shape, Identity.
  'low-precision-flow': { since: '10.16', source: `builder of tensorrt-rtx 1.5.0 and 1.7.1; ${readOnlyBelow}` },
  'qdq-zero-point-initializer': {
    since: '10.16',
    source: `validateQDQInputs, builder of tensorrt-rtx 1.5.0 and 1.7.1; ${readOnlyBelow}`,
  },
  'empty-reshape': { since: '10.16', source: `builder of tensorrt-rtx 1.5.0 and 1.7.1; ${readOnlyBelow}` },
  // pytorch/TensorRT and NVIDIA/TensorRT threads on equal CumSum results; read in no source.
  'cumsum-merged': { since: '10.8', source: 'NVIDIA/TensorRT issue tracker, threads on CumSum of 10.8 and later' },
  // The maintainers' replies on engines with ForeignNode regions and on FP16 convolutions of 11.2.
  'foreign-node': {
    since: '8.0',
    source: 'NVIDIA/TensorRT issue tracker, threads on ForeignNode without implementation',
  },
  'fp16-grouped-convolution': {
    since: '11.2',
    source: 'NVIDIA/TensorRT issue tracker, threads on strongly typed Conv of 11.2',
  },
  'nms-slow': { since: '10.0', until: '10.6', source: 'NVIDIA/TensorRT#4248' },
  'scatterelements-indices': {
    since: '8.2',
    source: `Indices dimensions must be less than data dimensions!: addScatterLayer; ${seen}`,
  },
  // Read to 10.10 as axis 0 and as refusals; models of the kind parse and build since.
  'qdq-axis-default': { until: '10.15', source: refuted },
  'qdq-per-channel-activation': { until: '10.15', source: refuted },
  'net-q-block-types': { until: '10.15', source: refuted },
  'dtype-uint8-cast-pairs': { until: '10.15', source: refuted },
  'helper-broadcast-rank': { until: '10.15', source: refuted },
  'net-q-scale-type': { until: '10.15', source: refuted },
  'slice-duplicate-axes': { until: null, source: seen },
  'slice-axis-range': { until: null, source: seen },
  'scan-negative-axes': { severity: 'error', until: null, source: seen },
  'function-empty-input': { until: null, source: seen },
  'reshape-volume': { since: '7.0', source: `IShuffleLayer: reshape changes volume; ${seen}` },
  'if-shape-tensor': { since: '8.0', until: null, source: seen },
} as const satisfies Record<string, Observation>;
