import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

/** What each folder may import at run time, besides itself; `types` are allowed for `import type` alone. */
interface Layer {
  readonly imports: readonly string[];
  readonly types?: readonly string[];
  /** May import `node:` modules and packages for Node. */
  readonly node?: boolean;
}

const graphLayers = ['base', 'ir'];
const knowledge = [...graphLayers, 'opset', 'infer', 'fold'];
const everything = [
  ...knowledge,
  'check',
  'rewrite',
  'lint',
  'text',
  'wire',
  'serde',
  'rule-kit',
  'rules',
  'api',
  'verify',
  'report',
];

/** The table of the house: lower layers first. `rule-kit` is src/rule-kit.ts, `door` is src/index*.ts. */
const layers: Readonly<Record<string, Layer>> = {
  base: { imports: [] },
  wire: { imports: ['base'] },
  ir: { imports: ['base'] },
  text: { imports: graphLayers },
  serde: { imports: [...graphLayers, 'wire'] },
  opset: { imports: graphLayers },
  infer: { imports: [...graphLayers, 'opset'] },
  fold: { imports: [...graphLayers, 'opset', 'infer'] },
  check: { imports: [...graphLayers, 'opset', 'infer'] },
  rewrite: { imports: knowledge },
  lint: { imports: knowledge },
  'rule-kit': { imports: [...knowledge, 'rewrite', 'lint'] },
  rules: { imports: ['rule-kit'] },
  verify: { imports: knowledge },
  api: { imports: everything.filter((layer) => layer !== 'report') },
  report: { imports: ['base'], types: ['ir', 'lint', 'rewrite', 'api'] },
  platform: { imports: ['base', 'wire', 'verify', 'api'], types: ['ir'] },
  door: { imports: [...everything, 'platform'] },
  cli: { imports: [...everything, 'platform'], node: true },
  tools: { imports: [...everything, 'platform'], node: true },
};

const root = resolve(import.meta.dirname, '..');

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .sort();
}

function layerOf(file: string): string {
  if (file === 'src/rule-kit.ts') return 'rule-kit';
  if (/^src\/index[^/]*\.ts$/.test(file)) return 'door';
  const parts = file.split('/');
  return parts[0] === 'rules' ? 'rules' : (parts[1] ?? '');
}

interface Import {
  readonly file: string;
  /** As it is written. */
  readonly specifier: string;
  /** The file it leads to, for relative imports. */
  readonly target: string | undefined;
  readonly isTypeOnly: boolean;
  /** `import()`: runs later, so it closes no cycle of loading. */
  readonly isDynamic: boolean;
}

