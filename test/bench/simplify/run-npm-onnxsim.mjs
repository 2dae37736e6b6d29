/** run-npm-onnxsim.mjs MODULE SOURCE TARGET: the WebAssembly build of onnxsim, by its defaults. */
import { readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';

const [module, source, target] = process.argv.slice(2);
const { simplify } = await import(pathToFileURL(module).href);
const { model } = await simplify(await readFile(source));
await writeFile(target, model);
// Its workers would keep the process.
process.exit(0);
