import { ModelError } from '../../base/errors.ts';
import type { ByteSink } from '../byte-sink.ts';
import { WireError } from '../fields.ts';
import { MAXIMUM_TEXT_BYTES } from '../limits.ts';
import { textTooLong } from './form.ts';
import { MessageView } from './message-view.ts';
import { modelSchema } from './schema.ts';

/** Text is put together to pieces of about this size before it is encoded and written. */
const PIECE_CHARACTERS = 256 * 1024;

/** Writes a text of at most MAXIMUM_TEXT_BYTES, as UTF-8. ModelError when it becomes longer. */
export async function writeText(pieces: Iterable<string>, sink: ByteSink): Promise<void> {
  const encoder = new TextEncoder();
  let length = 0;
  let waiting = '';
  const flush = async (): Promise<void> => {
    const bytes = encoder.encode(waiting);
    length += bytes.byteLength;
    if (length > MAXIMUM_TEXT_BYTES) throw textTooLong(Infinity);
    waiting = '';
    await sink.write(bytes);
  };
  for (const piece of pieces) {
    for (let start = 0; start < piece.length;) {
      const end = endOfCharacter(piece, start + PIECE_CHARACTERS);
      waiting += piece.slice(start, end);
      start = end;
      if (waiting.length >= PIECE_CHARACTERS) await flush();
    }
  }
  await flush();
}

/** `at`, or the next position when it would part the halves of a surrogate pair; at most the length of the text. */
function endOfCharacter(text: string, at: number): number {
  const isInside = (text.codePointAt(at - 1) ?? 0) > 0xffff;
  return Math.min(isInside ? at + 1 : at, text.length);
}

/** A model in its binary form, to be looked at field by field. ModelError when it is broken. */
export function viewModel(bytes: Uint8Array): MessageView {
  return orModelError(() => new MessageView(modelSchema, bytes));
}

/** The messages inside are opened on the way, so a broken one turns up late. */
export function* checkedPieces(pieces: Iterator<string>): IterableIterator<string> {
  for (let next = orModelError(() => pieces.next()); next.done !== true; next = orModelError(() => pieces.next()))
    yield next.value;
}

function orModelError<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new ModelError(error.message, { offset: error.position });
  }
}
