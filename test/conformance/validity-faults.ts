/** Models on which our verdict is not the one that is expected, each with its reason. */
export interface ValidityFault {
  /** Part of the case's name. */
  readonly test: string;
  /** `fault`: we differ on purpose. `missing`: we do not look at it yet. */
  readonly kind: 'fault' | 'missing';
  readonly why: string;
}

const fault = (test: string, why: string): ValidityFault => ({ test, kind: 'fault', why });

export const validityFaults: readonly ValidityFault[] = [
  // Refused, and we do not.
  fault('test_add_overflow', 'int64 arithmetic that wraps is no error of the model'),
  fault('test_sub_overflow', 'int64 arithmetic that wraps is no error of the model'),
  fault('test_mul_overflow', 'int64 arithmetic that wraps is no error of the model'),
  fault(
    'test_transpose_preexisting_incorrect_shape',
    'a shape in value_info is a note and no contract: one that is stale is a warning, and repaired',
  ),
  fault('test_function_output_count_mismatch', 'a call need not take all outputs of a function'),
  fault('test_external_data_version_conversion', 'the data file is not part of the corpus; the model itself is valid'),
  // Valid, and we say otherwise.
  fault('test_STFT', 'onnx takes 0 for the default of onesided, which is 1, and declares the output so'),
  fault('test_CenterCropPad', 'the model declares its input as a scalar, which cannot be cropped to one size'),
  fault('test_duplicate_symbolic_shape', 'the output is declared with a dim_param of the input, and is longer'),
  fault(
    'test_add_5_8_with_unsqueeze',
    'the output is declared with rank 1 and has rank 2; onnx has no shape law for Add 1',
  ),
  fault('test_concat_3_5', 'Concat 1 joins along axis 1 by default, which inputs of rank 1 do not have'),
  fault(
    'optimizer-inputs 138',
    'the Loop runs once, so that its output is what the body gives, [2, 4, 3]; it is declared as [4, 3, 2]',
  ),
];
