import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { openForm } from '../../../src/api/open-form.ts';
import { MemorySource } from '../../../src/wire/byte-source.ts';
import { FieldCursor } from '../../../src/wire/fields.ts';
import { readModelJson } from '../../../src/wire/forms/read-json.ts';
import { readTextProto } from '../../../src/wire/forms/read-textproto.ts';
import { messageFields } from '../../../src/wire/generated/schema.ts';
import { joinBytes } from '../../../src/wire/text.ts';
import { writtenAs } from '../../support/forms.ts';

const samples = resolve(import.meta.dirname, '../../../samples');
/** A message with every field of onnx.proto; the texts were written by the onnx package (1.23.1, protobuf 7.36.2). */
const fixtures = join(import.meta.dirname, 'fixtures');

function fixture(name: string): Uint8Array {
  return readFileSync(join(fixtures, name));
}

async function binaryOf(text: Uint8Array, name = 'model'): Promise<Buffer> {
  const { binary } = await openForm(new MemorySource(text, name));
  return Buffer.from(await binary.read(0, binary.byteLength));
}

describe('a message with every field', () => {
  test('has every field', () => {
    const text = Buffer.from(fixture('every-field.textproto')).toString();
    const names = Object.values(messageFields).flatMap((fields) =>
      fields.split(' ').map((field) => field.split(':')[0]),
    );
    const missing = names.filter((name) => !new RegExp(String.raw`^\s*${name}[: ]`, 'm').test(text));
    expect(missing).toEqual([]);
  });

  test.each([
    ['textproto', 'every-field.textproto'],
    ['json', 'every-field.onnxjson'],
  ] as const)('is written as %s as the onnx package writes it', async (format, name) => {
    const { text, notes } = await writtenAs(fixture('every-field.onnx'), format);
    expect(text.trimEnd().split('\n')).toEqual(Buffer.from(fixture(name)).toString().trimEnd().split('\n'));
    expect(notes).toEqual([]);
  });

  test.each(['every-field.textproto', 'every-field.onnxjson', 'every-field.camel.onnxjson'])(
    '%s is read as the same bytes',
    async (name) => {
      expect((await binaryOf(fixture(name))).equals(fixture('every-field.onnx'))).toBe(true);
    },
  );
});

describe('samples', () => {
  const models = readdirSync(samples).filter((name) => name.endsWith('.onnx'));

  test.each(models)('%s comes back from textproto and JSON byte for byte', async (name) => {
    const bytes = readFileSync(join(samples, name));
    for (const format of ['textproto', 'json'] as const) {
      const { text } = await writtenAs(bytes, format);
      expect((await binaryOf(Buffer.from(text))).equals(bytes)).toBe(true);
    }
  });
});

describe('what protobuf allows and Python does not write', () => {
  const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

  test('parts of one message are one message, and the last of a singular field counts', async () => {
    // graph { name: "a" node {} } graph { name: "b" node {} }, ir_version 3 and 8
    const model = bytes(8, 3, 58, 5, 18, 1, 97, 10, 0, 8, 8, 58, 5, 18, 1, 98, 10, 0);
    const { text } = await writtenAs(model, 'textproto');
    expect(text).toBe('ir_version: 8\ngraph {\n  node {\n  }\n  node {\n  }\n  name: "b"\n}\n');
  });

  test('the last field of a oneof counts', async () => {
    // graph.input.type.tensor_type.shape.dim: dim_value 5, dim_param "N"
    const dim = [8, 5, 18, 1, 78];
    const wrap = (tag: number, inner: number[]): number[] => [tag, inner.length, ...inner];
    const model = wrap(58, wrap(90, wrap(18, wrap(10, wrap(18, wrap(10, dim))))));
    const { text } = await writtenAs(Uint8Array.from(model), 'json');
    expect(text).toContain('"dim_param": "N"');
    expect(text).not.toContain('dim_value');
  });

  test('numbers come packed or not', async () => {
    // graph.initializer: dims packed [1, 300], float_data not packed 1.5
    const tensor = [10, 3, 1, 172, 2, 37, 0, 0, 192, 63];
    const model = Uint8Array.from([58, tensor.length + 2, 42, tensor.length, ...tensor]);
    const { text } = await writtenAs(model, 'textproto');
    expect(text).toContain('    dims: 1\n    dims: 300\n    float_data: 1.5\n');
  });

  test('fields that onnx.proto does not have are told of', async () => {
    const { text, notes } = await writtenAs(bytes(8, 8, 152, 6, 1, 58, 3, 144, 6, 7), 'textproto');
    expect(text).toBe('ir_version: 8\ngraph {\n}\n');
    expect(notes).toEqual([
      'textproto has no place for ModelProto field 99 (1), GraphProto field 98 (1); what was written lacks it',
    ]);
  });

  test('a broken message is a ModelError', async () => {
    await expect(writtenAs(bytes(8, 8, 58, 9, 18), 'json')).rejects.toMatchObject({
      name: 'ModelError',
      message: 'a field reaches beyond the end of its message',
    });
  });

  test('text that is not UTF-8 stands in textproto as bytes, and in JSON not at all', async () => {
    const model = bytes(18, 2, 97, 255);
    const { text } = await writtenAs(model, 'textproto');
    expect(text).toBe('producer_name: "a\\377"\n');
    expect(Buffer.concat(readTextProto(Buffer.from(text)).pieces())).toEqual(Buffer.from(model));
    await expect(writtenAs(model, 'json')).rejects.toMatchObject({ message: expect.stringMatching(/is not UTF-8/) });
  });
});

test('any strings and bytes come back', async () => {
  const model = (name: string, raw: Uint8Array): Uint8Array => {
    const text = Buffer.from(name);
    const field = (tag: number, content: Uint8Array): Uint8Array =>
      joinBytes([Uint8Array.from([tag, ...varint(content.byteLength)]), content]);
    return joinBytes([field(18, text), field(58, field(42, field(74, raw)))]);
  };
  const varint = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...varint(value >> 7)]);
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.uint8Array({ maxLength: 6000 }),
      async (name, raw) => {
        const bytes = Buffer.from(model(name, raw));
        const { text } = await writtenAs(bytes, 'textproto');
        expect(Buffer.concat(readTextProto(Buffer.from(text)).pieces()).equals(bytes)).toBe(true);
        const { text: json } = await writtenAs(bytes, 'json');
        expect(Buffer.concat(readModelJson(Buffer.from(json)).pieces()).equals(bytes)).toBe(true);
      },
    ),
    { numRuns: 60 },
  );
});

test('what is written is canonical: by field number, once each', async () => {
  const text = 'graph { name: "g" node { op_type: "A" output: "y" input: "x" } } ir_version: 8';
  const bytes = Buffer.concat(readTextProto(Buffer.from(text)).pieces());
  const cursor = new FieldCursor(bytes);
  cursor.read(0, bytes.byteLength);
  expect([cursor.number, bytes[1]]).toEqual([1, 8]);
  expect(bytes.toString('hex')).toBe('08083a0e0a090a017812017922014112016' + '7');
});
