import { ModelError, UsageError } from '../base/errors.ts';
import { type ByteSource, MemorySource } from '../wire/byte-source.ts';
import { joinBytes } from '../wire/text.ts';
import { BLOCK_BYTES, BlockCache } from './web-block-cache.ts';

export type Fetch = (url: string, options: { readonly headers: Record<string, string> }) => Promise<Response>;

export interface HttpOptions {
  /** Default: the global `fetch`. */
  readonly fetch?: Fetch | undefined;
  /** Sent with every request: an authorization, say. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A server without ranges sends the whole file; if it is larger than this, it is refused. Default 256 MiB. */
  readonly maximumBodyBytes?: number | undefined;
  /** Memory for blocks that were read; default 8 MiB. */
  readonly cacheBytes?: number | undefined;
}

const DEFAULT_BODY_BYTES = 256 * 1024 * 1024;
const DEFAULT_CACHE_BYTES = 8 * 1024 * 1024;

/** With the first request comes what the walk wants first; it also shows how long the file is. */
const FIRST_BYTES = 4 * BLOCK_BYTES;

/** Longer reads are of weights, which are read once: they pass the cache by. */
const LONGEST_CACHED_BYTES = 256 * 1024;

/** What tells one version of a file from another. */
interface Version {
  readonly byteLength: number;
  readonly etag: string | null;
  readonly lastModified: string | null;
}

/**
 * Opens a file behind a URL; a server that takes ranges is asked for the parts that are read, and one that does not for the
 * whole file. UsageError when the server cannot be reached, has no such file, or would send too much; ModelError when it
 * compresses pieces or sends others than were asked for.
 */
export async function openUrl(url: string, options: HttpOptions = {}): Promise<ByteSource> {
  const response = await request(url, options, 0, FIRST_BYTES);
  if (response.status === 200) return wholeBody(url, response, options.maximumBodyBytes ?? DEFAULT_BODY_BYTES);
  if (response.status === 416) {
    await drop(response);
    // No byte 0: the file is empty.
    if (/^bytes \*\/0$/.test(response.headers.get('content-range') ?? ''))
      return new MemorySource(new Uint8Array(0), url);
    throw new UsageError(`cannot read ${url}: the server takes no range from its beginning`);
  }
  const version = await versionOf(url, response, 0, FIRST_BYTES);
  const source = new HttpSource(url, version, options);
  source.take(await bodyOf(url, response, Math.min(FIRST_BYTES, version.byteLength)));
  return source;
}

class HttpSource implements ByteSource {
  readonly name: string;
  readonly #options: HttpOptions;
  readonly #version: Version;
  readonly #cache: BlockCache;

  constructor(url: string, version: Version, options: HttpOptions) {
    this.name = url;
    this.#version = version;
    this.#options = options;
    this.#cache = new BlockCache(version.byteLength, options.cacheBytes ?? DEFAULT_CACHE_BYTES, (start, end) =>
      this.#fetch(start, end),
    );
  }

  get byteLength(): number {
    return this.#version.byteLength;
  }

  /** Takes in the first bytes of the file. */
  take(bytes: Uint8Array): void {
    this.#cache.put(0, bytes);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    if (length === 0) return new Uint8Array(0);
    return length > LONGEST_CACHED_BYTES ? this.#fetch(offset, offset + length) : this.#cache.read(offset, length);
  }

  async #fetch(start: number, end: number): Promise<Uint8Array> {
    const url = this.name;
    const response = await request(url, this.#options, start, end);
    // The file ends earlier now, or ranges are over: either way it is not what it was.
    if (response.status === 416 || response.status === 200) {
      await drop(response);
      throw changed(url);
    }
    const version = await versionOf(url, response, start, end);
    if (!isSameVersion(version, this.#version)) {
      await drop(response);
      throw changed(url);
    }
    return bodyOf(url, response, end - start);
  }
}

async function request(url: string, { fetch, headers }: HttpOptions, start: number, end: number): Promise<Response> {
  // Browsers do not let a page set Accept-Encoding; they send this very value with ranges.
  const all = { ...headers, 'Accept-Encoding': 'identity', Range: `bytes=${start}-${end - 1}` };
  const ask = async (): Promise<Response> => (fetch ?? globalThis.fetch)(url, { headers: all });
  // A server closes connections that are idle, and the next request may be on its way by then. The second makes a new one.
  const response = await ask()
    .catch(ask)
    .catch((error: unknown) => {
      throw new UsageError(
        `cannot read ${url}: ${causeOf(error)}`,
        'the server may be down, or not allow pages of others',
      );
    });
  if ([200, 206, 416].includes(response.status)) return response;
  await drop(response);
  const status = `${response.status} ${response.statusText}`.trim();
  throw new UsageError(`cannot read ${url}: the server answers ${status}`);
}

