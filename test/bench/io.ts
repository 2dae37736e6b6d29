/**
 * `npm run bench -- io`: what reading and writing cost beside Node's start and `cp`. The models are 1,000 nodes with random
 * weights: 4 GiB of external data, 1.9 GB in one file, and the same graph with payloads cut to 1 KiB. Takes 15 GB of the
 * folder that TMPDIR names.
 */
import { randomFillSync } from 'node:crypto';
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { modelToBytes } from '../../src/api/save.ts';
import { Graph } from '../../src/ir/graph.ts';
import { Model } from '../../src/ir/model.ts';
import { Node } from '../../src/ir/node.ts';
import { type Payload, Tensor } from '../../src/ir/tensor.ts';
import { Value } from '../../src/ir/value.ts';
import { tensorType } from '../../src/ir/value-type.ts';
import { readModelFile, writeModelFile } from '../../src/platform/node.ts';
import { cli, emptyNode, medians, peakMegabytes, printResults, type Result, type Timed } from './measure.ts';

const BLOCKS = 250;

export async function benchIo(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'onnx-preflight-bench-'));
  try {
    return printResults('io', await benchIn(folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function benchIn(folder: string): Promise<Result[]> {
  const small = join(folder, 'small.onnx');
  const single = join(folder, 'single.onnx');
  const external = join(folder, 'external.onnx');
  const data = 'external.onnx.data';
  const elsewhere = join(folder, 'elsewhere');
  mkdirSync(elsewhere);
  // 256 floats are 1 KiB; 250 times 1,900,000 floats are 1.9 GB; 250 times 4,300,000 floats are 4.0 GiB.
  await writeModelFile(chainModel(256), small);
  await writeModelFile(chainModel(1_900_000), single);
  await writeExternal(external, data, 4_300_000);
  const output = join(elsewhere, 'out.onnx');
  const fresh = (): void => {
    rmSync(elsewhere, { recursive: true });
    mkdirSync(elsewhere);
  };
  const copy = (from: string): Timed => ({
    command: ['cp', '--sparse=never', '--reflink=never', from, join(elsewhere, 'copy')],
    before: fresh,
  });
  // What no writer can fall below that, like us, has the bytes on the disk before the file takes its place.
  const copyAndSync = (from: string): Timed => ({
    command: ['sh', '-c', 'cp --sparse=never --reflink=never "$0" "$1" && sync -d "$1"', from, join(elsewhere, 'copy')],
    before: fresh,
  });
  const beside = join(folder, 'beside.onnx');
  const timed = {
    node: emptyNode,
    lintSmall: { command: cli('lint', small) },
    lintExternal: { command: cli('lint', external) },
    lintSingle: { command: cli('lint', single) },
    copySingle: copy(single),
    copyAndSyncSingle: copyAndSync(single),
    simplifySingle: { command: cli('simplify', single, '-o', output), before: fresh },
    copyExternal: copy(join(folder, data)),
    copyAndSyncExternal: copyAndSync(join(folder, data)),
    simplifyExternal: { command: cli('simplify', external, '-o', output), before: fresh },
    simplifyBeside: { command: cli('simplify', external, '-o', beside), before: () => rmSync(beside, { force: true }) },
  } satisfies Record<string, Timed>;
  const ms = medians(timed);
  const peaks = (['lintExternal', 'lintSingle', 'simplifySingle', 'simplifyExternal'] as const).map((name) => ({
    name,
    value: peakMegabytes(timed[name]),
  }));
  fresh();
  const read = await readModelFile(beside);
  const isKept = [...read.graph.initializers].every(({ constant }) => constant?.external?.location === data);
  if (!isKept || statSync(join(folder, data)).size < 2 ** 32) throw new Error('external data beside the output moved');
  return [
    ...Object.entries(ms).map(([what, value]): Result => ({ what, value, unit: 'ms' })),
    { what: 'lint / node', value: ms.lintSmall / ms.node, unit: 'x', bound: 3 },
    { what: 'lint with 4 GiB / with payloads of 1 KiB', value: ms.lintExternal / ms.lintSmall, unit: 'x', bound: 1.1 },
    { what: 'lint with 1.9 GB / with payloads of 1 KiB', value: ms.lintSingle / ms.lintSmall, unit: 'x', bound: 1.1 },
    {
      what: 'simplify of 1.9 GB / (node + cp)',
      value: ms.simplifySingle / (ms.node + ms.copySingle),
      unit: 'x',
      bound: 1.5,
    },
    {
      what: 'simplify of 4 GiB into another folder / (node + cp)',
      value: ms.simplifyExternal / (ms.node + ms.copyExternal),
      unit: 'x',
      bound: 1.5,
    },
    {
      what: 'simplify of 1.9 GB / (node + cp + sync)',
      value: ms.simplifySingle / (ms.node + ms.copyAndSyncSingle),
      unit: 'x',
    },
    {
      what: 'simplify of 4 GiB into another folder / (node + cp + sync)',
      value: ms.simplifyExternal / (ms.node + ms.copyAndSyncExternal),
      unit: 'x',
    },
    ...peaks.flatMap(({ name, value }): Result[] =>
      value === undefined
        ? []
        : [{ what: `peak of ${name}`, value, unit: 'MB', bound: name.startsWith('lint') ? 100 : 150 }],
    ),
  ];
}

/** Random bytes without a file behind them; the pool is repeated, for nobody looks. */
class RandomPayload implements Payload {
  static readonly #pool = randomFillSync(new Uint8Array(1 << 20));
  readonly byteLength: number;
  readonly bytes = undefined;

  constructor(byteLength: number) {
    this.byteLength = byteLength;
  }

  async read(_offset: number, length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += RandomPayload.#pool.length)
      bytes.set(RandomPayload.#pool.subarray(0, length - at), at);
    return bytes;
  }
}

/** Mul by a weight, Add, Relu, Identity, and so on: 1,000 nodes, of which simplify removes a quarter. */
function chainModel(width: number, weightOf = inlineWeight): Model {
  const graph = new Graph({ name: 'chain' });
  const input = new Value('x');
  input.type = tensorType('float', [width]);
  graph.addInput(input);
  let value = input;
  for (let block = 0; block < BLOCKS; block++) {
    const weight = new Value(`w${block}`);
    graph.addInitializer(weight, weightOf(block, width));
    for (const [opType, inputs] of [
      ['Mul', [weight]],
      ['Add', [input]],
      ['Relu', []],
      ['Identity', []],
    ] as const) {
      const output = new Value(`${opType}${block}`);
      graph.append(new Node(opType, [value, ...inputs], [output], { name: `${opType}_${block}` }));
      value = output;
    }
  }
  graph.addOutput(value);
  return new Model({ irVersion: 10, opsetImports: new Map([['', 21]]), graph });
}

function inlineWeight(block: number, width: number): Tensor {
  return new Tensor('float', [width], new RandomPayload(width * 4), { name: `w${block}` });
}

/** The same with its weights in a file of their own. */
async function writeExternal(path: string, location: string, width: number): Promise<void> {
  const bytes = width * 4;
  const model = chainModel(width, (block) => {
    const entries = [
      ['location', location],
      ['offset', `${block * bytes}`],
      ['length', `${bytes}`],
    ] as const;
    return new Tensor('float', [width], new RandomPayload(bytes), {
      name: `w${block}`,
      external: { location, entries },
    });
  });
  const file = openSync(join(dirname(path), location), 'w');
  for (let block = 0; block < BLOCKS; block++) writeSync(file, await new RandomPayload(bytes).read(0, bytes));
  closeSync(file);
  writeFileSync(path, await modelToBytes(model));
}
