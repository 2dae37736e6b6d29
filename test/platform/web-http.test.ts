import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { lint } from '../../src/api/lint.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { simplify } from '../../src/api/simplify.ts';
import { ModelError, UsageError } from '../../src/base/errors.ts';
import { BLOCK_BYTES, BlockCache } from '../../src/platform/web-block-cache.ts';
import { type Fetch, openUrl, readModelUrl, UrlResolver, writeModelBlobs } from '../../src/platform/web.ts';
import type { ModelProto, TensorProto } from '../../src/wire/codec.ts';
import { addModel, bytesOfModel, floatType, modelOf, node, valueInfo } from '../support/protos.ts';
import { RangeServer } from '../support/range-server.ts';

let server: RangeServer;
let base = '';
beforeEach(async () => {
  server = new RangeServer();
  base = await server.start();
});
afterEach(() => server.stop());

function noise(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => (index * 7 + (index >> 8)) & 255);
}

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'it did not fail',
    (error: unknown) => error,
  );
}

describe('a source over ranges', () => {
  const bytes = noise(500_000);

  test('gives any range exactly, small ones out of blocks that are fetched once', async () => {
    server.put('/m', bytes);
    const source = await openUrl(`${base}/m`);
    expect(source.byteLength).toBe(500_000);
    const ranges = [
      [0, 1],
      [65_530, 20],
      [0, 300_000],
      [BLOCK_BYTES * 9, BLOCK_BYTES],
      [BLOCK_BYTES * 10 - 1, 2],
      [499_990, 10],
      [499_000, 1000],
      [200_001, 256 * 1024],
      [77, 0],
    ] as const;
    for (const [offset, length] of ranges) {
      const read = await source.read(offset, length);
      expect(Buffer.compare(read, bytes.subarray(offset, offset + length))).toBe(0);
    }
    const { length } = server.requests;
    for (let offset = BLOCK_BYTES * 9; offset < BLOCK_BYTES * 10; offset += 1000) await source.read(offset, 100);
    expect(server.requests.length).toBe(length);
  });

  test('asks again over a new connection when the server let go of the old one', async () => {
    server.put('/m', bytes);
    let asked = 0;
    const flaky: Fetch = async (url, options) => {
      if (++asked % 2 === 1) throw new TypeError('fetch failed', { cause: new Error('read ECONNRESET') });
      return fetch(url, options);
    };
    const source = await openUrl(`${base}/m`, { fetch: flaky });
    expect(Buffer.compare(await source.read(400_000, 50), bytes.subarray(400_000, 400_050))).toBe(0);
    expect(asked).toBe(4);
  });

  test('asks once for what several wait for, and for neighbours together', async () => {
    server.put('/m', bytes);
    const source = await openUrl(`${base}/m`);
    await Promise.all([source.read(200_000, 10), source.read(200_020, 10), source.read(200_000, 10)]);
    await source.read(BLOCK_BYTES * 20, BLOCK_BYTES * 5);
    expect(server.requests.map(({ range }) => range)).toEqual([
      'bytes=0-65535',
      `bytes=${BLOCK_BYTES * 12}-${BLOCK_BYTES * 13 - 1}`,
      `bytes=${BLOCK_BYTES * 20}-${BLOCK_BYTES * 25 - 1}`,
    ]);
  });

  test('of a short or empty file comes with the first request', async () => {
    server.put('/short', noise(10));
    server.put('/empty', noise(0));
    const source = await openUrl(`${base}/short`);
    expect(await source.read(3, 7)).toEqual(noise(10).subarray(3));
    expect(server.requests.length).toBe(1);
    expect((await openUrl(`${base}/empty`)).byteLength).toBe(0);
    await expect(readModelUrl(`${base}/empty`)).rejects.toThrow(/empty/);
  });

  test('of a server without ranges is the whole file, up to a limit', async () => {
    server.put('/m', bytes);
    server.manners.ranges = false;
    const source = await openUrl(`${base}/m`);
    expect(Buffer.compare(await source.read(400_000, 100_000), bytes.subarray(400_000))).toBe(0);
    expect(server.requests.length).toBe(1);
    const limited = { maximumBodyBytes: 499_999 };
    const refused = await failure(openUrl(`${base}/m`, limited));
    expect(refused).toBeInstanceOf(UsageError);
    expect(refused).toMatchObject({
      message: expect.stringMatching(/no ranges, and the file of 500000 bytes is larger/),
    });
    // Also where the server does not say how much will come.
    server.manners.headers = { 'content-length': undefined, 'transfer-encoding': 'chunked' };
    await expect(openUrl(`${base}/m`, limited)).rejects.toThrow(/no ranges, and the file of unknown length is larger/);
    expect((await openUrl(`${base}/m`)).byteLength).toBe(500_000);
  });

  test.each([404, 403, 500])('that is not there is said so (%d)', async (status) => {
    server.put('/m', bytes);
    server.manners.status = status;
    const error = await failure(openUrl(`${base}/m`));
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message: expect.stringContaining(`/m: the server answers ${status}`) });
  });

  test('of a server that is not there is said so', async () => {
    await server.stop();
    const error = await failure(openUrl(`${base}/m`));
    expect(error).toBeInstanceOf(UsageError);
    expect(error).toMatchObject({ message: expect.stringMatching(/cannot read http.*ECONNREFUSED/) });
    await server.start();
  });

  test.each([
    ['compressed pieces', { 'content-encoding': 'gzip' }, /compresses pieces of the file \(gzip\)/],
    [
      'pieces from elsewhere',
      { 'content-range': 'bytes 5-65540/500000' },
      /asked for bytes 0-65535 and sends bytes 5-/,
    ],
    ['shorter pieces', { 'content-range': 'bytes 0-99/500000' }, /asked for bytes 0-65535 and sends bytes 0-99/],
    ['files of unknown length', { 'content-range': 'bytes 0-65535/*' }, /describes a piece of the file as/],
    ['nonsense', { 'content-range': 'bytes x' }, /describes a piece of the file as 'bytes x'/],
    ['pieces of 10^30 bytes', { 'content-range': `bytes 0-65535/${'9'.repeat(30)}` }, /describes a piece/],
    ['pieces without a place', { 'content-range': undefined }, /does not say which/],
  ])('refuses %s', async (_what, headers, message) => {
    server.put('/m', bytes);
    server.manners.headers = headers;
    const error = await failure(openUrl(`${base}/m`));
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ message: expect.stringMatching(message), place: { file: `${base}/m` } });
  });

  test('notices bodies of another length than announced', async () => {
    server.put('/m', bytes);
    server.manners.added = 1;
    await expect(openUrl(`${base}/m`)).rejects.toThrow(/announced 65536 bytes and sent more/);
    server.manners.added = 0;
    server.manners.headers = { 'content-length': '100' };
    server.manners.cut = 65_436;
    await expect(openUrl(`${base}/m`)).rejects.toThrow(/announced 65536 bytes and sent 100|connection broke off/);
    server.manners.headers = {};
    server.manners.cut = 5;
    await expect(openUrl(`${base}/m`)).rejects.toThrow(/connection broke off/);
  });

  test.each([
    ['another ETag', () => (server.manners.etag = '"2"')],
    ['another length', () => server.put('/m', noise(500_001))],
    ['less than was asked for', () => server.put('/m', noise(100_000))],
    ['the whole file', () => (server.manners.ranges = false)],
  ])('notices that the file was changed: %s', async (_what, change) => {
    server.put('/m', bytes);
    const source = await openUrl(`${base}/m`);
    change();
    for (const length of [10, 200_000, 300_000]) {
      const error = await failure(source.read(150_000, length));
      expect(error).toBeInstanceOf(ModelError);
      expect(error).toMatchObject({ message: 'the file was changed while it was read' });
    }
  });

  test('goes by the date where there is no ETag, and by an ETag whatever the date', async () => {
    server.put('/m', bytes);
    server.manners.lastModified = 'Mon, 01 Jan 2024 00:00:00 GMT';
    const tagged = await openUrl(`${base}/m`);
    server.manners.etag = undefined;
    const dated = await openUrl(`${base}/m`);
    server.manners.lastModified = 'Tue, 02 Jan 2024 00:00:00 GMT';
    await expect(dated.read(100_000, 1)).rejects.toThrow(/was changed/);
    server.manners.etag = '"1"';
    expect((await tagged.read(100_000, 1))[0]).toBe(bytes[100_000]);
  });

  test('tries again after a failure', async () => {
    server.put('/m', bytes);
    const source = await openUrl(`${base}/m`);
    server.manners.status = 503;
    await expect(source.read(100_000, 1)).rejects.toThrow(/503/);
    server.manners.status = undefined;
    expect((await source.read(100_000, 1))[0]).toBe(bytes[100_000]);
  });

  test('sends the headers it is given', async () => {
    server.put('/m', bytes);
    const seen: Record<string, string>[] = [];
    const fetch = (url: string, options: { readonly headers: Record<string, string> }): Promise<Response> => {
      seen.push(options.headers);
      return globalThis.fetch(url, options);
    };
    await openUrl(`${base}/m`, { fetch, headers: { Authorization: 'Bearer x' } });
    expect(seen).toEqual([expect.objectContaining({ Authorization: 'Bearer x', Range: 'bytes=0-65535' })]);
  });
});

