/**
 * Writes rules/tensorrt/facts/generated: what is known of TensorRT's parser, in a compact form.
 * Run: `node src/tools/run.mjs src/tools/import-facts.ts FOLDER`, where FOLDER holds `trt-operator-matrix.json` (operator x
 * version: support and dtypes) and `trt-constraints.json` (conditions with their versions and sources).
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface MatrixRow {
  readonly op: string;
  readonly domain: string;
  readonly versions: Readonly<
    Record<
      string,
      { readonly supported: 'yes' | 'partial' | 'no'; readonly types: readonly string[]; readonly derived?: string }
    >
  >;
}

interface ConstraintRow {
  readonly id: string;
  readonly since: string;
  readonly until: string | null;
  readonly severity: 'error' | 'warning' | 'info';
  readonly uncertain?: boolean;
  readonly source: {
    readonly repo: string;
    readonly ref: string;
    readonly path: string;
    readonly line?: number | null;
    readonly anchor?: string;
  };
}

/** Bits of the dtype mask; the reader (facts/operators.ts) has the same list. */
const typeNames = ['FP32', 'FP16', 'BF16', 'INT64', 'INT32', 'INT8', 'UINT8', 'BOOL', 'FP8', 'INT4', 'FP4'];

const HEAD = '// Written by src/tools/import-facts.ts; do not edit.\n';

function compareVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number);
  const [majorB = 0, minorB = 0] = b.split('.').map(Number);
  return majorA - majorB || minorA - minorB;
}

/** `7.0n 8.2y1f 9.0p7`: from each version on, the support (y, p, n) and the dtype mask in hexadecimal; `?` marks a derived cell. */
function encodeSupport(row: MatrixRow): string {
  const runs: string[] = [];
  let previous = '';
  for (const version of Object.keys(row.versions).sort(compareVersions)) {
    const cell = row.versions[version];
    if (cell === undefined) continue;
    const mask = cell.types.reduce((sum, type) => {
      const bit = typeNames.indexOf(type);
      if (bit < 0) throw new Error(`${row.op} ${version}: unknown dtype ${type}`);
      return sum | (1 << bit);
    }, 0);
    const state = `${cell.supported[0] ?? ''}${mask === 0 ? '' : mask.toString(16)}`;
    if (state !== previous) runs.push(version + state);
    previous = state;
  }
  return runs.join(' ');
}

function operatorsModule(rows: readonly MatrixRow[]): string {
  const lines = rows.map((row) => {
    const name = row.domain === '' ? row.op : `${row.domain}::${row.op}`;
    return `  ${JSON.stringify(name)}: ${JSON.stringify(encodeSupport(row))},`;
  });
  return `${HEAD}/** Support by version; see facts/operators.ts. Source: docs/operators.md of onnx/onnx-tensorrt at each release, and its importer registry. */
export const operatorSupport: Readonly<Record<string, string>> = {
${lines.join('\n')}
};
`;
}

function constraintsModule(rows: readonly ConstraintRow[]): string {
  const places: string[] = [];
  const indexOf = (text: string): number => {
    if (!places.includes(text)) places.push(text);
    return places.indexOf(text);
  };
  const lines = rows.map(({ id, since, until, severity, uncertain, source }) => {
    const place = indexOf(`${source.repo}@${source.ref.replace(/^([0-9a-f]{12})[0-9a-f]{28}/u, '$1')}:${source.path}`);
    const line = source.line ?? '';
    return `  ${JSON.stringify(id)}: '${since} ${until ?? '-'} ${severity[0] ?? ''}${uncertain === true ? '?' : ''} ${place} ${line}',`;
  });
  return `${HEAD}/** Where the rows of \`constraints\` were read: repository@commit (release):path. */
export const constraintSources: readonly string[] = ${JSON.stringify(places, undefined, 2).replaceAll('"\n]', '",\n]')};

/** since, until (\`-\`: still so), severity (e, w, i; \`?\` when uncertain), index of the source, line. See facts/constraints.ts. */
export const constraints = {
${lines.join('\n')}
} as const;
`;
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder of trt-operator-matrix.json and trt-constraints.json');
const read = async (name: string): Promise<unknown> => JSON.parse(await readFile(join(folder, name), 'utf8'));
const target = 'rules/tensorrt/facts/generated';
await mkdir(target, { recursive: true });
await writeFile(
  join(target, 'operators.ts'),
  operatorsModule((await read('trt-operator-matrix.json')) as readonly MatrixRow[]),
);
await writeFile(
  join(target, 'constraints.ts'),
  constraintsModule((await read('trt-constraints.json')) as readonly ConstraintRow[]),
);
