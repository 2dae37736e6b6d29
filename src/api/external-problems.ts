import { ModelError } from '../base/errors.ts';
import { makeProblem, type Problem } from '../ir/problem.ts';
import type { ExternalPayload } from '../serde/payloads.ts';
import { externalData } from '../serde/reading-rules.ts';
import { externalRange } from '../wire/external-data.ts';

/** A few bytes of a model name another file, and to look at one takes longer than to read them. */
const MAXIMUM_FILES = 1000;

interface DataFile {
  /** The tensor that reaches furthest into the file, and where it ends. */
  furthest: ExternalPayload;
  end: number;
  tensors: number;
}

/**
 * What is wrong with the files of external data: missing, not to be read, a Git LFS pointer, or shorter than the model needs.
 * A warning each, since everything but the elements can still be judged. `payloads` have references that can be used.
 */
export async function externalProblems(payloads: readonly ExternalPayload[]): Promise<Problem[]> {
  const files = new Map<string, DataFile>();
  for (const payload of payloads) {
    const { location, offset } = externalRange(payload.reference.entries);
    const end = offset + payload.byteLength;
    const file = files.get(location);
    if (file === undefined) {
      if (files.size < MAXIMUM_FILES) files.set(location, { furthest: payload, end, tensors: 1 });
      continue;
    }
    file.tensors++;
    if (end > file.end) Object.assign(file, { furthest: payload, end });
  }
  const problems: Problem[] = [];
  for (const { furthest, tensors } of files.values()) {
    try {
      await furthest.locate();
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      const args = {
        reason: error.message,
        tensors: tensors === 1 ? '1 tensor' : `${tensors} tensors`,
        hint: error.hint ?? '',
      };
      problems.push(makeProblem(externalData, 'unreadable', args, {}, { severity: 'warning' }));
    }
  }
  return problems;
}
