/** If, Loop, Scan, SequenceMap and FlexAttention: operators that run graphs. */
import type { Attribute } from '../ir/attribute.ts';
import type { Graph } from '../ir/graph.ts';
import type { Node } from '../ir/node.ts';
import { int64Array, type NDArray } from './array.ts';
import { integersIn, normalAxis, safeNumber } from './kernel.ts';
import { runFlexAttention } from './flex-attention.ts';
import { emptyLike } from './move.ts';
import { refuse } from './refusal.ts';
import { isArray, type RuntimeValue, sliceOf, stacked } from './runtime-value.ts';

export interface GraphRunner {
  run(graph: Graph, inputs: readonly (RuntimeValue | undefined)[]): RuntimeValue[];
}

type Inputs = readonly (RuntimeValue | undefined)[];

/** The outputs of a control-flow node; undefined for any other. */
export function controlFlow(
  node: Node,
  attributes: ReadonlyMap<string, Attribute>,
  inputs: Inputs,
  runner: GraphRunner,
): RuntimeValue[] | undefined {
  if (node.operator === 'ai.onnx.preview::FlexAttention') return runFlexAttention(attributes, inputs, runner);
  if (node.domain !== '') return undefined;
  if (node.opType === 'If') return runIf(attributes, inputs, runner);
  if (node.opType === 'Loop') return runLoop(attributes, inputs, runner);
  if (node.opType === 'Scan') {
    const isOld = (node.graph?.opsetVersion('') ?? 9) < 9;
    return isOld ? runBatchedScan(attributes, inputs, runner) : runScan(attributes, inputs, runner);
  }
  if (node.opType === 'SequenceMap') return runSequenceMap(attributes, inputs, runner);
  return undefined;
}

function graphIn(attributes: ReadonlyMap<string, Attribute>, name: string): Graph {
  const attribute = attributes.get(name);
  return attribute?.kind === 'graph' ? attribute.value : refuse(`the graph '${name}' is missing`);
}

function intsIn(attributes: ReadonlyMap<string, Attribute>, name: string): number[] | undefined {
  const attribute = attributes.get(name);
  return attribute?.kind === 'ints' ? attribute.value.map(safeNumber) : undefined;
}

function arrayIn(value: RuntimeValue | undefined, what: string): NDArray {
  return value !== undefined && isArray(value) ? value : refuse(`${what} is no tensor`);
}

function isTrue(value: RuntimeValue | undefined): boolean {
  return arrayIn(value, 'the condition').data[0] !== 0;
}

function runIf(attributes: ReadonlyMap<string, Attribute>, inputs: Inputs, runner: GraphRunner): RuntimeValue[] {
  return runner.run(graphIn(attributes, isTrue(inputs[0]) ? 'then_branch' : 'else_branch'), []);
}

/** Body: (iteration, condition, carried...) -> (condition, carried..., scanned...). */
function runLoop(attributes: ReadonlyMap<string, Attribute>, inputs: Inputs, runner: GraphRunner): RuntimeValue[] {
  const body = graphIn(attributes, 'body');
  const [limit, initial] = [inputs[0] ?? undefined, inputs[1] ?? undefined];
  const trips = limit === undefined ? undefined : integersIn(arrayIn(limit, 'the trip count'))[0];
  let carried = inputs.slice(2).map((value) => value ?? null);
  let goesOn = initial === undefined || isTrue(initial);
  const scanned: NDArray[][] = body.outputs.slice(1 + carried.length).map(() => []);
  for (let trip = 0n; goesOn && (trips === undefined || trip < trips); trip++) {
    const condition: NDArray = { dataType: 'bool', dims: [], data: Uint8Array.of(1) };
    const outputs = runner.run(body, [int64Array([trip], []), condition, ...carried]);
    goesOn = isTrue(outputs[0]);
    carried = outputs.slice(1, 1 + carried.length);
    scanned.forEach((list, index) => list.push(arrayIn(outputs[1 + carried.length + index], 'a scan output')));
  }
  return [...carried, ...scanned.map((list, index) => collected(list, body, 1 + carried.length + index, 0))];
}

/** Scan outputs along a new axis; of no iterations, an empty array of the declared type. */
function collected(list: readonly NDArray[], body: Graph, output: number, axis: number): NDArray {
  if (list.length > 0) return stacked(list, axis);
  const type = body.outputs[output]?.type;
  if (type?.kind !== 'tensor' || type.dataType === undefined) return refuse('no iteration, and no declared type');
  const dims = (type.shape ?? []).map((dim) => (typeof dim === 'number' ? dim : 0));
  dims.splice(axis, 0, 0);
  return emptyLike(
    { dataType: type.dataType, dims: [0], data: type.dataType === 'string' ? [] : new Uint8Array(0) },
    dims,
  );
}

interface ScanPlan {
  readonly body: Graph;
  readonly stateCount: number;
  readonly scanCount: number;
}

