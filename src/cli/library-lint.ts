/** What is needed to lint and to explain, beyond library.ts: who only simplifies does not load it. */
export { allRules } from '../api/explain.ts';
export { lint, lintAsIs } from '../api/lint.ts';
export { repair } from '../api/repair.ts';
export { parseTargets } from '../lint/target.ts';
