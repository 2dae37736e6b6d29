import type { Model } from '../ir/model.ts';
import { ModelOrigin, originOf } from '../serde/origin.ts';
import type { ByteSource } from '../wire/byte-source.ts';

/** The source a model was read from; undefined for one that was made otherwise. */
export function sourceOfModel(model: Model): ByteSource | undefined {
  return originOf(model)?.skeleton.source;
}

/** Lets go of the files that a model's elements lie in; they open again when elements are read. */
export function releaseFiles(model: Model): void {
  const origin = originOf(model);
  origin?.skeleton.source.close?.();
  if (origin instanceof ModelOrigin) origin.external?.close?.();
}

/** The folder that a model's external data was looked for in, as `ExternalResolver.folder` names it. */
export function folderOfModel(model: Model): string | undefined {
  const origin = originOf(model);
  return origin instanceof ModelOrigin ? origin.external?.folder : undefined;
}
