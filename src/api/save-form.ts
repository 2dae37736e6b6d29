import type { Model } from '../ir/model.ts';
import { type ByteSink, copyRange } from '../wire/byte-sink.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import type { ModelForm } from '../wire/forms/form.ts';
import { saveModel, type SaveOptions, type SaveResult } from './save.ts';

export interface SaveFormOptions extends SaveOptions {
  readonly form: ModelForm;
  /** A file that holds the model in that form already, to be copied as it is. */
  readonly copyOf?: ByteSource | undefined;
}

/** `saveModel` in any form. A text form that would be too long, or cannot hold the model, is a ModelError. */
export async function saveModelAs(model: Model, sink: ByteSink, options: SaveFormOptions): Promise<SaveResult> {
  const { form, copyOf, ...others } = options;
  if (copyOf !== undefined) {
    await copyRange(copyOf, 0, copyOf.byteLength, sink);
    return { byteLength: copyOf.byteLength, externalByteLength: undefined, kept: [], notes: [] };
  }
  if (form.format === 'binary' && !form.isGzip) return saveModel(model, sink, others);
  // Most models are written in their binary form: what writes others is only loaded for them.
  const { formSink } = await import('./encode-form.ts');
  const encoder = formSink(sink, form);
  const result = await saveModel(model, encoder, others);
  return { ...result, notes: [...result.notes, ...(await encoder.finish())] };
}
