import { ModelError } from '../base/errors.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import type { ModelForm } from '../wire/forms/form.ts';
import { recognize } from '../wire/not-onnx.ts';

export interface OpenedForm {
  readonly form: ModelForm;
  /** The model in its binary form: the source itself, or bytes in memory that were made of it. */
  readonly binary: ByteSource;
}

/**
 * Finds out in which form a model is, by its content, and gives its binary form. NotOnnxError for another format, ModelError
 * (with line and column) for a text that is wrong.
 */
export async function openForm(source: ByteSource): Promise<OpenedForm> {
  const outer = await recognize(source);
  if (outer === 'binary') return { form: { format: 'binary', isGzip: false }, binary: source };
  // Most models are neither compressed nor text: what reads those is only loaded for them.
  const forms = await import('./decode-form.ts');
  if (outer !== 'gzip')
    return { form: { format: outer, isGzip: false }, binary: await forms.decodeText(source, outer) };
  const unpacked = await forms.unpack(source);
  const format = await recognize(unpacked);
  if (format === 'gzip')
    throw new ModelError('the file is compressed with gzip twice', { file: source.name }, 'unpack it first: gunzip');
  const binary = format === 'binary' ? unpacked : await forms.decodeText(unpacked, format);
  return { form: { format, isGzip: true }, binary };
}
