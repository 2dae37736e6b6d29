/** What is needed to run models: who only simplifies does not load it. */
export { compare } from '../api/compare.ts';
export { dataFor, readData } from '../api/read-data.ts';
export { verify } from '../api/verify.ts';
export { cloneModel } from '../ir/clone.ts';
export { findRunners } from '../platform/node-runners.ts';
