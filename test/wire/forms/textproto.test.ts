import { describe, expect, test } from '@jest/globals';
import { readTextProto } from '../../../src/wire/forms/read-textproto.ts';

function hex(text: string): string {
  return Buffer.concat(readTextProto(Buffer.from(text)).pieces()).toString('hex');
}

function floats(text: string): number[] {
  const bytes = Buffer.concat(readTextProto(Buffer.from(`graph { initializer { ${text} } }`)).pieces());
  const data = bytes.subarray(6);
  return Array.from({ length: data.byteLength / 4 }, (_, index) => data.readFloatLE(index * 4));
}

// What google.protobuf.text_format 7.36.2 makes of the same text, but where a comment says otherwise.
describe('spellings of one message', () => {
  const plain = 'ir_version: 8\ngraph {\n  name: "g"\n  initializer {\n    dims: 1\n    dims: 2\n  }\n}';

  test.each([
    ['comments', '# a model\nir_version: 8 # eight\ngraph { # g\n name: "g" initializer { dims: 1 dims: 2 } }# end'],
    ['a byte order mark', `\ufeff${plain}`],
    ['angle brackets and colons', 'ir_version:8 graph: < name:"g" initializer: < dims:1 dims:2 > >'],
    ['lists', 'ir_version: 8 graph { name: "g" initializer [{ dims: [1, 2] }] }'],
    ['separators', 'ir_version: 8, graph { name: "g"; initializer { dims: 1; dims: 2, }, };'],
    [
      'adjacent strings',
      'ir_version: 8 graph { name: "" \'g\' # and\n "" initializer { dims: [1] dims: [] dims: 2 } }',
    ],
    ['hexadecimal and octal', 'ir_version: 0X8 graph { name: "\\x67" initializer { dims: 0x1 dims: 02 } }'],
    ['another order', 'graph { initializer { dims: [1, 2] } name: "g" } ir_version: 010'],
    ['Windows line ends', plain.replaceAll('\n', '\r\n')],
  ])('%s', (_, text) => {
    expect(hex(text)).toBe(hex(plain));
  });

  test('nothing, and comments alone, is the empty message', () => {
    expect(hex('')).toBe('');
    expect(hex('# nothing')).toBe('');
  });
});

describe('literals', () => {
  test('strings have the escapes of C and Unicode', () => {
    expect(hex(String.raw`producer_name: "\x41\101\u0041\U00000041\1\n\t\a\b\f\r\v\'\"\\é"`)).toBe(
      '121141414141010a0907080c0d0b27225cc3a9',
    );
    // Python keeps the backslash of \?, and refuses surrogate pairs; the specification has both.
    expect(hex(String.raw`producer_name: "\?\ud83d\ude00"`)).toBe('12053ff09f9880');
  });

  test('integers reach to the ends of their types', () => {
    expect(hex('ir_version: 9223372036854775807')).toBe('08ffffffffffffffff7f');
    expect(hex('ir_version: -9223372036854775808')).toBe('0880808080808080808001');
    expect(hex('graph { initializer { uint64_data: 18446744073709551615 } }')).toBe('3a0e2a0c5a0affffffffffffffffff01');
    expect(hex('graph { initializer { int32_data: -2147483648 } }')).toBe('3a0e2a0c2a0a80808080f8ffffffff01');
    // Blanks may follow a sign by the specification; Python refuses them.
    expect(hex('ir_version: - # minus\n 1')).toBe(hex('ir_version: -1'));
  });

  test('floats are written in many ways', () => {
    const text = 'float_data: [1, -1.5, .5, 2., 1e3, 1E-3f, 3f, 4F, inf, -inf, Infinity, -INFINITY, -0, 1e400, 1e-400]';
    const expected = [1, -1.5, 0.5, 2, 1000, Math.fround(0.001), 3, 4];
    expect(floats(text)).toEqual([...expected, Infinity, -Infinity, Infinity, -Infinity, -0, Infinity, 0]);
    expect(floats('float_data: nan float_data: NaN')).toEqual([NaN, NaN]);
  });

  test('enums go by name or number, known or not', () => {
    expect(hex('graph { initializer { data_location: EXTERNAL } }')).toBe('3a042a027001');
    expect(hex('graph { initializer { data_location: 1 } }')).toBe('3a042a027001');
    expect(hex('graph { node { attribute { type: 99 } } }')).toBe(hex('graph { node { attribute { type: 0x63 } } }'));
  });
});

