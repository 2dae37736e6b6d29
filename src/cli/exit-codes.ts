/** What the process returns; a run over several files returns the highest. */
export const exitCodes = {
  clean: 0,
  /** A finding at or above --fail-on, or `simplify --check` found nodes to remove, or two models differ. */
  findings: 1,
  /** Bad use, or a file that cannot be read or written. */
  badUse: 2,
  /** A bug of ours. */
  bug: 3,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export function worst(...codes: readonly ExitCode[]): ExitCode {
  return codes.reduce((a, b) => (b > a ? b : a), exitCodes.clean);
}
