/**
 * Our verdicts on real exports against those of NVIDIA's own parser: `node src/tools/run.mjs test/bench/export-verdicts.ts [--simplified]
 * [--judge "PYTHON ORACLE"] FOLDER...`. The judge is a command that prints one JSON line a model (fields `model`, `ok`, `errors`);
 * a file FOLDER/verdicts.jsonl of such lines is taken in its place. With --simplified each model is simplified first.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { tensorrtRules } from '../../rules/index.ts';
import { simplify } from '../../src/api/simplify.ts';
import { inferModel } from '../../src/infer/infer-model.ts';
import { lintModel } from '../../src/lint/run-lint.ts';
import { parseTargets } from '../../src/lint/target.ts';
import { readModelFile, writeModelFile } from '../../src/platform/node.ts';

interface JudgeRow {
  readonly model: string;
  readonly ok: boolean | null;
  readonly errors: readonly {
    readonly op: string;
    readonly node: number;
    readonly func: string;
    readonly cause: string;
  }[];
}

const TARGET = 'tensorrt-rtx@1.7';

function judged(command: readonly string[], paths: readonly string[]): JudgeRow[] {
  const [program = '', ...prefix] = command;
  const { stdout } = spawnSync(program, [...prefix, ...paths], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return rowsOf(stdout);
}

function rowsOf(text: string): JudgeRow[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as JudgeRow);
}

async function main(args: readonly string[]): Promise<void> {
  const isSimplified = args.includes('--simplified');
  const judgeAt = args.indexOf('--judge');
  const command = judgeAt < 0 ? [] : (args[judgeAt + 1] ?? '').split(' ');
  const folders = args.filter(
    (argument, index) => !argument.startsWith('--') && (judgeAt < 0 || index !== judgeAt + 1),
  );
  const scratch = mkdtempSync(join(tmpdir(), 'onnx-verdicts-'));
  let agree = 0;
  let located = 0;
  let rejected = 0;
  let count = 0;
  try {
    for (const folder of folders) {
      const stored = join(folder, 'verdicts.jsonl');
      const rows = existsSync(stored) && !isSimplified ? rowsOf(readFileSync(stored, 'utf8')) : [];
      const judgements = new Map(rows.map((row) => [basename(row.model), row]));
      for (const name of readdirSync(folder)
        .filter((entry) => entry.endsWith('.onnx'))
        .sort()) {
        let path = join(folder, name);
        let model = await readModelFile(path);
        if (isSimplified) {
          simplify(model);
          path = join(scratch, name);
          await writeModelFile(model, path);
          model = await readModelFile(path);
        }
        const [row] = judgements.has(name) ? [judgements.get(name)] : judged(command, [path]);
        const { findings } = lintModel(model, inferModel(model), {
          targets: parseTargets([TARGET]),
          rules: tensorrtRules,
        });
        const errors = findings.filter(({ severity, stage }) => severity === 'error' && stage === 'parse');
        const built = findings.filter(({ severity, stage }) => severity === 'error' && stage === 'build');
        if (isSimplified) for (const file of readdirSync(scratch)) rmSync(join(scratch, file));
        if (row === undefined || row.ok === null) {
          console.log(`${name}: the judge says nothing`);
          continue;
        }
        count++;
        const same = row.ok === (errors.length === 0);
        if (same) agree++;
        if (!row.ok && same) {
          rejected++;
          if (errors.some(({ nodeIndex }) => (nodeIndex ?? -1) === (row.errors[0]?.node ?? -1))) located++;
        }
        for (const finding of built) console.log(`${name}: build error ${finding.message}`);
        if (!same)
          console.log(
            `${name}: the parser ${row.ok ? 'accepts' : `rejects (${row.errors[0]?.op ?? ''} ${row.errors[0]?.cause.slice(0, 120) ?? ''})`}, we say ${errors[0]?.message ?? 'accepted'}`,
          );
      }
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  console.log(`${agree} of ${count} verdicts agree; ${located} of ${rejected} rejections at the same node`);
}

await main(process.argv.slice(2));