function scanPlan(attributes: ReadonlyMap<string, Attribute>, inputCount: number): ScanPlan {
  const count = attributes.get('num_scan_inputs');
  const scanCount = count?.kind === 'int' ? safeNumber(count.value) : refuse('num_scan_inputs is missing');
  return { body: graphIn(attributes, 'body'), scanCount, stateCount: inputCount - scanCount };
}

function runScan(attributes: ReadonlyMap<string, Attribute>, inputs: Inputs, runner: GraphRunner): RuntimeValue[] {
  const { body, stateCount, scanCount } = scanPlan(attributes, inputs.length);
  const arrays = inputs.slice(stateCount).map((value) => arrayIn(value, 'a scan input'));
  const axes = intsIn(attributes, 'scan_input_axes') ?? new Array<number>(scanCount).fill(0);
  const backward = intsIn(attributes, 'scan_input_directions') ?? [];
  const inputAxes = arrays.map(({ dims }, index) => normalAxis(axes[index] ?? 0, dims.length));
  const lengths = new Set(arrays.map(({ dims }, index) => dims[inputAxes[index] as number]));
  const [length] = lengths;
  if (lengths.size !== 1 || length === undefined) return refuse('scan inputs differ in length');
  let states = inputs.slice(0, stateCount).map((value) => value ?? null);
  const scanned: NDArray[][] = body.outputs.slice(stateCount).map(() => []);
  for (let step = 0; step < length; step++) {
    const slices = arrays.map((array, index) =>
      sliceOf(array, inputAxes[index] as number, backward[index] === 1 ? length - 1 - step : step, 1, true),
    );
    const outputs = runner.run(body, [...states, ...slices]);
    states = outputs.slice(0, stateCount);
    scanned.forEach((list, index) => list.push(arrayIn(outputs[stateCount + index], 'a scan output')));
  }
  const outputAxes = intsIn(attributes, 'scan_output_axes') ?? [];
  const reversed = intsIn(attributes, 'scan_output_directions') ?? [];
  return [
    ...states,
    ...scanned.map((list, index) => {
      const rank = (list[0]?.dims.length ?? 0) + 1;
      const ordered = reversed[index] === 1 ? [...list].reverse() : list;
      return collected(ordered, body, stateCount + index, normalAxis(outputAxes[index] ?? 0, rank));
    }),
  ];
}

/** Scan-8: every input has a leading batch axis; sequence_lens says how far each entry goes, what is behind is 0. */
function runBatchedScan(
  attributes: ReadonlyMap<string, Attribute>,
  inputs: Inputs,
  runner: GraphRunner,
): RuntimeValue[] {
  const lengths =
    inputs[0] === undefined || inputs[0] === null ? undefined : integersIn(arrayIn(inputs[0], 'sequence_lens'));
  const rest = inputs.slice(1);
  const { body, stateCount } = scanPlan(attributes, rest.length);
  const directions = intsIn(attributes, 'directions') ?? [];
  const arrays = rest.map((value) => arrayIn(value, 'an input of Scan'));
  const batches = arrays[0]?.dims[0] ?? 0;
  const results: NDArray[][] = body.outputs.map(() => []);
  for (let batch = 0; batch < batches; batch++) {
    const own = arrays.map((array) => sliceOf(array, 0, batch, 1, true));
    let states: RuntimeValue[] = own.slice(0, stateCount);
    const scans = own.slice(stateCount);
    const full = scans[0]?.dims[0] ?? 0;
    const length = lengths === undefined ? full : safeNumber(lengths[batch] ?? 0n);
    if (length < 0 || length > full) return refuse('sequence_lens do not fit');
    const scanned: NDArray[][] = body.outputs.slice(stateCount).map(() => []);
    for (let step = 0; step < length; step++) {
      const slices = scans.map((array, index) =>
        sliceOf(array, 0, directions[index] === 1 ? length - 1 - step : step, 1, true),
      );
      const outputs = runner.run(body, [...states, ...slices]);
      states = outputs.slice(0, stateCount);
      scanned.forEach((list, index) => list.push(arrayIn(outputs[stateCount + index], 'a scan output')));
    }
    states.forEach((state, index) => results[index]?.push(arrayIn(state, 'a state')));
    scanned.forEach((list, index) => {
      const first = list[0] ?? refuse('a sequence of Scan-8 is empty');
      const missing = Array.from({ length: full - length }, () => emptyLike(first, first.dims));
      results[stateCount + index]?.push(stacked([...list, ...missing], 0));
    });
  }
  return results.map((list) => stacked(list, 0));
}

function runSequenceMap(
  attributes: ReadonlyMap<string, Attribute>,
  inputs: Inputs,
  runner: GraphRunner,
): RuntimeValue[] {
  const body = graphIn(attributes, 'body');
  const first = inputs[0];
  if (!Array.isArray(first)) return refuse('the first input is no sequence');
  const results: RuntimeValue[][] = body.outputs.map(() => []);
  for (let index = 0; index < first.length; index++) {
    const own = inputs.map((value) => (Array.isArray(value) ? (value[index] as RuntimeValue) : value));
    runner.run(body, own).forEach((value, output) => results[output]?.push(value));
  }
  return results;
}
