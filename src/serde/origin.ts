import type { ExternalResolver } from '../wire/external-data.ts';
import type { Skeleton } from '../wire/skeleton.ts';
import type { Rope } from '../wire/rope.ts';
import type { Spans } from '../wire/split.ts';

/**
 * The record of where an IR object came from: its bytes in the source, and what it looked like right after reading.
 * `object` is the very object that was read; a copy that carries the record along is not taken for it.
 */
export class Origin<Snapshot = undefined> {
  readonly skeleton: Skeleton;
  readonly spans: Spans;
  readonly snapshot: Snapshot;
  object: unknown;

  constructor(skeleton: Skeleton, spans: Spans, snapshot: Snapshot) {
    this.skeleton = skeleton;
    this.spans = spans;
    this.snapshot = snapshot;
  }

  /** Adds the content as it is in the source. */
  copyTo(rope: Rope): void {
    const { skeleton, spans } = this;
    for (let i = 0; i < spans.length; i += 2) {
      skeleton.visit(
        spans[i] ?? 0,
        spans[i + 1] ?? 0,
        (bytes) => void rope.bytes(bytes),
        (start, end) => void rope.range(skeleton.source, start, end),
      );
    }
  }
}

/** The record of a whole model, which also knows who opens its external data. */
export class ModelOrigin<Snapshot> extends Origin<Snapshot> {
  readonly external: ExternalResolver | undefined;

  constructor(skeleton: Skeleton, spans: Spans, snapshot: Snapshot, external: ExternalResolver | undefined) {
    super(skeleton, spans, snapshot);
    this.external = external;
  }
}

/** The origin of `object`, when it has one and it is its own. */
export function originOf<Snapshot>(object: { readonly origin?: unknown }): Origin<Snapshot> | undefined {
  const { origin } = object;
  return origin instanceof Origin && origin.object === object ? (origin as Origin<Snapshot>) : undefined;
}
