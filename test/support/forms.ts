import { formSink } from '../../src/api/encode-form.ts';
import { MemorySink } from '../../src/wire/byte-sink.ts';
import type { ModelFormat } from '../../src/wire/forms/form.ts';

/** A binary model in another form, and what was said of it. */
export async function writtenAs(
  binary: Uint8Array,
  format: ModelFormat,
): Promise<{ text: string; notes: readonly string[] }> {
  const sink = new MemorySink();
  const form = formSink(sink, { format, isGzip: false });
  await form.write(binary);
  const notes = await form.finish();
  return { text: Buffer.from(sink.bytes).toString(), notes };
}
