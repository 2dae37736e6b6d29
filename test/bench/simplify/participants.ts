import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { cli } from '../measure.ts';

/** Pinned, so that figures of two days can be compared. */
const pythonPackages = [
  'onnx==1.23.2',
  'onnxsim==0.8.1',
  'onnxslim==0.1.98',
  'onnxruntime==1.32.0',
  'onnxscript==0.7.2',
  'polygraphy==0.53.6',
  // What polygraphy folds with; it would install it on first use, into an environment that is not its own.
  'onnx-graphsurgeon==0.6.1',
];
const npmPackages = ['onnxsim@0.7.3'];

/** One that simplifies: the command that reads `source` and writes `target`. */
export interface Participant {
  readonly name: string;
  readonly version: string;
  readonly isOurs: boolean;
  command(source: string, target: string): readonly [program: string, ...parameters: string[]];
}

export interface Peers {
  readonly python: string;
  readonly participants: readonly Participant[];
}

const here = resolve('test/bench/simplify');

function ourselves(preset: string): Participant {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly version: string };
  return {
    name: preset === 'default' ? 'onnx-preflight' : `onnx-preflight ${preset}`,
    version,
    isOurs: true,
    command: (source, target) =>
      cli('simplify', source, '--output', target, '--preset', preset, '--force', '--no-config'),
  };
}

/**
 * The peers, installed into a folder of the user's cache on first use, and ourselves with each preset. Peers without a command line of
 * their own go through run-peer.py, with the defaults of the library.
 */
export function installParticipants(presets: readonly string[]): Peers {
  const pins = createHash('sha256')
    .update([...pythonPackages, ...npmPackages].join('\n'))
    .digest('hex')
    .slice(0, 8);
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'onnx-preflight-bench', pins);
  const bin = (program: string): string => join(cache, 'python', 'bin', program);
  const python = bin('python');
  const installed = join(cache, 'installed');
  if (!existsSync(installed)) {
    mkdirSync(cache, { recursive: true });
    console.error(`installing the peers into ${cache}`);
    step('python3', '-m', 'venv', join(cache, 'python'));
    step(python, '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ...pythonPackages);
    // The WebAssembly build is an extra: without it the others are still compared.
    const npm = spawnSync('npm', ['install', '--prefix', cache, '--no-audit', '--no-fund', ...npmPackages]);
    if (npm.status !== 0) console.error('npm could not install onnxsim; it is left out');
    writeFileSync(installed, '');
  }
  const viaPython = (name: string): Participant['command'] => {
    return (source, target) => [python, join(here, 'run-peer.py'), name, source, target];
  };
  const participants: Participant[] = [
    ...presets.map(ourselves),
    {
      name: 'onnxsim',
      version: '0.8.1',
      isOurs: false,
      command: (source, target) => [bin('onnxsim'), source, target],
    },
    {
      name: 'onnxslim',
      version: '0.1.98',
      isOurs: false,
      command: (source, target) => [bin('onnxslim'), source, target],
    },
    { name: 'onnxruntime basic', version: '1.32.0', isOurs: false, command: viaPython('onnxruntime') },
    { name: 'onnxscript', version: '0.7.2', isOurs: false, command: viaPython('onnxscript') },
    {
      name: 'polygraphy',
      version: '0.53.6',
      isOurs: false,
      command: (source, target) => [
        bin('polygraphy'),
        'surgeon',
        'sanitize',
        source,
        '--fold-constants',
        '--cleanup',
        '-o',
        target,
      ],
    },
  ];
  const wasm = join(cache, 'node_modules', 'onnxsim', 'index.mjs');
  if (existsSync(wasm))
    participants.push({
      name: 'onnxsim npm',
      version: '0.7.3',
      isOurs: false,
      command: (source, target) => [process.execPath, join(here, 'run-npm-onnxsim.mjs'), wasm, source, target],
    });
  return { python, participants };
}

function step(program: string, ...parameters: readonly string[]): void {
  const { status, stderr, error } = spawnSync(program, parameters, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${parameters.join(' ')}: ${error?.message ?? stderr}`);
}
