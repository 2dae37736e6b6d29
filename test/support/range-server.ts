import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A file that need not be in memory. */
export interface Served {
  readonly byteLength: number;
  read(start: number, end: number): Uint8Array;
}

/** How the server differs from a good one; tests change it between requests. */
export interface Manners {
  /** False: the whole file, whatever was asked for. */
  ranges: boolean;
  etag: string | undefined;
  lastModified: string | undefined;
  /** Other headers, or other values; undefined takes one away. */
  headers: Record<string, string | undefined>;
  /** Bytes left off the end of each body, the connection cut. */
  cut: number;
  /** Bytes added to each body. */
  added: number;
  /** Answered instead of everything. */
  status: number | undefined;
}

/** A small server of files, for tests: it counts what it sends. */
export class RangeServer {
  readonly files = new Map<string, Served>();
  readonly manners: Manners = {
    ranges: true,
    etag: '"1"',
    lastModified: undefined,
    headers: {},
    cut: 0,
    added: 0,
    status: undefined,
  };
  /** Range headers and paths, as they came. */
  readonly requests: { readonly path: string; readonly range: string | undefined }[] = [];
  sentBytes = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  put(path: string, bytes: Uint8Array): void {
    this.files.set(path, { byteLength: bytes.byteLength, read: (start, end) => bytes.subarray(start, end) });
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { manners } = this;
    const path = request.url ?? '';
    const { range } = request.headers;
    this.requests.push({ path, range });
    const file = this.files.get(path);
    if (file === undefined || manners.status !== undefined) {
      response.writeHead(manners.status ?? 404).end('nothing');
      return;
    }
    const [, first, last] = (/^bytes=(\d+)-(\d+)$/.exec(range ?? '') ?? []).map(Number);
    const isPart = manners.ranges && first !== undefined && last !== undefined;
    const start = isPart ? first : 0;
    const end = isPart ? Math.min(last + 1, file.byteLength) : file.byteLength;
    const headers: Record<string, string | undefined> = {
      etag: manners.etag,
      'last-modified': manners.lastModified,
      'content-length': String(Math.max(end - start, 0) + manners.added),
      ...(isPart && { 'content-range': `bytes ${start}-${end - 1}/${file.byteLength}` }),
      ...manners.headers,
    };
    if (isPart && start >= file.byteLength) {
      response.writeHead(416, { 'content-range': `bytes */${file.byteLength}` }).end();
      return;
    }
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) response.setHeader(name, value);
    response.writeHead(isPart ? 206 : 200);
    const body = Buffer.concat([file.read(start, end - manners.cut), new Uint8Array(manners.added)]);
    this.sentBytes += body.byteLength;
    if (manners.cut > 0) response.write(body, () => response.destroy());
    else response.end(body);
  }
}
