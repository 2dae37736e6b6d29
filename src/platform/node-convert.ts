import { realpathSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { externalFilesOf } from '../api/external-files.ts';
import { loadModel, type LoadOptions } from '../api/load.ts';
import { openForm } from '../api/open-form.ts';
import { saveModelAs } from '../api/save-form.ts';
import { UsageError } from '../base/errors.ts';
import type { Model } from '../ir/model.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import type { ByteSource } from '../wire/byte-source.ts';
import type { ExternalResolver } from '../wire/external-data.ts';
import { formOfName, type ModelForm } from '../wire/forms/form.ts';
import { spool } from '../wire/pieces-source.ts';
import { FolderResolver, openFile, writeModelFile, type WriteOptions, type WriteResult } from './node.ts';

/** A file by its path, or bytes as they come out of a pipe. */
export type ModelInput = string | AsyncIterable<Uint8Array>;

/** A file by its path, or where bytes go to. */
export type ModelOutput = string | ByteSink;

const PLAIN: ModelForm = { format: 'binary', isGzip: false };

/** Reads a model out of a pipe, into memory: at most 2 GiB. Its external data is not looked for. */
export async function readModelStream(
  chunks: AsyncIterable<Uint8Array>,
  options: Omit<LoadOptions, 'external'> = {},
): Promise<Model> {
  return loadModel(await spool(chunks, 'stdin'), options);
}

/** Writes the model in its binary form. References to external data stay as they are; answers what the user should be told. */
export async function writeModelStream(model: Model, sink: ByteSink): Promise<readonly string[]> {
  return writeStream(model, sink, PLAIN, undefined);
}

/**
 * Writes a model in the format given, else in the one that the output's name says, else in the binary one, and compressed when
 * the name ends in `.gz`. A model that is in that form already is copied byte for byte, unless external data must come along
 * (see `writeModelFile`). UsageError and ModelError as when reading and writing.
 */
export async function convertModel(
  from: ModelInput,
  to: ModelOutput,
  { format, ...options }: Omit<WriteOptions, 'copyOf'> = {},
): Promise<WriteResult> {
  const source = typeof from === 'string' ? openFile(from) : await spool(from, 'stdin');
  const external = typeof from === 'string' ? new FolderResolver(from) : undefined;
  try {
    const { form, binary } = await openForm(source);
    const model = await loadModel(binary, { external });
    if (typeof to !== 'string') {
      const wanted = { ...PLAIN, format: format ?? PLAIN.format };
      const notes = await writeStream(model, to, wanted, isSame(form, wanted) ? source : undefined);
      return { files: [], kept: [], notes };
    }
    const named = formOfName(to);
    const wanted = { format: format ?? named.format ?? 'binary', isGzip: named.isGzip };
    const copyOf = isSame(form, wanted) && dataStays(model, external, to) ? source : undefined;
    return await writeModelFile(model, to, { ...options, format: wanted.format, copyOf });
  } finally {
    if ('close' in source) source.close();
    external?.close();
  }
}

async function writeStream(
  model: Model,
  sink: ByteSink,
  form: ModelForm,
  copyOf: ByteSource | undefined,
): Promise<readonly string[]> {
  const { notes } = await saveModelAs(model, sink, { form, copyOf });
  const files = [...externalFilesOf(model).keys()];
  if (files.length === 0) return notes;
  return [...notes, `the model is written without its external data: ${files.join(', ')} must lie beside it`];
}

function isSame(a: ModelForm, b: ModelForm): boolean {
  return a.format === b.format && a.isGzip === b.isGzip;
}

/** True when the references to external data are right beside the output, too. UsageError when it would replace that data. */
function dataStays(model: Model, external: ExternalResolver | undefined, to: string): boolean {
  const locations = [...externalFilesOf(model).keys()].map((location) =>
    resolve(dirname(to), location.replaceAll('\\', '/')),
  );
  if (locations.length === 0) return true;
  if (external === undefined || external.folder !== realpathSync(dirname(resolve(to)))) return false;
  if (locations.includes(resolve(to)))
    throw new UsageError(`${basename(to)} holds data of the model and would be replaced`, 'choose another name');
  return true;
}
