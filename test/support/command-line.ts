/** The command line as a process of its own, for what only a process has: signals, memory, standard streams. */
import { type ChildProcess, execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');

/** Bundles the command line as it is now into a folder; gives the script. */
export function bundleCommandLine(folder: string): string {
  const script = join(folder, 'main.cjs');
  const options = {
    entryPoints: ['src/cli/main.ts'],
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'warning',
    alias: { 'string-width': './src/cli/plain-width.ts' },
    define: { 'import.meta.url': 'moduleUrl' },
    banner: { js: "const moduleUrl = 'file://' + __filename;" },
    footer: { js: 'void module.exports.main();' },
  };
  // In a process of its own: esbuild does not run inside Jest.
  execFileSync(process.execPath, ['-e', `require('esbuild').buildSync(${JSON.stringify(options)})`], { cwd: root });
  return script;
}

export interface Ending {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The largest share of memory it had, in MB; undefined when it was killed. */
  readonly peakMegabytes: number | undefined;
}

/**
 * Code that writes the peak in KB to a file at the end. Linux counts in maxRSS what the parent had when it forked, which may
 * be more than the child ever has; VmHWM is the child's own.
 */
function tellPeak(path: string): string {
  return `
    process.on('exit', () => {
      const fs = require('node:fs');
      let peak = process.resourceUsage().maxRSS;
      try {
        peak = /VmHWM:\\s*(\\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1];
      } catch {}
      fs.writeFileSync(${JSON.stringify(path)}, String(peak));
    });
  `;
}

/** Told of the process when it began. */
type Watch = (child: ChildProcess) => void;

/** Runs `node SCRIPT ARGUMENT...`; `hook` is code that runs before. A process that hangs is ended and fails the test. */
export function runCommandLine(
  script: string,
  argv: readonly string[],
  options: SpawnOptions & { readonly hook?: string; readonly watch?: Watch } = {},
): Promise<Ending> {
  const { hook = '', watch, ...rest } = options;
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'onnx-preflight-run-')));
  const preload = join(folder, 'hook.cjs');
  const peak = join(folder, 'peak');
  writeFileSync(preload, `${tellPeak(peak)}\n${hook}`);
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, ['--require', preload, script, ...argv], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 120_000,
      killSignal: 'SIGKILL',
      ...rest,
    });
    const said = { stdout: '', stderr: '' };
    child.stdout?.on('data', (chunk: Buffer) => (said.stdout += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (said.stderr += chunk.toString()));
    child.on('error', fail);
    child.on('close', (code, signal) => {
      let peakMegabytes: number | undefined;
      try {
        peakMegabytes = Number(readFileSync(peak, 'utf8')) / 1024;
      } catch {
        // It was killed.
      }
      done({ ...said, code, signal, peakMegabytes });
    });
    watch?.(child);
  });
}
