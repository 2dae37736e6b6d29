import { expect, test } from '@jest/globals';
import { infer, shapes } from './facts.ts';

const opset = 18;

test.each([
  ['Binarizer', '(double[N, 3] x) => (y) { y = ai.onnx.ml.Binarizer (x) }', 'double[N, 3]'],
  ['Scaler', '(int64[N, 3] x) => (y) { y = ai.onnx.ml.Scaler (x) }', 'float[N, 3]'],
  [
    'LabelEncoder',
    '(string[N, 1] x) => (y) { y = ai.onnx.ml.LabelEncoder <keys_strings = ["a", "b"], values_int64s = [1, 2]> (x) }',
    'int64[N, 1]',
  ],
  [
    'CategoryMapper',
    '(int64[N] x) => (y) { y = ai.onnx.ml.CategoryMapper <cats_strings = ["a"], cats_int64s = [1]> (x) }',
    'string[N]',
  ],
  [
    'LinearClassifier',
    '(float[N, 2] x) => (y, z) { y, z = ai.onnx.ml.LinearClassifier <coefficients = [1.0, 2.0], classlabels_strings = ["a", "b", "c"]> (x) }',
    'string[N] float[N, 3]',
  ],
  [
    'LinearClassifier of one row',
    '(float[2] x) => (y, z) { y, z = ai.onnx.ml.LinearClassifier <coefficients = [1.0, 2.0], classlabels_ints = [4, 5]> (x) }',
    'int64[1] float[1, 2]',
  ],
  [
    'SVMClassifier, whose scores depend on its parameters',
    '(float[N, 2] x) => (y, z) { y, z = ai.onnx.ml.SVMClassifier <classlabels_ints = [4, 5]> (x) }',
    'int64[N] float[N, ?]',
  ],
  ['LinearRegressor', '(float[N, 2] x) => (y) { y = ai.onnx.ml.LinearRegressor <targets = 4> (x) }', 'float[N, 4]'],
  [
    'ArrayFeatureExtractor',
    '(float[N, 4] x, int64[K] i) => (y) { y = ai.onnx.ml.ArrayFeatureExtractor (x, i) }',
    'float[N, K]',
  ],
  [
    'FeatureVectorizer',
    '(float[N, 2] a, int64[N, 3] b) => (y) { y = ai.onnx.ml.FeatureVectorizer <inputdimensions = [2, 3]> (a, b) }',
    'float[N, 5]',
  ],
  [
    'OneHotEncoder',
    '(int64[N, 3] x) => (y) { y = ai.onnx.ml.OneHotEncoder <cats_int64s = [1, 2, 3, 4]> (x) }',
    'float[N, 3, 4]',
  ],
  ['ZipMap', '(float[N, 2] x) => (y) { y = ai.onnx.ml.ZipMap <classlabels_int64s = [1, 2]> (x) }', 'sequence(map)'],
  [
    'DictVectorizer',
    '(map(string, float) x) => (y) { y = ai.onnx.ml.DictVectorizer <string_vocabulary = ["a", "b"]> (x) }',
    'float[1, 2]',
  ],
  [
    'CastMap',
    '(map(int64, float) x) => (y) { y = ai.onnx.ml.CastMap <cast_to = "TO_INT64", map_form = "SPARSE", max_map = 7> (x) }',
    'int64[1, 7]',
  ],
  [
    'Adam',
    '(float r, int64 t, float[N] x, float[N] g, float[N] v, float[N] h) => (a, b, c) { a, b, c = ai.onnx.preview.training.Adam (r, t, x, g, v, h) }',
    'float[N] float[N] float[N]',
  ],
  [
    'FlexAttention',
    '(float16[B, H, L, D] q, float16[B, G, S, D] k, float16[B, G, S, E] v) => (y) { y = ai.onnx.preview.FlexAttention (q, k, v) }',
    'float16[B, H, L, E]',
  ],
])('%s', (_, text, expected) => {
  expect(shapes(text, opset)).toBe(expected);
});

test.each([
  [
    'tables of two lengths',
    '(string[N] x) => (y) { y = ai.onnx.ml.LabelEncoder <keys_strings = ["a", "b"], values_int64s = [1]> (x) }',
    'it has 2 keys for 1 values',
  ],
  [
    'keys of another type',
    '(int64[N] x) => (y) { y = ai.onnx.ml.LabelEncoder <keys_strings = ["a"], values_int64s = [1]> (x) }',
    'its keys are string, but its input is int64',
  ],
  [
    'labels twice',
    '(float[N, 2] x) => (y) { y = ai.onnx.ml.ZipMap <classlabels_int64s = [1, 2], classlabels_strings = ["a", "b"]> (x) }',
    'it needs its keys as classlabels_strings or as classlabels_int64s, and not as both',
  ],
  [
    'columns without a key',
    '(float[N, 3] x) => (y) { y = ai.onnx.ml.ZipMap <classlabels_int64s = [1, 2]> (x) }',
    'the number of columns and that of keys must agree, but they are 3 and 2',
  ],
  [
    'groups of unequal size',
    '(float r, int64 t, float[N] x, float[N] g) => (a) { a = ai.onnx.preview.training.Adam (r, t, x, g) }',
    '2 tensors cannot be 4 groups of equal size',
  ],
  [
    'heads that do not divide',
    '(float[1, 5, 2, 4] q, float[1, 2, 3, 4] k, float[1, 2, 3, 4] v) => (y) { y = ai.onnx.preview.FlexAttention (q, k, v) }',
    'the number of query heads is 5, which is not a multiple of 2',
  ],
])('refuses %s', (_, text, message) => {
  expect(infer(text, opset).contradictions).toEqual([message]);
});
