/**
 * Three kinds of failure, three classes:
 * a file or model that is not what it should be (ModelError), a caller's mistake (UsageError), and our own bug (InternalError).
 */

/** Where in a model something is wrong. Byte offsets count from the start of the file. */
export interface Place {
  readonly file?: string;
  readonly offset?: number;
  /** Path of the graph: the graph's name, then `node/attribute` for each subgraph entered. */
  readonly graph?: readonly string[];
  readonly node?: string;
  readonly value?: string;
}

/** The input cannot be read, or is not a valid model. The message says what; `place` where; `hint` what to try. */
export class ModelError extends Error {
  override name = 'ModelError';
  readonly place: Place;
  readonly hint: string | undefined;

  constructor(message: string, place: Place = {}, hint?: string) {
    super(message);
    this.place = place;
    this.hint = hint;
  }
}

/** The caller asked for something that cannot be: an unknown option, an unwritable output. */
export class UsageError extends Error {
  override name = 'UsageError';
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

/** A broken invariant of ours. Users are asked to report it. */
export class InternalError extends Error {
  override name = 'InternalError';
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InternalError(message);
}

/** One line for a place: `model.onnx: byte 12`, `graph main, node Conv_0, value x`. Empty when nothing is known. */
export function describePlace(place: Place): string {
  const parts: string[] = [];
  if (place.file !== undefined) parts.push(place.file);
  if (place.offset !== undefined) parts.push(`byte ${place.offset}`);
  if (place.graph !== undefined && place.graph.length > 0) parts.push(`graph ${place.graph.join('/')}`);
  if (place.node !== undefined) parts.push(`node ${place.node}`);
  if (place.value !== undefined) parts.push(`value ${place.value}`);
  return parts.join(', ');
}