describe('the cache of blocks', () => {
  test('holds no more than it may, and what was used last', async () => {
    const fetched: number[] = [];
    const cache = new BlockCache(100 * BLOCK_BYTES, 3 * BLOCK_BYTES, async (start, end) => {
      fetched.push(start / BLOCK_BYTES);
      return new Uint8Array(end - start);
    });
    for (const number of [0, 1, 2, 0, 3, 0, 2, 1]) await cache.read(number * BLOCK_BYTES, 1);
    expect(fetched).toEqual([0, 1, 2, 3, 1]);
    // A read of more blocks than fit still gives all of them.
    expect((await cache.read(10 * BLOCK_BYTES, 8 * BLOCK_BYTES)).byteLength).toBe(8 * BLOCK_BYTES);
    expect(fetched.slice(5)).toEqual([10]);
  });
});

/** A model of layers whose weights are made when they are read: 40 of 4 MB each in its file and one in a data file. */
function serveLargeModel(): number {
  const weightBytes = 4_000_000;
  const external: TensorProto = {
    name: 'bias',
    dims: [BigInt(weightBytes / 4)],
    dataType: 1,
    dataLocation: 1,
    externalData: [{ key: 'location', value: 'sub/w?#%.bin' }],
  };
  const tail = Array.from({ length: 40 }, (_, index) => ({ name: `w${index}`, dims: [1000n, 1000n], dataType: 1 }));
  const names = ['x', ...tail.map((_, index) => `t${index}`)];
  const graph = modelOf({
    node: tail.map(({ name }, index) => node('MatMul', [names[index] ?? '', name], [names[index + 1] ?? ''])),
    initializer: [external],
    input: [valueInfo('x', floatType('n', 1000))],
    output: [valueInfo('t39', floatType('n', 1000))],
  });
  // The message as protobuf would write it, with zeros where a number stands.
  const content: (Uint8Array | number)[] = [graphContent(graph)];
  for (const tensor of tail) {
    // Past the tag and the length, of a byte each.
    const head = graphContent({ graph: { initializer: [tensor] } }).subarray(2);
    const data = [0x4a, ...varint(weightBytes)];
    content.push(Uint8Array.from([0x2a, ...varint(head.byteLength + data.length + weightBytes), ...head, ...data]));
    content.push(weightBytes);
  }
  const size = content.reduce<number>((sum, piece) => sum + (typeof piece === 'number' ? piece : piece.byteLength), 0);
  const { graph: _graph, ...rest } = graph;
  const parts = [bytesOfModel(rest), Uint8Array.from([0x3a, ...varint(size)]), ...content];
  let byteLength = 0;
  const placed = parts.map((piece) => {
    const start = byteLength;
    byteLength += typeof piece === 'number' ? piece : piece.byteLength;
    return { start, end: byteLength, bytes: typeof piece === 'number' ? undefined : piece };
  });
  server.files.set('/models/large%20one.onnx', {
    byteLength,
    read(start, end) {
      const result = new Uint8Array(end - start);
      for (const piece of placed) {
        const from = Math.max(piece.start, start);
        const to = Math.min(piece.end, end);
        if (to > from && piece.bytes !== undefined)
          result.set(piece.bytes.subarray(from - piece.start, to - piece.start), from - start);
      }
      return result;
    },
  });
  server.files.set('/models/sub/w%3F%23%25.bin', {
    byteLength: weightBytes,
    read: (start, end) => new Uint8Array(end - start).fill(9),
  });
  return byteLength;
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return [...bytes, rest];
    bytes.push((rest % 128) | 128);
  }
}

