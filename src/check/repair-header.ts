/** Repairs of what a model says of itself: imports and metadata. */
import type { Model } from '../ir/model.ts';
import { impliedVersion, importersOf, nodesByDomain, shown, unusedDomains } from './imports.ts';

export function addMissingImports(model: Model): readonly string[] {
  const done: string[] = [];
  for (const importer of importersOf(model)) {
    const added = new Map<string, number>();
    for (const [domain, nodes] of nodesByDomain(importer.graphs)) {
      if (importer.imports.has(domain)) continue;
      const version = impliedVersion(model, domain, nodes);
      if (version === undefined) continue;
      added.set(domain, version);
      const where = importer.definition === undefined ? '' : ` in function ${importer.definition.name}`;
      done.push(`imported ${shown(domain)} ${version}${where}, which its nodes are of`);
    }
    if (added.size > 0) (importer.definition ?? model).opsetImports = new Map([...importer.imports, ...added]);
  }
  return done;
}

export function dropUnusedImports(model: Model): readonly string[] {
  const unused = unusedDomains(model);
  if (unused.length === 0) return [];
  model.opsetImports = new Map([...model.opsetImports].filter(([domain]) => !unused.includes(domain)));
  return [`dropped the unused opset ${unused.length === 1 ? 'import' : 'imports'} ${unused.map(shown).join(', ')}`];
}

/** New maps are written anew, each key once: what the reader took of several entries is what is left. */
export function mergeRepeatedEntries(model: Model): readonly string[] {
  const repeated = model.reading.problems.filter(
    ({ rule, effect }) =>
      effect === 'repair' && (rule === 'model/duplicate-key' || rule === 'model/duplicate-opset-import'),
  );
  if (repeated.length === 0) return [];
  model.opsetImports = new Map(model.opsetImports);
  model.metadataProps = new Map(model.metadataProps);
  for (const definition of model.functions) definition.opsetImports = new Map(definition.opsetImports);
  model.reading = {
    ...model.reading,
    problems: model.reading.problems.filter((problem) => !repeated.includes(problem)),
  };
  return ['kept the last of each key that metadata_props or opset_import had twice'];
}
