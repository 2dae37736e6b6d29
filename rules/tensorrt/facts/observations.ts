/**
 * What NVIDIA's own parser was seen to do where no row of the source was read, or where the reading was wrong. The parsers of tensorrt-rtx
 * 1.4.0, 1.5.0, 1.6.1 and 1.7.1 are those of TensorRT 10.16, 11.0, 11.2 and 11.4; below 10.16 a row is what the source says.
 */
import type { Observation } from './constraints.ts';

const seen = 'observed with the parser of tensorrt-rtx 1.4.0 to 1.7.1';

export const observations = {
  // The layer asks for constant axes after the parser has stopped to.
  'squeeze-axes-const': { until: null, source: seen },
  'unsqueeze-axes-const': { until: null, source: seen },
} as const satisfies Record<string, Observation>;
