import { ModelError } from '../base/errors.ts';
import type { ByteSource } from './byte-source.ts';

/** Opens the files that a model's tensors refer to; made by platform/, which knows folders and links. */
export interface ExternalResolver {
  /** Two resolvers of the same folder have the same identity: a model that stays there keeps its references. */
  readonly folder: string;
  /** True when every look at a file is a trip: none is opened before its elements are needed. */
  readonly isRemote?: boolean;
  /** The file at `location`, which has passed `checkLocation`. ModelError when it is missing or may not be read. */
  open(location: string): Promise<ByteSource>;
  /** Lets go of what is held open; files open again when they are read. */
  close?(): void;
}

/** Where the elements of an external tensor lie in their file; `length` is undefined when the model leaves it out. */
export interface ExternalRange {
  readonly location: string;
  readonly offset: number;
  readonly length: number | undefined;
}

/** Reads TensorProto.external_data; ModelError when the entries are not usable. `place` is put into the errors. */
export function externalRange(entries: readonly (readonly [key: string, value: string])[]): ExternalRange {
  const location = entries.find(([key]) => key === 'location')?.[1];
  if (location === undefined) throw new ModelError('external data without a location');
  checkLocation(location);
  return { location, offset: wholeNumber(entries, 'offset') ?? 0, length: wholeNumber(entries, 'length') };
}

function wholeNumber(entries: readonly (readonly [key: string, value: string])[], key: string): number | undefined {
  const text = entries.find((entry) => entry[0] === key)?.[1];
  if (text === undefined || text === '') return undefined;
  const value = /^\s*\+?\d+\s*$/.test(text) ? Number(text) : NaN;
  if (!Number.isSafeInteger(value)) {
    throw new ModelError(`external data has the ${key} '${text}', which is not a count of bytes`);
  }
  return value;
}

/**
 * Refuses locations that could lead out of the model's folder whatever the file system says: absolute paths of any
 * system, `..` components and NUL (the paths of CVE-2022-25882 and CVE-2024-27318). Links are the resolver's part.
 * Backslashes count as separators, since models written on Windows have them.
 */
export function checkLocation(location: string): void {
  const reason =
    location.trim() === ''
      ? 'is empty'
      : location.includes('\0')
        ? 'has a NUL byte'
        : /^[\\/]/.test(location)
          ? 'is absolute'
          : /^[A-Za-z]:/.test(location)
            ? 'names a drive'
            : location.split(/[\\/]/).includes('..')
              ? "has a '..' component"
              : undefined;
  if (reason !== undefined) throw refusedLocation(location, reason);
}

export function refusedLocation(location: string, reason: string): ModelError {
  return new ModelError(
    `the external data location '${location.replaceAll('\0', '\\0')}' ${reason}`,
    {},
    "external data must lie in the model's folder",
  );
}