describe('what is wrong is told with line and column', () => {
  test.each([
    ['nodes { }', /^line 1, column 1: ModelProto has no field 'nodes'/],
    ['ir_version: 8\n  irVersion: 8', /^line 2, column 3: ModelProto has no field 'irVersion'/],
    ['graph { node { attribute { v: 1 } } }', /^line 1, column 28: AttributeProto has no field 'v'/],
    ['99: 1', /^line 1, column 1: field 99 of ModelProto is given by its number/],
    ['[onnx.extra]: 1', /^line 1, column 1: an extension in brackets/],
    ['ir_version 8', /^line 1, column 12: expected ':' but found '8'/],
    ['ir_version: "8"', /^line 1, column 13: ir_version is a whole number, but '"' is none/],
    ['ir_version: 08', /^line 1, column 13: ir_version is a whole number, but '08' is none/],
    ['ir_version: 1.0', /^line 1, column 13: .* but '1.0' is none/],
    ['ir_version: 9223372036854775808', /^line 1, column 13: 9223372036854775808 is no int64/],
    ['graph { initializer { uint64_data: -1 } }', /^line 1, column 36: -1 is no uint64/],
    ['graph { initializer { int32_data: 2147483648 } }', /is no int32/],
    ['ir_version: 8producer_name: "x"', /^line 1, column 13: .* but '8producer_name' is none/],
    ['ir_version: [8]', /^line 1, column 13: ir_version holds one value, not a list/],
    ['ir_version: 8 ir_version: 9', /^line 1, column 15: ir_version is given twice/],
    ['graph { } graph { }', /^line 1, column 11: graph is given twice/],
    ['ir_version: 8;; domain: "x"', /^line 1, column 15: expected the name of a field but found ';'/],
    ['producer_name: x', /^line 1, column 16: producer_name is a string: expected '"' but found 'x'/],
    ['producer_name: "é', /^line 1, column 16: this string has no closing quote$/],
    ['producer_name: "x\n"', /^line 1, column 16: this string has no closing quote on its line/],
    ['producer_name: "é\\q"', /^line 1, column 18: the escape \\q is not known/],
    ['producer_name: "\\x"', /^line 1, column 17: an \\x without hexadecimal digits/],
    ['producer_name: "\\ud83d"', /^line 1, column 17: half of a surrogate pair/],
    ['producer_name: "\\U00110000"', /^line 1, column 17: this is no character of Unicode/],
    ['graph { name: "g"', /^line 1, column 7: this message has no closing '}'/],
    ['graph { name: "g" >', /^line 1, column 19: expected the name of a field but found '>'/],
    ['graph }', /^line 1, column 7: graph is a message: expected '{' but found '}'/],
    ['graph { node [{ } { }] }', /^line 1, column 19: expected ',' or ']' but found '{'/],
    ['graph { initializer { float_data: 0x10 } }', /^line 1, column 35: float_data is a number, but '0x10' is none/],
    ['graph { initializer { float_data: 1.5.5 } }', /but '1.5.5' is none/],
    ['graph { initializer { data_location: OUTSIDE } }', /^line 1, column 38: data_location cannot be OUTSIDE/],
    [
      'graph { input { type { tensor_type { } map_type { } } } }',
      /^line 1, column 40: map_type is given beside tensor_type/,
    ],
  ])('%s', (text, message) => {
    expect(() => readTextProto(Buffer.from(text))).toThrow(
      expect.objectContaining({ name: 'ModelError', message: expect.stringMatching(message) }),
    );
  });

  test('with the field that was probably meant', () => {
    expect(() => readTextProto(Buffer.from('irversion: 8'))).toThrow(
      expect.objectContaining({ hint: 'did you mean ir_version?' }),
    );
  });

  test('messages may nest a hundred deep, and no deeper', () => {
    const deep = (levels: number): Buffer =>
      Buffer.from(`graph{${'node{attribute{g{'.repeat(levels)}${'}}}'.repeat(levels)}}`);
    expect(() => readTextProto(deep(33))).not.toThrow();
    expect(() => readTextProto(deep(100_000))).toThrow(/messages are nested more than 100 deep/);
  });
});
