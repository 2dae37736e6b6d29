import type { ByteSink } from '../wire/byte-sink.ts';
import { fieldCensus, isUnknownField } from '../wire/forms/field-census.ts';
import { type ModelForm, type ModelFormat, textTooLong } from '../wire/forms/form.ts';
import { checkedPieces, viewModel, writeText } from '../wire/forms/write-form.ts';
import { modelJsonOf } from '../wire/forms/write-json.ts';
import { textProtoOf } from '../wire/forms/write-textproto.ts';
import { GzipSink } from '../wire/gzip.ts';
import { MAXIMUM_TEXT_BYTES } from '../wire/limits.ts';
import { joinBytes } from '../wire/text.ts';
import { lossNotes, onnxTextOf } from './onnx-text.ts';

/** Takes the bytes of a model in its binary form and writes another form of it. */
export interface FormSink extends ByteSink {
  /** Writes what is still to be written; answers what the user should be told. */
  finish(): Promise<readonly string[]>;
}

/** A sink that writes `form` to `sink`. ModelError when a text form would be too long or cannot hold the model. */
export function formSink(sink: ByteSink, { format, isGzip }: ModelForm): FormSink {
  const gzip = isGzip ? new GzipSink(sink) : undefined;
  const outer = gzip ?? sink;
  const text = format === 'binary' ? undefined : new TextSink(outer, format);
  return {
    write: (bytes) => (text ?? outer).write(bytes),
    async finish() {
      const notes = (await text?.finish()) ?? [];
      await gzip?.finish();
      return notes;
    },
  };
}

/** Collects the model, since a text form is made of all of it. */
class TextSink implements FormSink {
  readonly #sink: ByteSink;
  readonly #format: Exclude<ModelFormat, 'binary'>;
  readonly #pieces: Uint8Array[] = [];
  #length = 0;

  constructor(sink: ByteSink, format: Exclude<ModelFormat, 'binary'>) {
    this.#sink = sink;
    this.#format = format;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#length += bytes.byteLength;
    // No text form is shorter than the model itself.
    if (this.#length > MAXIMUM_TEXT_BYTES) throw textTooLong(this.#length);
    this.#pieces.push(bytes.slice());
  }

  async finish(): Promise<readonly string[]> {
    const bytes = joinBytes(this.#pieces.splice(0));
    const view = viewModel(bytes);
    if (this.#format === 'onnxtxt') {
      const { text, notes } = await onnxTextOf(bytes, view);
      await writeText(text, this.#sink);
      return notes;
    }
    const pieces = this.#format === 'json' ? modelJsonOf(view) : textProtoOf(view);
    await writeText(checkedPieces(pieces), this.#sink);
    const { oddNaNs } = view.tally;
    const lost = new Map(fieldCensus(view, isUnknownField));
    if (oddNaNs > 0) lost.set('the sign and payload of NaNs', oddNaNs);
    return lossNotes(lost, this.#format === 'json' ? 'JSON' : 'textproto');
  }
}
