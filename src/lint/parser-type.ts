/** Element types of TensorRT (nvinfer1::DataType), and which of them each release makes of ONNX's. */
import type { DataType } from '../ir/data-type.ts';
import { version, type Version } from './version.ts';

export type ParserType =
  'FLOAT' | 'HALF' | 'BF16' | 'INT64' | 'INT32' | 'INT8' | 'UINT8' | 'BOOL' | 'FP8' | 'INT4' | 'FP4';

/** convertDtype in onnx2trt_utils.cpp (to 9.3) and importerUtils.cpp (10.0 on), read at each release. */
const table: Partial<Record<DataType, readonly (readonly [since: Version, type: ParserType])[]>> = {
  float: [[version('7.0'), 'FLOAT']],
  double: [[version('7.2'), 'FLOAT']],
  float16: [[version('7.0'), 'HALF']],
  bfloat16: [[version('9.0'), 'BF16']],
  int8: [[version('7.0'), 'INT8']],
  int32: [[version('7.0'), 'INT32']],
  int64: [
    [version('7.0'), 'INT32'],
    [version('9.0'), 'INT64'],
  ],
  bool: [[version('7.0'), 'BOOL']],
  uint8: [[version('8.5'), 'UINT8']],
  float8e4m3fn: [[version('9.0'), 'FP8']],
  int4: [[version('10.0'), 'INT4']],
  float4e2m1: [[version('10.8'), 'FP4']],
  // float8e8m0 is read as a scale of MXFP8 only; as a type of values it is refused (seen with 10.16 to 11.4).
};

/** The type TensorRT holds an ONNX element type in; undefined when that release has none. */
export function parserTypeOf(dataType: DataType, target: Version): ParserType | undefined {
  return table[dataType]?.findLast(([since]) => since <= target)?.[1];
}
