import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { dataFor, readData } from '../../src/api/read-data.ts';
import { isStringData } from '../../src/fold/array.ts';
import { parseModel } from '../../src/text/parse.ts';
import { readNpy } from '../../src/verify/npy.ts';

/** An array as numpy.save writes it. */
function npy(descr: string, shape: readonly number[], data: ArrayBufferView, isFortran = false): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const header = `{'descr': '${descr}', 'fortran_order': ${isFortran ? 'True' : 'False'}, 'shape': ${tuple}, }`;
  const padded = header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11) + '\n';
  const head = Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY\x01\x00'), Buffer.alloc(2), Buffer.from(padded)]);
  head.writeUInt16LE(padded.length, 8);
  return new Uint8Array(Buffer.concat([head, Buffer.from(data.buffer, data.byteOffset, data.byteLength)]));
}

/** An archive as numpy.savez (stored, with the sizes of ZIP64 in the local headers) and savez_compressed write it. */
function npz(files: Readonly<Record<string, Uint8Array>>, isCompressed: boolean): Uint8Array {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, content] of Object.entries(files)) {
    const data = isCompressed ? deflateRawSync(content) : Buffer.from(content);
    const sizes = Buffer.alloc(20);
    sizes.writeUInt16LE(1, 0);
    sizes.writeUInt16LE(16, 2);
    sizes.writeBigUInt64LE(BigInt(content.length), 4);
    sizes.writeBigUInt64LE(BigInt(data.length), 12);
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(isCompressed ? 8 : 0, 8);
    local.writeUInt32LE(0xffffffff, 18);
    local.writeUInt32LE(0xffffffff, 22);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(sizes.length, 28);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(isCompressed ? 8 : 0, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt32LE(content.length, 24);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(at, 42);
    directory.push(central, Buffer.from(name));
    pieces.push(local, Buffer.from(name), sizes, data);
    at += 30 + name.length + sizes.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(at, 16);
  return new Uint8Array(Buffer.concat([...pieces, ...directory, end]));
}

const model = parseModel('agraph (float[2,2] x, int64[2] ids) => (float[2,2] y) { y = Identity (x) }');
const x = npy('<f4', [2, 2], Float32Array.of(1, 2, 3, 4));
const ids = npy('<i8', [2], BigInt64Array.of(5n, -6n));

describe('an array of numpy', () => {
  test.each<[string, ArrayBufferView, string, readonly unknown[]]>([
    ['<f8', Float64Array.of(1.5, -2), 'double', [1.5, -2]],
    ['<f2', Uint16Array.of(0x3c00, 0xc000), 'float16', [1, -2]],
    ['|b1', Uint8Array.of(1, 0), 'bool', [1, 0]],
    ['>i4', Uint8Array.of(0, 0, 0, 7, 255, 255, 255, 255), 'int32', [7, -1]],
    ['<u8', BigUint64Array.of(2n ** 63n, 1n), 'uint64', [2n ** 63n, 1n]],
  ])('of %s', (descr, data, dataType, elements) => {
    const array = readNpy(npy(descr, [2], data), 'a.npy');
    expect(array).toMatchObject({ dataType, dims: [2] });
    expect([...(array.data as Float32Array)]).toEqual(elements);
  });

  test('in the order of Fortran, and a scalar', () => {
    const array = readNpy(npy('<i2', [2, 3], Int16Array.of(1, 4, 2, 5, 3, 6), true), 'a.npy');
    expect([...(array.data as Int16Array)]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(readNpy(npy('<f4', [], Float32Array.of(3)), 'a.npy').dims).toEqual([]);
  });

  test('of texts', () => {
    const codes = new Uint32Array([...'ab', 'é', ''].map((letter) => letter.codePointAt(0) ?? 0));
    const { data } = readNpy(npy('<U2', [2], codes), 'a.npy');
    expect(isStringData(data) && data.map((text) => Buffer.from(text).toString())).toEqual(['ab', 'é']);
  });

  test('that is cut off or of objects is refused', () => {
    expect(() => readNpy(x.subarray(0, x.length - 1), 'a.npy')).toThrow('it is cut off');
    expect(() => readNpy(x.subarray(0, 20), 'a.npy')).toThrow('it is cut off');
    expect(() => readNpy(npy('|O8', [1], new Uint8Array(8)), 'a.npy')).toThrow('no ONNX type for elements of O8');
  });
});

describe('files of data', () => {
  test.each([false, true])('an archive has a name for each array (compressed: %s)', async (isCompressed) => {
    const entries = await readData(npz({ 'x.npy': x, 'ids.npy': ids }, isCompressed), 'in.npz');
    const values = dataFor(model, entries);
    expect([...values.keys()]).toEqual(['x', 'ids']);
    expect(values.get('ids')).toEqual({ dataType: 'int64', dims: [2], data: BigInt64Array.of(5n, -6n) });
  });

  test('a damaged archive is refused', async () => {
    const bytes = npz({ 'x.npy': x }, true);
    await expect(readData(bytes.subarray(0, bytes.length - 8), 'in.npz')).rejects.toThrow('damaged or cut off');
    bytes.fill(0xff, 60, 80);
    await expect(readData(bytes, 'in.npz')).rejects.toThrow('damaged or cut off');
  });

  test('a tensor goes where its name says, else where the name of its file does', async () => {
    const named = await readData(tensorProto('ids'), 'whatever.pb');
    expect([...dataFor(model, named).keys()]).toEqual(['ids']);
    const numbered = await readData(tensorProto(''), 'test_data_set_0/input_1.pb');
    expect([...dataFor(model, numbered).keys()]).toEqual(['ids']);
  });

  test('what names no input is refused, and says what there is', async () => {
    const [entry] = await readData(x, 'x.npy');
    if (entry === undefined) throw new Error('nothing was read');
    expect(() => dataFor(model, [entry])).toThrow('x.npy does not say which input it is for');
    expect(() => dataFor(model, [{ ...entry, name: 'z' }])).toThrow("x.npy gives 'z', which is no input of the model");
    const twice = { ...entry, name: 'x' };
    expect(() => dataFor(model, [twice, twice])).toThrow("gives input 'x' a second time");
  });

  test('other files are refused', async () => {
    await expect(readData(Buffer.from('hello, world'), 'a.txt')).rejects.toThrow('it is no data that can be read');
  });
});

/** TensorProto { dims: 2, data_type: INT64, int64_data: [1, 2], name }. */
function tensorProto(name: string): Uint8Array {
  const label = name === '' ? [] : [0x42, name.length, ...Buffer.from(name)];
  return Uint8Array.from([0x08, 2, 0x10, 7, 0x3a, 2, 1, 2, ...label]);
}
