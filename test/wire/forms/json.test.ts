import { describe, expect, test } from '@jest/globals';
import { readModelJson } from '../../../src/wire/forms/read-json.ts';

function hex(text: string): string {
  return Buffer.concat(readModelJson(Buffer.from(text)).pieces()).toString('hex');
}

const tensor = (entry: string): string => `{"graph": {"initializer": [{${entry}}]}}`;

// What google.protobuf.json_format 7.36.2 makes of the same text.
describe('spellings', () => {
  test('names in camelCase and as in onnx.proto', () => {
    expect(hex('{"irVersion": "8", "opsetImport": [{"version": "17"}]}')).toBe('080842021011');
    expect(hex('{"ir_version": 8, "opset_import": [{"version": 17}]}')).toBe('080842021011');
  });

  test('integers as strings and as numbers, whole however written, and exact', () => {
    for (const text of ['8', '"8"', '8.0', '0.8e1', '"8.0"']) expect(hex(`{"irVersion": ${text}}`)).toBe('0808');
    expect(hex('{"irVersion": 9223372036854775807}')).toBe('08ffffffffffffffff7f');
    expect(hex('{"irVersion": "-9223372036854775808"}')).toBe('0880808080808080808001');
    expect(hex('{"irVersion": -0}')).toBe('0800');
  });

  test('floats as numbers, and the special ones as strings', () => {
    const data = Buffer.from(
      hex(tensor('"floatData": [1, -1.5, "2.5", "NaN", "Infinity", "-Infinity", -0.0]')),
      'hex',
    ).subarray(6);
    const values = Array.from({ length: 7 }, (_, index) => data.readFloatLE(index * 4));
    expect(values).toEqual([1, -1.5, 2.5, NaN, Infinity, -Infinity, -0]);
  });

  test('bytes as base64 of either alphabet, padded or not', () => {
    expect(hex(tensor('"rawData": "AAECAw=="'))).toBe('3a082a064a0400010203');
    expect(hex(tensor('"rawData": "AAECAw"'))).toBe('3a082a064a0400010203');
    expect(hex(tensor('"rawData": "-_-_"'))).toBe(hex(tensor('"rawData": "+/+\\/"')));
    expect(hex(tensor('"rawData": ""'))).toBe('3a042a024a00');
  });

  test('enums by name or number', () => {
    for (const text of ['"EXTERNAL"', '1', '"1"']) expect(hex(tensor(`"dataLocation": ${text}`))).toBe('3a042a027001');
  });

  test('null leaves a field out', () => {
    expect(hex('{"irVersion": null, "graph": {"node": null}}')).toBe('3a00');
  });

  test('strings with escapes', () => {
    expect(hex(String.raw`{"producerName": "aé\u00e9\ud83d\ude00\n\/\"\\"}`)).toBe('120d61c3a9c3a9f09f98800a2f225c');
  });
});

describe('what is wrong is told with line and column', () => {
  test.each([
    ['[]', /^line 1, column 1: expected '{' but found '\['/],
    ['{"irVersion": 8', /^line 1, column 16: expected ',' or '}' but found the end of the file/],
    ['{"irVersion": 8} x', /^line 1, column 18: expected the end of the file but found 'x'/],
    ['{"irVersion": 8,}', /^line 1, column 17: expected a name in quotes but found '}'/],
    ['{\n  "nodes": 1}', /^line 2, column 3: ModelProto has no field 'nodes'/],
    ['{"irVersion": 8, "irVersion": 8}', /^line 1, column 18: ir_version is given twice/],
    ['{"irVersion": 8, "ir_version": 8}', /^line 1, column 18: ir_version is given twice/],
    ['{"irVersion": 08}', /^line 1, column 15: .* but found '08'/],
    ['{"irVersion": 8.5}', /^line 1, column 15: ir_version is a whole number, but '8.5' is none/],
    ['{"irVersion": "0x8"}', /but '0x8' is none/],
    ['{"irVersion": true}', /but found 'true'/],
    ['{"irVersion": 9223372036854775808}', /^line 1, column 15: 9223372036854775808 is no int64/],
    ['{"graph": {"node": {}}}', /^line 1, column 20: node is a list: expected '\['/],
    ['{"graph": {"node": [null]}}', /^line 1, column 21: node is a message: expected '{' but found 'null'/],
    ['{"graph": []}', /^line 1, column 11: graph is a message/],
    ['{"producerName": 5}', /^line 1, column 18: producer_name is a string, but found '5'/],
    ['{"producerName": "\\ud83d"}', /^line 1, column 19: half of a surrogate pair/],
    ['{"producerName": "\\q"}', /^line 1, column 19: the escape \\q is not known/],
    ['{"producerName": "a\tb"}', /^line 1, column 20: a control character in a string/],
    [tensor('"floatData": [1e39]'), /1e39 is too large for a float/],
    [tensor('"doubleData": [1e400]'), /1e400 is too large for a double/],
    [tensor('"rawData": "A"'), /^line 1, column 40: raw_data holds bytes, and this is no base64/],
    [tensor('"rawData": "****"'), /this is no base64/],
    [tensor('"dataLocation": "OUTSIDE"'), /data_location cannot be 'OUTSIDE'/],
    ['{"graph": {"input": [{"type": {"tensorType": {}, "mapType": {}}}]}}', /map_type is given beside tensor_type/],
  ])('%s', (text, message) => {
    expect(() => readModelJson(Buffer.from(text))).toThrow(
      expect.objectContaining({ name: 'ModelError', message: expect.stringMatching(message) }),
    );
  });

  test('a bare NaN says how it is written', () => {
    expect(() => readModelJson(Buffer.from(tensor('"floatData": [NaN]')))).toThrow(
      expect.objectContaining({ hint: 'write "NaN", "Infinity" and "-Infinity" in quotes' }),
    );
  });

  test('messages may nest a hundred deep, and no deeper', () => {
    const open = '{"node":[{"attribute":[{"g":';
    const deep = (levels: number): Buffer => Buffer.from(`{"graph":${open.repeat(levels)}{}${'}]}]}'.repeat(levels)}}`);
    expect(() => readModelJson(deep(33))).not.toThrow();
    expect(() => readModelJson(deep(100_000))).toThrow(/messages are nested more than 100 deep/);
  });
});
