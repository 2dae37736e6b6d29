/** What must hold of any bytes: each verb works or refuses with an error of ours, and what is written can be read. */
import { check } from '../../src/api/check.ts';
import { inspect } from '../../src/api/inspect.ts';
import { lint, lintAsIs } from '../../src/api/lint.ts';
import { loadModel } from '../../src/api/load.ts';
import { modelToBytes } from '../../src/api/save.ts';
import { simplify } from '../../src/api/simplify.ts';
import { ModelError, UsageError } from '../../src/base/errors.ts';
import { graphsOfModel, type Model } from '../../src/ir/model.ts';
import { verifyModel } from '../../src/ir/verify.ts';
import { allTargets } from '../../src/lint/target.ts';
import { printModel } from '../../src/text/print.ts';
import { type ByteSource, MemorySource } from '../../src/wire/byte-source.ts';
import type { ExternalResolver } from '../../src/wire/external-data.ts';
import { forgetOrigins } from '../support/forget-origins.ts';
import { Random } from '../support/random.ts';

/** How far the bytes came. */
export type Outcome = 'refused' | 'invalid' | 'read' | 'rewritten';

/** A folder of one file. */
const folder: ExternalResolver = {
  folder: 'memory',
  async open(location: string): Promise<ByteSource> {
    if (!/^(\.[\\/])?weights/.test(location)) throw new ModelError(`there is no file '${location}'`);
    return new MemorySource(new Uint8Array(4096).fill(1), location);
  },
};

/** Throws whatever is not an error of ours, and an Error for what must hold and does not. The bytes alone decide what is done. */
export async function tryModel(bytes: Uint8Array): Promise<Outcome> {
  const random = new Random(hashOf(bytes));
  const options = { external: folder, ...(random.chance(0.5) && { maximumResidentBytes: random.pick([0, 64, 1024]) }) };
  const read = (source: Uint8Array, tolerant = false): Promise<Model> =>
    loadModel(new MemorySource(source), { ...options, tolerant });
  const target = random.pick(allTargets()).name;
  const preset = random.pick(['default', 'exact'] as const);

  const tolerated = await accepted(() => read(bytes, true));
  if (tolerated === undefined) return 'refused';
  check(tolerated);
  expectSame(await modelToBytes(tolerated), bytes, 'the unchanged model that cannot be read whole has other bytes');
  const model = await accepted(() => read(bytes));
  if (model === undefined) return 'invalid';
  expectSame(await modelToBytes(model), bytes, 'the unchanged model has other bytes');
  const wasSound = verifyModel(model).every((problem) => /is not defined before it/.test(problem));

  inspect(model);
  printModel(model, { maxElements: 8 });
  const work = random.chance(0.2) ? lint : lintAsIs;
  await accepted(async () => work(model, { targets: [target] }));
  const isLinted = await accepted(() => modelToBytes(model));
  if (isLinted !== undefined) expectSame(isLinted, bytes, 'lint changed the model');

  const report = await accepted(async () => simplify(model, { preset, allowEmpty: random.chance(0.5) }));
  if (report === undefined) return 'read';
  const problems = wasSound ? verifyModel(model) : [];
  if (problems.length > 0) throw new Error(`simplify left a broken graph: ${problems.slice(0, 3).join('; ')}`);
  if (random.chance(0.3)) forgetOrigins(model);
  const written = await accepted(() => modelToBytes(model));
  if (written === undefined) return 'read';
  const again = await read(written).catch((error: unknown) => {
    throw new Error(`what simplify wrote cannot be read: ${String(error)}`, { cause: error });
  });
  if (countNodes(again) !== countNodes(model)) throw new Error('what simplify wrote has other nodes');
  return 'rewritten';
}

/** The result, or undefined for an error that says what is wrong with the model. */
async function accepted<Result>(action: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof ModelError || error instanceof UsageError) return undefined;
    throw error;
  }
}

function expectSame(actual: Uint8Array, expected: Uint8Array, message: string): void {
  if (Buffer.compare(actual, expected) !== 0) throw new Error(message);
}

function countNodes(model: Model): number {
  let count = 0;
  for (const graph of graphsOfModel(model)) count += graph.nodeCount;
  return count;
}

/** FNV-1a. */
function hashOf(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
