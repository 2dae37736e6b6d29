import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { externalFilesOf } from '../api/external-files.ts';
import type { ExternalDataOptions } from '../api/external-options.ts';
import { loadModel, type LoadOptions } from '../api/load.ts';
import { openForm } from '../api/open-form.ts';
import { type SaveFormOptions, saveModelAs } from '../api/save-form.ts';
import type { Model } from '../ir/model.ts';
import type { ByteSink } from '../wire/byte-sink.ts';
import { formToWrite } from '../wire/forms/form.ts';
import { spool } from '../wire/pieces-source.ts';
import {
  FileSource,
  FolderResolver,
  measureModelFile,
  openFile,
  writeModelFile,
  type WriteOptions,
  type WriteResult,
} from './node.ts';

/** A file by its path, or bytes as they come out of a pipe. */
export type ModelInput = string | AsyncIterable<Uint8Array>;

/** A file by its path, or where bytes go to. */
export type ModelOutput = string | ByteSink;

/** Reads a model out of a pipe, into memory: at most 2 GiB. Its external data is not looked for. */
export async function readModelStream(
  chunks: AsyncIterable<Uint8Array>,
  options: Omit<LoadOptions, 'external'> = {},
): Promise<Model> {
  return loadModel(await spool(chunks, 'stdin'), options);
}

/** Writes the model in its binary form; answers what the user should be told. */
export async function writeModelStream(
  model: Model,
  sink: ByteSink,
  options: ExternalDataOptions = {},
): Promise<readonly string[]> {
  return writeStream(model, sink, { ...options, form: { format: 'binary', isGzip: false } });
}

/**
 * Writes a model in the format given, else in the one that the output's name says, else in the binary one, and compressed when
 * the name ends in `.gz`. A model that is in that form already is copied byte for byte, unless its external data must be placed
 * otherwise (see `writeModelFile`). UsageError and ModelError as when reading and writing.
 */
export async function convertModel(
  from: ModelInput,
  to: ModelOutput,
  options: Omit<WriteOptions, 'copyOf'> = {},
): Promise<WriteResult> {
  const source = typeof from === 'string' ? openFile(from) : await spool(from, 'stdin');
  const external = typeof from === 'string' ? new FolderResolver(from) : undefined;
  try {
    const { form, binary } = await openForm(source);
    const model = await loadModel(binary, { external });
    const wanted = formToWrite(typeof to === 'string' ? to : '', options.format);
    const isSame = form.format === wanted.format && form.isGzip === wanted.isGzip;
    if (typeof to === 'string') {
      const copyOf = isSame && (await dataStays(model, external, to, options)) ? source : undefined;
      return await writeModelFile(model, to, { ...options, copyOf });
    }
    const { externalData, externalThreshold } = options;
    const copyOf = isSame && keepsReferences(externalData) ? source : undefined;
    const notes = await writeStream(model, to, { externalData, externalThreshold, form: wanted, copyOf });
    return { files: [], kept: [], notes };
  } finally {
    if (source instanceof FileSource) source.close();
    external?.close();
  }
}

async function writeStream(model: Model, sink: ByteSink, options: SaveFormOptions): Promise<readonly string[]> {
  const { notes } = await saveModelAs(model, sink, options);
  const files = [...externalFilesOf(model).keys()];
  if (files.length === 0 || !keepsReferences(options.externalData)) return notes;
  return [...notes, `the model is written without its external data: ${files.join(', ')} must lie beside it`];
}

function keepsReferences(policy: ExternalDataOptions['externalData']): boolean {
  return policy === undefined || policy === 'auto' || policy === 'keep';
}

/** True when the references to external data are right beside the output, too. UsageError when it would replace that data. */
async function dataStays(
  model: Model,
  external: FolderResolver | undefined,
  to: string,
  { externalData, externalThreshold }: ExternalDataOptions,
): Promise<boolean> {
  if (externalData === 'split' || externalData === 'inline') return false;
  if (externalFilesOf(model).size === 0) return true;
  if (external?.folder !== realpathSync(dirname(resolve(to)))) return false;
  await measureModelFile(model, to, { externalData, externalThreshold });
  return true;
}
