import { describe, expect, test } from '@jest/globals';
import { type TrapOptions, operatorsOf, soundly } from '../support/traps.ts';

type Trap = [title: string, text: string, operators: string[], options?: TrapOptions];

const NORM = 'float[2] scale = {2, 4}, float[2] shift = {1, 0.5}, float[2] mean = {0.5, 1}, float[2] variance = {1, 4}';
const WEIGHT = 'float[2,2,1,1] w = {1, 2, -1, 3}';

describe('BatchNormalization after Conv', () => {
  test.each<Trap>([
    [
      'a weight that two Convs share',
      `agraph (float[N,2,3,3] x) => (float[A,2,3,3] y, float[B,2,3,3] z) <${WEIGHT}, ${NORM}> {
        c = Conv (x, w)
        y = BatchNormalization (c, scale, shift, mean, variance)
        z = Conv (y, w)
      }`,
      ['Conv', 'Conv'],
    ],
    [
      'a weight that is a graph output',
      `agraph (float[N,2,3,3] x) => (float[A,2,3,3] y, float[2,2,1,1] w) <${WEIGHT}, ${NORM}> {
        c = Conv (x, w)
        y = BatchNormalization (c, scale, shift, mean, variance)
      }`,
      ['Conv'],
    ],
    [
      'groups',
      `agraph (float[N,2,3,3] x) => (float[A,2,3,3] y) <float[2,1,1,1] w = {3, -2}, float[2] b = {1, 2}, ${NORM}> {
        c = Conv <group = 2> (x, w, b)
        y = BatchNormalization (c, scale, shift, mean, variance)
      }`,
      ['Conv'],
    ],
    [
      'a bias that is an input',
      `agraph (float[N,2,3,3] x, float[2] b) => (float[A,2,3,3] y) <${WEIGHT}, ${NORM}> {
        c = Conv (x, w, b)
        y = BatchNormalization (c, scale, shift, mean, variance)
      }`,
      ['Conv', 'BatchNormalization'],
    ],
    [
      'a scale that callers may override',
      `agraph (float[N,2,3,3] x, float[2] scale = {2, 4}) => (float[A,2,3,3] y) <
        ${WEIGHT}, float[2] shift = {1, 0}, float[2] mean = {0, 1}, float[2] variance = {1, 4}> {
        c = Conv (x, w)
        y = BatchNormalization (c, scale, shift, mean, variance)
      }`,
      ['Conv', 'BatchNormalization'],
    ],
    [
      'a Conv read twice by one node',
      `agraph (float[N,2,3,3] x) => (float[A,2,3,3] y) <${WEIGHT}, ${NORM}> {
        c = Conv (x, w)
        b = BatchNormalization (c, scale, shift, mean, variance)
        y = Add (b, c)
      }`,
      ['Conv', 'BatchNormalization', 'Add'],
    ],
    [
      'a variance that makes the factor infinite',
      `agraph (float[N,2,3,3] x) => (float[A,2,3,3] y) <${WEIGHT},
        float[2] scale = {2, 4}, float[2] shift = {1, 0}, float[2] mean = {0, 1}, float[2] variance = {0, 4}> {
        c = Conv (x, w)
        y = BatchNormalization <epsilon = 0.0> (c, scale, shift, mean, variance)
      }`,
      ['Conv', 'BatchNormalization'],
    ],
    [
      'half-precision weights that would overflow',
      `agraph (float16[N,2,1,1] x) => (float16[A,2,1,1] y) <float16[2,2,1,1] w = {25552, 0, 0, 25552},
        float16[2] scale = {22080, 22080}, float16[2] shift = {15360, 0}, float16[2] mean = {0, 0}, float16[2] variance = {13312, 15360}> {
        small = Mul (x, x)
        c = Conv (small, w)
        y = BatchNormalization (c, scale, shift, mean, variance)
      }`,
      ['Mul', 'Conv', 'BatchNormalization'],
    ],
  ])('%s', async (_title, text, operators, options = {}) => {
    expect(operatorsOf(await soundly(text, options))).toEqual(operators);
  });

  test.each([
    ['training mode', 21, 'y, m, v = BatchNormalization <training_mode = 1> (c, scale, shift, mean, variance)'],
    ['training mode by further outputs', 13, 'y, m, v = BatchNormalization (c, scale, shift, mean, variance)'],
    ['training mode before opset 7', 6, 'y = BatchNormalization (c, scale, shift, mean, variance)'],
    ['spatial = 0', 8, 'y = BatchNormalization <spatial = 0> (c, scale, shift, mean, variance)'],
  ])('%s', async (_title, opset, node) => {
    const model = await soundly(
      `<ir_version: 8, opset_import: ["": ${opset}]> agraph (float[N,2,3,3] x) => (float[A,2,3,3] y) <${WEIGHT}, ${NORM}> {
        c = Conv (x, w)
        ${node}
      }`,
      { atLeast: 0 },
    );
    expect(operatorsOf(model)).toEqual(['Conv', 'BatchNormalization']);
  });
});

