import { ModelError } from '../base/errors.ts';
import { parseModel } from '../text/parse.ts';
import { type ByteSource, MemorySource } from '../wire/byte-source.ts';
import { type ModelFormat, textTooLong } from '../wire/forms/form.ts';
import { readModelJson } from '../wire/forms/read-json.ts';
import { readTextProto } from '../wire/forms/read-textproto.ts';
import { gunzip } from '../wire/gzip.ts';
import { MAXIMUM_TEXT_BYTES } from '../wire/limits.ts';
import { PiecesSource } from '../wire/pieces-source.ts';
import { modelToBytes } from './save.ts';

/** The content of a file that is compressed with gzip, under the file's name without `.gz`. */
export async function unpack(source: ByteSource): Promise<ByteSource> {
  return gunzip(source, { name: source.name.replace(/\.gz$/i, '') });
}

/** The binary form of a model in a text form. ModelError with line and column. */
export async function decodeText(source: ByteSource, format: Exclude<ModelFormat, 'binary'>): Promise<ByteSource> {
  if (source.byteLength > MAXIMUM_TEXT_BYTES) throw textTooLong(source.byteLength, source.name);
  const bytes = await source.read(0, source.byteLength);
  try {
    if (format === 'textproto') return new PiecesSource(readTextProto(bytes).pieces(), source.name);
    if (format === 'json') return new PiecesSource(readModelJson(bytes).pieces(), source.name);
    return new MemorySource(await modelToBytes(parseModel(new TextDecoder().decode(bytes))), source.name);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    throw new ModelError(error.message, { ...error.place, file: source.name }, error.hint);
  }
}
