/** Reductions whose result does not depend on the order of what they reduce, and those whose last bits do. */
export const EXACT_REDUCTIONS: readonly string[] = ['ReduceMax', 'ReduceMin'];
export const ROUNDED_REDUCTIONS: readonly string[] = [
  'ReduceSum',
  'ReduceMean',
  'ReduceProd',
  'ReduceL1',
  'ReduceL2',
  'ReduceSumSquare',
  'ReduceLogSumExp',
];
