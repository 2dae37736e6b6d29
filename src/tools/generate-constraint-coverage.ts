/** rules/tensorrt/COVERAGE.md: what becomes of every constraint, from the rules as they are now. */
import { accountForConstraints, coverageTable } from './constraint-coverage.ts';
import type { StepResult } from './generate.ts';

export function generateConstraintCoverage(): Promise<StepResult> {
  return Promise.resolve({
    files: [{ path: 'rules/tensorrt/COVERAGE.md', text: coverageTable(accountForConstraints()) }],
  });
}
