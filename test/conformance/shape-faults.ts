/** Cases of the shape corpus that we do not pass, each with its reason. */
export interface ShapeFault {
  /** Part of the test's name. */
  readonly test: string;
  /** Part of what we fall short of. */
  readonly about: string;
  /** `fault`: the expectation is wrong or rests on something no inference can know. `missing`: we do not attempt it. */
  readonly kind: 'fault' | 'missing';
  readonly why: string;
}

const fault = (test: string, about: string, why: string): ShapeFault => ({ test, about, kind: 'fault', why });
const missing = (test: string, about: string, why: string): ShapeFault => ({ test, about, kind: 'missing', why });

export const knownShapeFaults: readonly ShapeFault[] = [
  fault('test_STFT', '9, 2], not [2, 7, 16, 2]', 'onnx takes 0 for the default of onesided, which is 1'),
  fault('test_stft_reals', '3, 3, 2], not [2, 3, 5, 2]', 'onnx takes 0 for the default of onesided, which is 1'),
  fault('test_CenterCropPad', '[], not [3, 3]', 'the model declares its input as a scalar'),
  fault(
    'test_slice_with_input_shape_steps',
    'Slice y',
    'the axes are known at run time only; onnx takes them for absent',
  ),
  fault(
    'test_slice_with_input_shape_axes',
    'Slice y',
    'the steps are known at run time only; onnx takes them for absent',
  ),
  fault('test_inference_with_conflow', 'accepted', 'the branch with the mistake never runs: its condition is constant'),
  fault('precision', 'Resize y', 'ONNX Runtime computes the size in float32 and gets another one'),
  fault('test_nonzero_scalar', '[0, unk__0]', 'ONNX Runtime gives [1, n] for a scalar'),
  fault('test_function_output_count_mismatch', 'accepted', 'a call need not take all outputs of a function'),
  fault('overflow', 'during data propagation', 'int64 arithmetic that wraps is no error of the model'),
  fault('overflow', 'Integer overflow', 'a dimension beyond 2^53 is not read exactly'),
  fault('test_invalid_field_in_inference_func', 'CustomOp', 'the operator is defined in the test'),
  fault('test_get_symbolic_input', 'ReadSymbolicInput', 'the operator is defined in the test'),
  fault('test_check_type_when_schema_has_empty_io', 'CustomOp', 'the operator is defined in the test'),
  fault('test_parse_data_with_undefined_tensor_type', 'no data type', 'a tensor without a data type cannot be read'),
  fault(
    'with_same_upper_padding_and_stride_and_dilation',
    'Pool Y',
    'the standard and ONNX Runtime differ on SAME with dilations',
  ),
  fault(
    'with_same_lower_padding_and_stride_and_dilation',
    'Pool Y',
    'the standard and ONNX Runtime differ on SAME with dilations',
  ),
  fault('test_loop', 'Identity cond_out', 'the condition has rank 1, where the standard asks for a scalar'),
  fault(
    'test_sequence_map_slice_outs',
    'Slice y',
    'the body declares more than follows: of a shorter element, less is left',
  ),
  fault('test_empty_graph', 'Element type of input 0 unknown', 'an input without a type may be of any'),
  fault('test_concat_missing_shape', 'Element type of input 0 unknown', 'an input without a type may be of any'),
  missing('test_attention_25_rejects', 'accepted', 'attributes that have no meaning beside each other'),
  missing('test_conv_transpose_with_pads_and_auto_pads', 'accepted', 'attributes that exclude each other'),
  missing('test_parse_data_with_unsupported_tensor_type', 'accepted', 'types of inputs against the schema'),
  ...[
    'LinearClassifier',
    'LabelEncoder',
    'CategoryMapper',
    'TreeEnsemble',
    'TreeEnsembleRegressor',
    'TreeEnsembleClassifier',
    'ArrayFeatureExtractor',
    'Binarizer',
  ].map((operator) => missing('', `${operator} `, 'there is no law for ai.onnx.ml yet')),
  ...['OneHotEncoder', 'ZipMap'].map((operator) => missing('', `${operator} `, 'there is no law for ai.onnx.ml yet')),
  ...['test_label_encoder', 'test_category_mapper', 'test_tree_ensemble', 'test_one_hot_encoder'].map((test) =>
    missing(test, 'accepted', 'there is no law for ai.onnx.ml yet'),
  ),
  ...['Adagrad', 'Momentum', 'Adam'].map((operator) =>
    missing('', `${operator} `, 'there is no law for ai.onnx.preview.training yet'),
  ),
  missing('test_flex_attention', '', 'there is no law for ai.onnx.preview yet'),
];