/** What fetch throws says little; its cause says more. */
function causeOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string } };
  return [cause?.message, message].find((text) => text !== undefined && text !== '') ?? String(error);
}

/** ModelError when the response is not the range that was asked for, as it is in the file. */
async function versionOf(url: string, response: Response, start: number, end: number): Promise<Version> {
  const { headers } = response;
  const fail = async (message: string, hint: string): Promise<never> => {
    await drop(response);
    throw new ModelError(message, { file: url, offset: start }, hint);
  };
  const encoding = headers.get('content-encoding');
  if (encoding !== null && encoding.toLowerCase() !== 'identity')
    return fail(
      `the server compresses pieces of the file (${encoding})`,
      'let it serve models without Content-Encoding',
    );
  const text = headers.get('content-range');
  if (text === null)
    return fail(
      'the server sends a piece of the file and does not say which',
      'for pages of other origins it must list Content-Range and ETag in Access-Control-Expose-Headers',
    );
  const [, first, last, total] = (/^bytes (\d+)-(\d+)\/(\d+)$/.exec(text) ?? []).map(Number);
  if (first === undefined || last === undefined || total === undefined || !Number.isSafeInteger(total))
    return fail(
      `the server describes a piece of the file as '${text}'`,
      'it must say where the piece lies in the file',
    );
  if (first !== start || last !== Math.min(end, total) - 1)
    return fail(
      `the server was asked for bytes ${start}-${end - 1} and sends ${text}`,
      'its ranges cannot be relied on',
    );
  return { byteLength: total, etag: headers.get('etag'), lastModified: headers.get('last-modified') };
}

function isSameVersion(a: Version, b: Version): boolean {
  if (a.byteLength !== b.byteLength) return false;
  if (a.etag !== null && b.etag !== null) return a.etag === b.etag;
  return a.lastModified === null || b.lastModified === null || a.lastModified === b.lastModified;
}

function changed(url: string): ModelError {
  return new ModelError('the file was changed while it was read', { file: url }, 'read the model again');
}

async function wholeBody(url: string, response: Response, limit: number): Promise<ByteSource> {
  const tooLarge = (size: string): UsageError =>
    new UsageError(
      `cannot read ${url}: the server takes no ranges, and the file of ${size} is larger than ${limit} bytes`,
      'use a server that takes ranges, or download the file',
    );
  const length = Number(response.headers.get('content-length') ?? 0);
  if (length > limit) {
    await drop(response);
    throw tooLarge(`${length} bytes`);
  }
  const pieces = await piecesOf(url, response, limit);
  if (pieces === undefined) throw tooLarge('unknown length');
  return new MemorySource(joinBytes(pieces), url);
}

async function bodyOf(url: string, response: Response, length: number): Promise<Uint8Array> {
  const pieces = await piecesOf(url, response, length);
  const bytes = pieces === undefined ? undefined : joinBytes(pieces);
  if (bytes?.byteLength === length) return bytes;
  const size = bytes === undefined ? 'more' : String(bytes.byteLength);
  throw new ModelError(`the server announced ${length} bytes and sent ${size}`, { file: url }, 'read the model again');
}

/** The body in pieces; undefined, and the rest is not fetched, when it has more than `limit` bytes. */
async function piecesOf(url: string, response: Response, limit: number): Promise<Uint8Array[] | undefined> {
  const pieces: Uint8Array[] = [];
  const reader = response.body?.getReader();
  if (reader === undefined) return pieces;
  try {
    for (let length = 0; ;) {
      const { done, value } = await reader.read();
      if (done) return pieces;
      const piece = value as Uint8Array;
      length += piece.byteLength;
      if (length > limit) {
        await reader.cancel();
        return undefined;
      }
      pieces.push(piece);
    }
  } catch (error) {
    throw new UsageError(`cannot read ${url}: the connection broke off (${causeOf(error)})`);
  }
}

/** Lets the connection go; what is wrong with the rest does not matter. */
async function drop(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}
