/** gzip, by the streams that Node and browsers share. */
import { ModelError } from '../base/errors.ts';
import type { ByteSink } from './byte-sink.ts';
import type { ByteSource } from './byte-source.ts';
import { MAXIMUM_EXPANSION, MAXIMUM_SPOOLED_BYTES, UNSUSPICIOUS_UNPACKED_BYTES } from './limits.ts';
import { PiecesSource } from './pieces-source.ts';

/** What is fed to the decompressor at a time. */
const FEED_BYTES = 64 * 1024;

export interface GunzipOptions {
  /** No more than this comes out, whatever the size of the compressed file. */
  readonly maximumBytes?: number;
  /** What messages call the result; default: as the source. */
  readonly name?: string;
}

/**
 * The unpacked bytes, in memory. ModelError when the data is damaged, cut off or grows beyond the limits of limits.ts;
 * what the file says about its size is not believed.
 */
export async function gunzip(source: ByteSource, options: GunzipOptions = {}): Promise<PiecesSource> {
  const limit = Math.min(
    options.maximumBytes ?? MAXIMUM_SPOOLED_BYTES,
    Math.max(UNSUSPICIOUS_UNPACKED_BYTES, source.byteLength * MAXIMUM_EXPANSION),
  );
  const stream = new DecompressionStream('gzip');
  const reader = (stream.readable as ReadableStream<Uint8Array>).getReader();
  const feeding = feed(source, stream.writable as WritableStream<Uint8Array>);
  // Whatever stops it also ends the reading below.
  feeding.catch(() => undefined);
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      length += next.value.byteLength;
      if (length > limit) throw tooLarge(source, limit);
      pieces.push(next.value);
    }
    await feeding;
  } catch (error) {
    await reader.cancel().catch(() => undefined);
    if (error instanceof ModelError) throw error;
    throw new ModelError(
      'the file is compressed with gzip, and its data is damaged or cut off',
      { file: source.name },
      'check the download',
    );
  }
  return new PiecesSource(pieces, options.name ?? source.name);
}

async function feed(source: ByteSource, writable: WritableStream<Uint8Array>): Promise<void> {
  const writer = writable.getWriter();
  for (let at = 0; at < source.byteLength; at += FEED_BYTES) {
    // Not `writer.ready`: Node 20 counts pieces there, not bytes, and would take in all of the file.
    await writer.write(await source.read(at, Math.min(FEED_BYTES, source.byteLength - at)));
  }
  await writer.close();
}

function tooLarge(source: ByteSource, limit: number): ModelError {
  const packed = `${(source.byteLength / 1e6).toFixed(1)} MB`;
  return new ModelError(
    `the file of ${packed} unpacks to more than ${Math.floor(limit / 2 ** 20)} MiB`,
    { file: source.name },
    'if it is a model all the same, unpack it first: gunzip',
  );
}

/** Compresses what is written to it and hands it on; nothing is complete before `finish`. */
export class GzipSink implements ByteSink {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #pumping: Promise<void>;

  constructor(sink: ByteSink) {
    const stream = new CompressionStream('gzip');
    this.#writer = (stream.writable as WritableStream<Uint8Array>).getWriter();
    this.#pumping = pump((stream.readable as ReadableStream<Uint8Array>).getReader(), sink);
    // It is awaited in `finish`, or its failure makes a write fail.
    this.#pumping.catch(() => undefined);
  }

  async write(bytes: Uint8Array): Promise<void> {
    // The compressor keeps it for a while, the caller may not wait.
    await this.#orFailure(this.#writer.write(bytes.slice()));
  }

  async finish(): Promise<void> {
    await this.#orFailure(this.#writer.close());
    await this.#pumping;
  }

  /** Waits for `step`, but not when the sink behind has failed. */
  async #orFailure(step: Promise<void>): Promise<void> {
    step.catch(() => undefined);
    await Promise.race([step, this.#pumping.then(() => step)]);
  }
}

async function pump(reader: ReadableStreamDefaultReader<Uint8Array>, sink: ByteSink): Promise<void> {
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) await sink.write(next.value);
  } catch (error) {
    await reader.cancel(error).catch(() => undefined);
    throw error;
  }
}
