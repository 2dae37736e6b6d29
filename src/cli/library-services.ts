import type { Services } from './services.ts';

/** The library itself, each part loaded when it is first asked for. */
export const libraryServices: Services = {
  async readModel(path) {
    const { readModelFile } = await import('../platform/node.ts');
    return readModelFile(path);
  },
  async writeModel(model, path) {
    const { writeModelFile } = await import('../platform/node.ts');
    return (await writeModelFile(model, path)).files;
  },
  async simplify(model, options) {
    const { simplify } = await import('../api/simplify.ts');
    return simplify(model, options);
  },
  async targets(texts) {
    const { parseTargets } = await import('../lint/target.ts');
    const targets = parseTargets(texts);
    const names = targets.map(({ name }) => name);
    if (texts !== undefined) return { names, decisive: names };
    const newest = targets.reduce((a, b) => (b.version > a.version ? b : a));
    return { names, decisive: [newest.name] };
  },
  async lint(model, targets) {
    const { lint } = await import('../api/lint.ts');
    return lint(model, { targets });
  },
  async lintAsIs(model, targets) {
    const { lintAsIs } = await import('../api/lint.ts');
    return lintAsIs(model, { targets });
  },
  async inspect(model) {
    const { inspect } = await import('../api/inspect.ts');
    return inspect(model);
  },
  async print(model) {
    const { printModel } = await import('../text/print.ts');
    return printModel(model, { maxElements: 16 });
  },
  async rules() {
    const { allRules } = await import('../api/explain.ts');
    return allRules();
  },
};
