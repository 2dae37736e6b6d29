/** Day up to which releases, sources and documentation of TensorRT were read. */
export const factsDate = '2026-11-23';