/** The graph of a model that has nothing else: what follows the tag and the length. */
function graphContent({ graph }: ModelProto): Uint8Array {
  const bytes = bytesOfModel({ graph: graph ?? {} });
  let start = 1;
  while ((bytes[start] ?? 0) > 127) start++;
  return bytes.subarray(start + 1);
}

describe('a model behind a URL', () => {
  test('of 160 MB is linted, inspected and simplified without its weights', async () => {
    const byteLength = serveLargeModel();
    expect(byteLength).toBeGreaterThan(160_000_000);
    const url = `${base}/models/large%20one.onnx`;
    const model = await readModelUrl(url);
    expect(model.graph.initializers.size).toBe(41);
    expect([...model.graph.nodes].length).toBe(40);
    const { targets } = lint(model, { targets: ['tensorrt@8.6'] });
    expect(targets[0]?.verdict).toBe('accepted');
    expect(simplify(model).notes).toEqual(['removed 1 unused initializer']);
    expect(server.sentBytes).toBeLessThan(1_500_000);
    expect(server.requests.length).toBeLessThan(90);
    expect(server.requests.every(({ path }) => path.endsWith('.onnx'))).toBe(true);
  });

  test('finds its data beside it, whatever its name, and nowhere else', async () => {
    serveLargeModel();
    const model = await readModelUrl(`${base}/models/large%20one.onnx?download=1`).catch((error: unknown) => error);
    // The query belongs to the path of this server.
    expect(model).toBeInstanceOf(UsageError);
    const good = await readModelUrl(`${base}/models/large%20one.onnx`);
    const bias = [...good.graph.initializers].find(({ name }) => name === 'bias')?.initializer;
    expect(await bias?.payload.read(3_999_990, 10)).toEqual(new Uint8Array(10).fill(9));
    const resolver = new UrlResolver(`${base}/models/large%20one.onnx`);
    for (const location of ['../secret', '/secret', 'a\\..\\..\\secret', 'C:secret', 'http://x/y']) {
      const error = await failure(resolver.open(location));
      expect(error).toBeInstanceOf(ModelError);
    }
    await expect(resolver.open('none.bin')).rejects.toThrow(/external data 'none\.bin' cannot be read: .* 404/);
    server.put('/models/none.bin', noise(3));
    expect((await resolver.open('none.bin')).byteLength).toBe(3);
    expect((await resolver.open('./none.bin')).byteLength).toBe(3);
    await expect(resolver.open('%2e%2e/x')).rejects.toThrow(/404/);
    expect(server.requests.every(({ path }) => path.startsWith('/models/'))).toBe(true);
  });

  test('is saved by ranges of its own', async () => {
    const bytes = bytesOfModel(addModel(500_000));
    server.put('/m.onnx', bytes);
    const model = await readModelUrl(`${base}/m.onnx`);
    expect(server.sentBytes).toBeLessThan(200_000);
    expect(Buffer.compare(await modelToBytes(model), bytes)).toBe(0);
    const { files } = await writeModelBlobs(model, 'm.onnx', { externalData: 'split' });
    expect(files.map(({ name, blob }) => [name, blob.size > 1_000_000])).toEqual([
      ['m.onnx', false],
      ['m.onnx.data', true],
    ]);
  });
});
