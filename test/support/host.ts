import type { Host } from '../../src/cli/host.ts';

/** A host in which nobody types, and what it was told so far. */
export function recordingHost(folder: string): {
  readonly host: Host;
  readonly said: { stdout: string; stderr: string };
} {
  const said = { stdout: '', stderr: '' };
  const host: Host = {
    folder,
    environment: {},
    columns: 80,
    isTerminal: false,
    writeResult: (text) => (said.stdout += text),
    writeTalk: (text) => (said.stderr += text),
    writeBytes: async () => undefined,
    async *readInput() {},
  };
  return { host, said };
}