function importsOf(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(join(root, file), 'utf8'), ts.ScriptTarget.ES2022, false);
  const found: Import[] = [];
  const add = (specifier: ts.Expression | undefined, isTypeOnly: boolean, isDynamic = false): void => {
    if (specifier === undefined || !ts.isStringLiteral(specifier)) return;
    const { text } = specifier;
    const target = text.startsWith('.') ? relative(root, resolve(root, dirname(file), text)) : undefined;
    found.push({ file, specifier: text, target, isTypeOnly, isDynamic });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeOnly(node.importClause));
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly || allTypes(node.exportClause));
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword)
      add(node.arguments[0], false, true);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function isTypeOnly(clause: ts.ImportClause | undefined): boolean {
  if (clause === undefined) return false;
  if (clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  return clause.name === undefined && allTypes(clause.namedBindings);
}

function allTypes(bindings: ts.NamedImportBindings | ts.NamedExportBindings | undefined): boolean {
  if (bindings === undefined || !(ts.isNamedImports(bindings) || ts.isNamedExports(bindings))) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

const files = [...sourceFiles('src'), ...sourceFiles('rules')];
const imports = files.flatMap(importsOf);

function isNodeFile(file: string): boolean {
  return layers[layerOf(file)]?.node === true || /^src\/platform\/node[^/]*\.ts$/.test(file);
}

describe('the house', () => {
  test('every folder is in the table', () => {
    expect(files.filter((file) => layers[layerOf(file)] === undefined)).toEqual([]);
  });

  test('imports follow the table', () => {
    const wrong = imports
      .filter(({ file, target, isTypeOnly }) => {
        if (target === undefined || target === 'package.json') return false;
        const from = layerOf(file);
        const to = layerOf(target);
        if (from === to) return false;
        const { imports: allowed, types = [] } = layers[from] as Layer;
        return !allowed.includes(to) && !(isTypeOnly && types.includes(to));
      })
      .map(({ file, target, isTypeOnly }) => `${file} -> ${target}${isTypeOnly ? ' (types)' : ''}`);
    expect(wrong).toEqual([]);
  });

  test('imports lead to files of src and rules', () => {
    const known = new Set([...files, 'package.json']);
    const lost = imports.filter(
      ({ target }) => target !== undefined && !known.has(target) && !/generated\/[^/]+\.js$/.test(target),
    );
    expect(lost.map(({ file, target }) => `${file} -> ${target}`)).toEqual([]);
  });

  test('a rule imports the rule kit and facts, nothing else', () => {
    const wrong = imports
      .filter(({ file }) => /^rules\/[^/]+\//.test(file))
      .filter(({ target }) => target !== 'src/rule-kit.ts' && target?.startsWith('rules/tensorrt/facts/') !== true)
      .map(({ file, specifier }) => `${file} -> ${specifier}`);
    expect(wrong).toEqual([]);
  });

  test('Node is seen only where the platform is', () => {
    const wrong = imports
      .filter(({ file, specifier }) => specifier.startsWith('node:') && !isNodeFile(file))
      .map(({ file, specifier }) => `${file} -> ${specifier}`);
    expect(wrong).toEqual([]);
    const globals = /(?<![.\w])(process\.|Buffer\b|__dirname|require\(|console\.)/;
    const users = files.filter((file) => !isNodeFile(file) && globals.test(withoutComments(file)));
    expect(users).toEqual([]);
  });

  test('the DOM does not even compile', () => {
    const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as {
      compilerOptions: { lib: string[] };
    };
    expect(compilerOptions.lib.filter((library) => /dom|worker/i.test(library))).toEqual([]);
  });

  test('packages are imported only where they belong', () => {
    const homes: Readonly<Record<string, RegExp>> = { yargs: /^src\/cli\//, protobufjs: /^src\/wire\// };
    const wrong = imports
      .filter(({ specifier, target }) => target === undefined && !specifier.startsWith('node:'))
      .filter(({ file, specifier }) => {
        if (layerOf(file) === 'tools') return false;
        const home = homes[specifier.split('/')[0] ?? ''];
        return home?.test(file) !== true;
      })
      .map(({ file, specifier }) => `${file} -> ${specifier}`);
    expect(wrong).toEqual([]);
  });

  test('no module waits for itself', () => {
    const edges = new Map<string, string[]>();
    for (const { file, target, isTypeOnly, isDynamic } of imports)
      if (target !== undefined && !isTypeOnly && !isDynamic) edges.set(file, [...(edges.get(file) ?? []), target]);
    expect(cyclesOf(edges)).toEqual([]);
  });
});

/** Cycles found by a depth-first walk, as `a -> b -> a`; empty when there is none. */
function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) cycles.push([...path.slice(at), file].join(' -> '));
    if (at >= 0 || done.has(file)) return;
    for (const target of edges.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) walk(file, []);
  return cycles;
}

function withoutComments(file: string): string {
  const text = readFileSync(join(root, file), 'utf8');
  const scanner = ts.createScanner(ts.ScriptTarget.ES2022, false, ts.LanguageVariant.Standard, text);
  const kept: string[] = [];
  const skipped = new Set([
    ts.SyntaxKind.SingleLineCommentTrivia,
    ts.SyntaxKind.MultiLineCommentTrivia,
    ts.SyntaxKind.StringLiteral,
    ts.SyntaxKind.NoSubstitutionTemplateLiteral,
  ]);
  for (let kind = scanner.scan(); kind !== ts.SyntaxKind.EndOfFileToken; kind = scanner.scan())
    if (!skipped.has(kind)) kept.push(scanner.getTokenText());
  return kept.join('');
}

describe('the size of files', () => {
  const lengthOf = (file: string): number => readFileSync(join(root, file), 'utf8').split('\n').length - 1;
  const written = [...files, ...sourceFiles('test')].filter(
    (file) => !file.includes('/generated/') && !/^rules\/[^/]+$/.test(file),
  );

  test('a file over 500 lines says why in its head', () => {
    const silent = written.filter((file) => {
      const [head = ''] = readFileSync(join(root, file), 'utf8').split(/^(?:import|export) /m);
      return lengthOf(file) > 500 && !/\blong\b|\blines\b|\bone file\b/i.test(head);
    });
    expect(silent.map((file) => `${file}: ${lengthOf(file)} lines`)).toEqual([]);
  });

  test('half of all rules have fewer than 120 lines', () => {
    const lengths = files
      .filter((file) => /^rules\/[^/]+\/[^/]+\.ts$/.test(file))
      .map(lengthOf)
      .sort((a, b) => a - b);
    expect(lengths.length).toBeGreaterThan(0);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThan(120);
  });
});
