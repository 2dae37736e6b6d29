/** Writes the file of a new rule from a template: `npm run new-rule -- simplify/eliminate-something`. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';

const [path = ''] = process.argv.slice(2);
const match = /^(simplify|tensorrt)\/([a-z0-9]+(?:-[a-z0-9]+)*)$/.exec(path);
const [, family, stem = ''] = match ?? [];

function fail(message: string): never {
  console.error(message);
  process.exit(2);
}

if (family === undefined)
  fail('usage: npm run new-rule -- simplify/<verb-noun> | tensorrt/<what-it-finds>, in lower case with hyphens');
if (family === 'simplify' && !/^(eliminate|fold|fuse|merge|move|share)-/.test(stem)) {
  fail(`a simplify rule begins with eliminate-, fold-, fuse-, merge-, move- or share-; '${stem}' does not`);
}
const file = `rules/${family}/${stem}.ts`;
if (existsSync(file)) fail(`${file} is there already`);

const simplifyTemplate = `import { op, refuse, rewrite, value } from '../../src/rule-kit.ts';

export default rewrite({
  id: '${stem}',
  summary: 'One sentence, imperative: what becomes of the graph.',
  why: 'Why models have it, or what it costs.',
  exact: true,

  pattern: op('Neg', 'outer', op('Neg', 'inner', value('x'))),

  rewrite({ outer, x }, context) {
    if (context.dataType(x) === undefined) return refuse('the element type is not known');
    return context.replace(outer, x);
  },

  examples: [
    {
      title: 'where it applies',
      before: \`agraph (float[2] x) => (float[2] y) {
        a = Neg (x)
        b = Neg (a)
        y = Exp (b)
      }\`,
      after: \`agraph (float[2] x) => (float[2] y) {
        y = Exp (x)
      }\`,
    },
    {
      title: 'where it must not',
      before: \`agraph (float[2] x) => (float[2] y) {
        a = Abs (x)
        y = Neg (a)
      }\`,
      after: 'unchanged',
    },
  ],
});
`;

const tensorrtTemplate = `import { lint } from '../../src/rule-kit.ts';

export default lint({
  id: 'tensorrt/${stem}',
  summary: 'One sentence: what is found.',
  why: 'What TensorRT does about it.',
  severity: 'error',
  messages: {
    found: '{op} {node} is not what {tensorrt} takes.',
  },
  advice: 'What to do about it, one sentence.',

  check(node, context) {
    if (node.opType === 'NoSuchOperator') context.report('found', {});
  },

  examples: [
    { title: 'where it is found', model: \`agraph (float[2] x) => (float[2] y) { y = NoSuchOperator (x) }\`, reports: ['found'] },
    { title: 'where it is not', model: \`agraph (float[2] x) => (float[2] y) { y = Neg (x) }\`, reports: [] },
  ],
});
`;

await writeFile(file, family === 'simplify' ? simplifyTemplate : tensorrtTemplate);
console.log(`wrote ${file}: fill it, then run \`npm run generate\` and \`npm test\``);
