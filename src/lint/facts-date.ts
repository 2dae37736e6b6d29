/** Day up to which releases and sources of TensorRT went into the facts: the release notes of 11.5. */
export const factsDate = '2026-11-18';
