/** What a suite of conformance found. A case is in one list only, so that the numbers add up to all cases. */
export interface SuiteReport {
  readonly passed: number;
  readonly failed: readonly CaseNote[];
  /** Cases that no tool can pass, each with what is wrong with its expectation. */
  readonly known: readonly CaseNote[];
  /** Cases that we do not attempt, each with what is missing. */
  readonly unsupported: readonly CaseNote[];
  /** What is worth a look beside what went wrong, a line each. */
  readonly details?: readonly string[];
}

export interface CaseNote {
  readonly name: string;
  readonly why: string;
}
