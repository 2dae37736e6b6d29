import type { Model } from '../ir/model.ts';
import { tensorsOfModel } from '../serde/tensors-of-model.ts';

/** What one file of external data holds for a model. */
export interface ExternalFile {
  readonly tensors: number;
  /** Bytes of their elements; the file itself may be larger. */
  readonly bytes: number;
}

/** The files of external data by their `location`, which is relative to the model's folder. */
export function externalFilesOf(model: Model): ReadonlyMap<string, ExternalFile> {
  const files = new Map<string, ExternalFile>();
  for (const { external, byteLength } of tensorsOfModel(model)) {
    if (external === undefined) continue;
    const { tensors, bytes } = files.get(external.location) ?? { tensors: 0, bytes: 0 };
    files.set(external.location, { tensors: tensors + 1, bytes: bytes + byteLength });
  }
  return files;
}