describe('Cast, Dropout, sequences, further outputs', () => {
  test.each<Trap>([
    [
      'a Cast that loses, there and back',
      `agraph (float[N] x) => (float[A] y) {
        a = Cast <to = 6> (x)
        y = Cast <to = 1> (a)
      }`,
      ['Cast', 'Cast'],
    ],
    [
      'a Cast to bool and back',
      `agraph (int64[N] x) => (int64[A] y) {
        a = Cast <to = 9> (x)
        y = Cast <to = 7> (a)
      }`,
      ['Cast', 'Cast'],
    ],
    [
      'a Dropout whose mask is read',
      `agraph (float[N] x) => (float[A] y, bool[B] m) {
        y, m = Dropout (x)
      }`,
      ['Dropout'],
    ],
    [
      'a Dropout of which only the mask is written',
      `agraph (float[N] x) => (bool[B] m) {
        , m = Dropout (x)
      }`,
      ['Dropout'],
    ],
    [
      'a Dropout in training',
      `agraph (float[N] x) => (float[A] y) <float ratio = {0.5}, bool training = {1}> {
        y = Dropout (x, ratio, training)
      }`,
      ['Dropout'],
      { atLeast: 0 },
    ],
    [
      'a training_mode that callers may switch on',
      `agraph (float[N] x, bool training = {0}) => (float[A] y) <float ratio = {0.5}> {
        y = Dropout (x, ratio, training)
      }`,
      ['Dropout'],
    ],
    [
      'an Identity of a sequence whose elements are known',
      `agraph (float[N] x) => (float[A] y) <int64 one = {1}> {
        n = Neg (x)
        s = SequenceConstruct (x, n)
        t = Identity (s)
        y = SequenceAt (t, one)
      }`,
      ['Neg'],
    ],
    [
      'the second output of TopK, and two TopK that differ in what they put out',
      `agraph (float[4] x) => (int64[A] i, float[B] v) <int64[1] k = {2}> {
        , i = TopK (x, k)
        v = TopK (x, k)
      }`,
      ['TopK', 'TopK'],
    ],
    [
      'two equal nodes of which one omits an input',
      `agraph (float[N] x) => (float[A] y) <float low = {0}> {
        a = Clip (x, low)
        b = Clip (x, , low)
        y = Add (a, b)
      }`,
      ['Clip', 'Clip', 'Add'],
    ],
    [
      'a Split that is read in part',
      `agraph (float[4] x) => (float[2] y) {
        a, b = Split <num_outputs = 2> (x)
        c = Identity (b)
        y = Neg (c)
      }`,
      ['Slice', 'Neg'],
    ],
    [
      'two Constants of the same bytes and other types',
      `agraph (float[2] x) => (float[2] y) {
        a = Constant <value = int32[1] {3}> ()
        b = Constant <value = float[1] {3}> ()
        c = Cast <to = 1> (a)
        d = Add (x, b)
        y = Div (d, c)
      }`,
      ['Add', 'Div'],
    ],
    [
      '0 and -0 are other constants',
      `agraph (float[1] x) => (float[1] y, float[1] z) <float[1] a = {0.0}, float[1] b = {-0.0}> {
        y = Div (x, a)
        z = Div (x, b)
      }`,
      ['Div', 'Div'],
    ],
  ])('%s', async (_title, text, operators, options = {}) => {
    expect(operatorsOf(await soundly(text, options))).toEqual(operators);
  });
});
