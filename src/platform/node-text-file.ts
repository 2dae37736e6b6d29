import { FileSink, type Unfinished } from './node-file-sink.ts';

/** Writes a text that takes the place of the file when it is whole. UsageError when it cannot be written. */
export async function writeTextFile(path: string, text: string, unfinished?: Unfinished): Promise<void> {
  const sink = new FileSink(path, { unfinished });
  try {
    await sink.write(new TextEncoder().encode(text));
    await sink.sync();
    sink.commit();
  } catch (error) {
    sink.discard();
    throw error;
  }
}
