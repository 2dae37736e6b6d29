import { invariant } from '../base/errors.ts';
import type { Model } from '../ir/model.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import type { ModelForm } from '../wire/forms/form.ts';
import { Rope } from '../wire/rope.ts';
import { externalFilesOf } from './external-files.ts';
import { saveModel, type SaveOptions, type SaveResult } from './save.ts';

export interface SaveFormOptions extends SaveOptions {
  readonly form: ModelForm;
  /** A file that holds the model in that form already, to be copied as it is. */
  readonly copyOf?: ByteSource | undefined;
}

/** `saveModel` in any form. A text form that would be too long, or cannot hold the model, is a ModelError. */
export async function saveModelAs(model: Model, sink: ByteSink, options: SaveFormOptions): Promise<SaveResult> {
  const { form, copyOf, ...others } = options;
  if (copyOf !== undefined) return copyModel(model, sink, copyOf);
  if (form.format === 'binary' && !form.isGzip) return saveModel(model, sink, others);
  // Most models are written in their binary form: what writes others is only loaded for them.
  const { formSink } = await import('./encode-form.ts');
  const encoders = [formSink(sink, form)];
  const openInterim = others.target?.openInterim?.bind(others.target);
  const target = others.target && {
    ...others.target,
    ...(openInterim !== undefined && {
      openInterim: () => {
        const interim = openInterim();
        if (interim === undefined) return undefined;
        const encoder = formSink(interim.sink, form);
        encoders.push(encoder);
        return { ...interim, sink: encoder };
      },
    }),
  };
  const [encoder] = encoders;
  invariant(encoder !== undefined, 'the model has a sink');
  const result = await saveModel(model, encoder, { ...others, target });
  const notes: string[] = [];
  for (const each of encoders.reverse()) notes.push(...(await each.finish()));
  return { ...result, notes: [...result.notes, ...new Set(notes)] };
}

/** The model's references to external data stay as they are. */
async function copyModel(model: Model, sink: ByteSink, copyOf: ByteSource): Promise<SaveResult> {
  await new Rope().range(copyOf, 0, copyOf.byteLength).writeTo(sink);
  const kept = [...externalFilesOf(model).keys()];
  return { byteLength: copyOf.byteLength, externalByteLength: undefined, kept, notes: [] };
}
