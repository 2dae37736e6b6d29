/**
 * Asks NVIDIA's parser for its verdicts on stored and computed inputs, and records them:
 * `node src/tools/run.mjs test/conformance/record-stored-verdicts.ts TARGET=PYTHON...`, where PYTHON has the tensorrt-rtx wheel of the release
 * that TARGET names. The node cases lie in ../shared/data or in the folder that ONNX_PREFLIGHT_DATA names.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { openNodeCases } from './node-cases.ts';
import { RECORD, type StoredVerdict, writeRecord } from './stored-verdicts.ts';
import { variantsOf } from './stored-variants.ts';

type JudgeLine = readonly [number: number, kind: 'A' | 'R' | 'X', node?: number];

const JUDGE = 'test/conformance/judge-many.py';

const judges = process.argv.slice(2).map((argument) => argument.split('=') as [target: string, python: string]);
const scratch = mkdtempSync(join(tmpdir(), 'onnx-stored-'));
const opened = openNodeCases(resolve(process.env['ONNX_PREFLIGHT_DATA'] ?? '../shared/data'));
try {
  const counts = new Map<string, number>();
  const paths: string[] = [];
  for (const record of opened.cases) {
    const before = paths.length;
    for (const { bytes } of variantsOf(opened, record)) {
      const path = join(scratch, `${paths.length}.onnx`);
      writeFileSync(path, bytes);
      paths.push(path);
    }
    if (paths.length > before) counts.set(record.name, paths.length - before);
  }
  const listing = join(scratch, 'models.txt');
  writeFileSync(listing, `${paths.join('\n')}\n`);
  const answers = judges.map(([, python], index) => {
    const result = join(scratch, `verdicts-${index}.jsonl`);
    const { status } = spawnSync(python, [JUDGE, listing, result], { stdio: 'inherit' });
    if (status !== 0) throw new Error(`${python} ${JUDGE} ended with ${status ?? 'a signal'}`);
    return readFileSync(result, 'utf8').trimEnd().split('\n').map(verdictOf);
  });
  const verdicts = new Map<string, StoredVerdict[][]>();
  let at = 0;
  for (const [name, count] of counts) {
    verdicts.set(
      name,
      Array.from({ length: count }, (_, index) => answers.map((answer) => answer[at + index] ?? '')),
    );
    at += count;
  }
  writeFileSync(RECORD, writeRecord({ targets: judges.map(([target]) => target), verdicts }));
  console.log(`${paths.length} models, ${judges.length} targets: ${RECORD}`);
} finally {
  opened.close();
  rmSync(scratch, { recursive: true, force: true });
}

function verdictOf(line: string): StoredVerdict {
  const [, kind, node = 0] = JSON.parse(line) as JudgeLine;
  return kind === 'R' ? `R${node}` : kind;
}
