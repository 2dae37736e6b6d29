import type { Model } from '../ir/model.ts';
import type { Tensor } from '../ir/tensor.ts';
import { type DataFile, inlineContent, layOutDataFile } from '../serde/data-file.ts';
import { ExternalPayload } from '../serde/payloads.ts';
import { tensorsOfModel } from '../serde/tensors-of-model.ts';
import { staysExternal } from '../serde/write-tensor.ts';
import type { Rope } from '../wire/rope.ts';
import { DEFAULT_EXTERNAL_THRESHOLD, type ExternalDataOptions, type ExternalDataPolicy } from './external-options.ts';

/** Tensors that do not stay where they are. */
export interface Moves {
  /** Into one data file, in its order. */
  readonly toFile: Set<Tensor>;
  /** Into the model. */
  readonly toModel: Set<Tensor>;
}

/** What moves in a model that is saved to `folder`; undefined stands for no file, where a reference means nothing. */
export function planMoves(
  tensors: readonly Tensor[],
  folder: string | undefined,
  policy: ExternalDataPolicy,
  threshold: number,
): Moves {
  const toFile = new Set<Tensor>();
  const toModel = new Set<Tensor>();
  for (const tensor of tensors) {
    const isExternal = staysExternal(tensor);
    if (policy === 'split' && mayBeExternal(tensor, threshold)) toFile.add(tensor);
    else if ((policy === 'split' || policy === 'inline') && isExternal) toModel.add(tensor);
    else if (policy === 'auto' && isExternal && folder !== undefined && isElsewhere(tensor, folder)) {
      // A tensor without elements needs no file.
      (tensor.payload.byteLength > 0 ? toFile : toModel).add(tensor);
    }
  }
  return { toFile, toModel };
}

/** Adds the tensors that lie in a model which would be too large for one message. */
export function addOverflow(moves: Moves, tensors: readonly Tensor[], threshold: number): void {
  for (const tensor of tensors)
    if (!staysExternal(tensor) && mayBeExternal(tensor, threshold)) moves.toFile.add(tensor);
}

/** Strings have no raw form, and what has no elements no data. */
function mayBeExternal({ strings, payload }: Tensor, threshold: number): boolean {
  return strings === undefined && payload.byteLength >= Math.max(threshold, 1);
}

export function isElsewhere({ payload }: Tensor, folder: string): boolean {
  return payload instanceof ExternalPayload && payload.resolver?.folder !== folder;
}

export interface PlacedData {
  readonly file: DataFile;
  readonly inline: ReadonlyMap<Tensor, Rope>;
}

/** Finds all data that moves. ModelError when some cannot be found; nothing has been written then. */
export async function placeData({ toFile, toModel }: Moves): Promise<PlacedData> {
  const inline = new Map<Tensor, Rope>();
  for (const tensor of toModel) inline.set(tensor, await inlineContent(tensor.payload));
  return { file: await layOutDataFile(toFile), inline };
}

/** What the user should know of data that moved: what is lost on the way. */
export function notesOnMoves({ toFile, toModel }: Moves): string[] {
  const notes: string[] = [];
  const hasChecksum = ({ external }: Tensor): boolean => external?.entries.some(([key]) => key === 'checksum') === true;
  const files = new Set([...toFile, ...toModel].filter(hasChecksum).map(({ external }) => external?.location));
  for (const file of files) notes.push(`the checksum of ${file} was dropped: it is one of the whole old file`);
  const repeated = repeatedBytes(toModel);
  if (repeated > 0)
    notes.push(`tensors that shared data have a copy each now: ${repeated} bytes more; a model cannot share them`);
  return notes;
}

/** Bytes of ranges that an earlier tensor of the same file has too. */
function repeatedBytes(tensors: Iterable<Tensor>): number {
  const seen = new Set<string>();
  let bytes = 0;
  for (const { external, payload } of tensors) {
    const offset = external?.entries.find(([key]) => key === 'offset')?.[1] ?? '0';
    const key = JSON.stringify([external?.location, Number(offset), payload.byteLength]);
    if (seen.has(key)) bytes += payload.byteLength;
    seen.add(key);
  }
  return bytes;
}

/** True when saving under the policy would leave all elements where they are. */
export function isPlacedAs(model: Model, location: string, options: ExternalDataOptions): boolean {
  const { externalData: policy = 'auto', externalThreshold: threshold = DEFAULT_EXTERNAL_THRESHOLD } = options;
  if (policy === 'auto' || policy === 'keep') return true;
  for (const tensor of tensorsOfModel(model)) {
    const belongsInFile = policy === 'split' && mayBeExternal(tensor, threshold);
    if (belongsInFile !== staysExternal(tensor)) return false;
    if (belongsInFile && localName(tensor) !== location) return false;
  }
  return true;
}

/** The file of the model's folder that holds a tensor, as the folder's listing names it. */
export function localName(tensor: Tensor): string {
  return (tensor.external?.location ?? '')
    .split(/[\\/]/)
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
