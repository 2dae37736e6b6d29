/** Operator sets that a model and its functions import, against those that their nodes are of. */
import { type FunctionDefinition, type Model, normalDomain, withSubgraphs } from '../ir/model.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import { modelRule } from '../ir/problem.ts';
import { latestVersion, schemaVersions } from '../opset/schema.ts';
import { fitsSchema } from './schema-fit.ts';
import type { ProblemList } from './problem-list.ts';

export const missingImportRule = modelRule({
  id: 'model/missing-opset-import',
  summary: 'A node is of a domain that is not imported.',
  why: 'Each domain whose operators are used must be imported, with the version that says which operators are meant (IR.md, Operator Sets).',
  severity: 'error',
  effect: 'refuse',
  messages: {
    domain: 'the domain {domain} is used but not imported',
    none: 'the model imports no operator set',
  },
  advice: { domain: 'opset_import must name the domain with the version the exporter used' },
});

export const unusedImportRule = modelRule({
  id: 'model/unused-opset-import',
  summary: 'A domain is imported, and no node is of it.',
  why: 'It does no harm, but a reader that does not know the domain may refuse the model.',
  severity: 'info',
  effect: 'repair',
  messages: { domain: 'the domain {domain} is imported in version {version} but not used' },
  advice: '',
});

export const newerOpsetRule = modelRule({
  id: 'model/newer-opset',
  summary: 'An imported operator set is newer than those we know.',
  why: 'Operators that changed since are read as they were; what is new is unknown.',
  severity: 'warning',
  effect: 'keep',
  messages: { version: 'the domain {domain} is imported in version {version}; we know up to {known}' },
  advice: 'a newer release may know it',
});

/** What imports operator sets: the model for its graphs, or a function for its body. */
interface Importer {
  readonly definition: FunctionDefinition | undefined;
  readonly imports: ReadonlyMap<string, number>;
  readonly graphs: readonly Graph[];
}

export function importersOf(model: Model): readonly Importer[] {
  const training = model.trainingInfo.flatMap(({ initialization, algorithm }) => [initialization, algorithm]);
  const graphs = [model.graph, ...training].filter((graph) => graph !== undefined);
  return [
    { definition: undefined, imports: model.opsetImports, graphs },
    ...model.functions.map((definition) => ({
      definition,
      imports: definition.opsetImports,
      graphs: [definition.body],
    })),
  ];
}

/** Nodes by domain. */
export function nodesByDomain(roots: readonly Graph[]): ReadonlyMap<string, readonly Node[]> {
  const nodes = new Map<string, Node[]>();
  for (const root of roots)
    for (const graph of withSubgraphs(root))
      for (const node of graph.nodes) {
        const list = nodes.get(node.domain);
        if (list === undefined) nodes.set(node.domain, [node]);
        else list.push(node);
      }
  return nodes;
}

export function checkImports(model: Model, list: ProblemList): void {
  for (const { definition, imports, graphs } of importersOf(model)) {
    const used = nodesByDomain(graphs);
    const subject = definition === undefined ? {} : { graph: definition.body };
    for (const [domain, nodes] of used) {
      if (imports.has(domain)) continue;
      const repair = impliedVersion(model, domain, nodes) !== undefined;
      const effect = repair ? 'repair' : latestVersion(domain) === undefined ? 'keep' : 'refuse';
      const [node] = nodes;
      list.report(
        missingImportRule,
        'domain',
        { domain: shown(domain) },
        { ...subject, ...(node !== undefined && { node }) },
        { effect },
      );
    }
    if (definition === undefined && imports.size === 0 && used.size === 0 && model.irVersion >= 3)
      list.report(missingImportRule, 'none', {}, {}, { effect: 'keep' });
    for (const [domain, version] of imports) {
      const known = latestVersion(domain);
      if (known !== undefined && version > known)
        list.report(newerOpsetRule, 'version', { domain: shown(domain), version, known }, subject);
    }
  }
  for (const domain of unusedDomains(model))
    list.report(unusedImportRule, 'domain', { domain, version: model.opsetImports.get(domain) ?? 0 }, {});
}

/** Domains that the model imports for nothing. ai.onnx stays: readers ask for its version, whatever the nodes are. */
export function unusedDomains(model: Model): readonly string[] {
  if (model.opsetImports.size <= 1) return [];
  const used = new Set(['']);
  for (const { definition, imports, graphs } of importersOf(model)) {
    for (const domain of nodesByDomain(graphs).keys()) used.add(domain);
    if (definition === undefined) continue;
    used.add(normalDomain(definition.domain));
    for (const domain of imports.keys()) used.add(domain);
  }
  return [...model.opsetImports.keys()].filter((domain) => !used.has(domain));
}

/**
 * The version in which a domain that is not imported must be meant; undefined when that cannot be told. A domain of the
 * standard: the first one in which all nodes fit their schemas, provided that later ones mean the same operators. A domain of
 * local functions: 1, since functions have no versions.
 */
export function impliedVersion(model: Model, domain: string, nodes: readonly Node[]): number | undefined {
  const isLocal = ({ opType, overload }: Node): boolean => model.findFunction(domain, opType, overload) !== undefined;
  const standard = nodes.filter((node) => !isLocal(node));
  if (standard.length === 0) return 1;
  const latest = latestVersion(domain);
  if (latest === undefined) return undefined;
  let first = 1;
  let last = latest;
  for (const node of standard) {
    const versions = schemaVersions(domain, node.opType);
    const fitting = versions.filter((schema) => !schema.deprecated && fitsSchema(node, schema));
    const [only, ...others] = fitting;
    if (only === undefined || others.length > 0) return undefined;
    first = Math.max(first, only.sinceVersion);
    const next = versions[versions.indexOf(only) + 1];
    if (next !== undefined) last = Math.min(last, next.sinceVersion - 1);
  }
  return first <= last ? first : undefined;
}

export function shown(domain: string): string {
  return domain === '' ? 'ai.onnx' : domain;
}
