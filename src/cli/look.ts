/**
 * Looks at the file system before the work begins. Synchronous: each takes microseconds, and what waits in the thread pool has to
 * start that first.
 */
import { type BigIntStats, lstatSync, type Stats, statSync } from 'node:fs';

/** What a path leads to; undefined when there is nothing, or nothing that may be looked at. */
export function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The same with numbers that are exact. */
export function exactStatusOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** What is at a path, a link not followed. */
export function linkStatusOf(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
