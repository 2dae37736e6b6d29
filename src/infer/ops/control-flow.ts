/**
 * If, Loop and Scan: the facts of their results follow from those of their bodies.
 * https://onnx.ai/onnx/operators/onnx__If.html, onnx__Loop.html, onnx__Scan.html
 */
import type { Graph } from '../../ir/graph.ts';
import type { Value } from '../../ir/value.ts';
import { sameFact } from '../combine.ts';
import { withDimensions } from '../declared.ts';
import { Dim } from '../dim.ts';
import { type Fact, UNKNOWN_FACT } from '../fact.ts';
import { law, type LawContext, normalAxis } from '../law.ts';

export const branch = law(['If'], (context) => {
  const thenBranch = context.attributes.graph('then_branch') ?? context.contradiction('then_branch is missing');
  const elseBranch = context.attributes.graph('else_branch') ?? context.contradiction('else_branch is missing');
  if (context.isStrict && thenBranch.inputs.length + elseBranch.inputs.length > 0)
    context.contradiction('its branches have inputs, but it hands them none');
  const condition = context.elements(0)?.[0]?.constant;
  const thenFacts = context.inferBody(thenBranch, [], { neverRuns: condition === 0n });
  const elseFacts = context.inferBody(elseBranch, [], { neverRuns: condition !== undefined && condition !== 0n });
  context.node.outputs.forEach((value, index) => {
    const thenFact = thenFacts[index];
    const elseFact = elseFacts[index];
    if (value === undefined || thenFact === undefined || elseFact === undefined) return;
    if (condition === undefined) context.output(index, context.join(thenFact, elseFact, value));
    else context.output(index, condition === 0n ? elseFact : thenFact);
  });
});

/** Inputs: trip count, condition, carried values. Body: iteration, condition, carried -> condition, carried, scanned. */
export const loop = law(['Loop'], (context) => {
  const body = context.attributes.graph('body') ?? context.contradiction('its body is missing');
  const carriedCount = Math.max(0, context.inputCount - 2);
  const initial = Array.from({ length: carriedCount }, (_, index) => context.input(index + 2) ?? UNKNOWN_FACT);
  const iteration: Fact = { ...UNKNOWN_FACT, dataType: 'int64', shape: [] };
  const condition = conditionFact(context, body);
  const { carried, results } = settle(context, body, initial, 2, 1, (facts) => [iteration, condition, ...facts]);
  for (const [index, fact] of carried.entries())
    context.output(index, outside(context, body, fact, index, context.node.outputs[index]));
  const trips = tripCount(context, body, results[0]);
  for (let output = carriedCount; output < context.outputCount; output++) {
    const fact = results[output + 1] ?? UNKNOWN_FACT;
    const count = trips ?? context.unknownDim(output, 0);
    context.output(output, stacked(context, body, fact, output, 0, [count]));
  }
});

/** A scalar by the standard. Runtimes take a vector of one element as well, which stays one where the body hands it on. */
function conditionFact(context: LawContext, body: Graph): Fact {
  const given = context.input(1);
  const isVector = given?.shape?.length === 1 && given.shape[0]?.constant === 1n;
  const isHandedOn = isSameValue(body.outputs[0], body.inputs[1]);
  return { ...UNKNOWN_FACT, dataType: given?.dataType ?? 'bool', shape: isVector && isHandedOn ? [Dim.one] : [] };
}

/** The number of iterations; undefined when a condition may end the loop early. */
function tripCount(context: LawContext, body: Graph, conditionResult: Fact | undefined): Dim | undefined {
  const limit = context.input(0) === undefined ? undefined : context.elements(0)?.[0];
  if (limit === undefined) return undefined;
  const first = context.input(1) === undefined ? 1n : context.elements(1)?.[0]?.constant;
  if (first === 0n) return Dim.zero;
  // The body hands on `true`, or the condition it was given, which was true or it would not run.
  const handedOn = body.outputs[0];
  const goesOn = conditionResult?.elements?.[0]?.constant === 1n || isSameValue(handedOn, body.inputs[1]);
  return first === 1n && goesOn ? limit.maximum(Dim.zero) : undefined;
}

/** Whether a value is another one, handed on by Identity nodes at most. */
function isSameValue(value: Value | undefined, origin: Value | undefined): boolean {
  let current = value;
  // A broken body may lead round in a circle of Identity nodes.
  const seen = new Set<Value>();
  while (current !== undefined && current !== origin && !seen.has(current)) {
    seen.add(current);
    current = current.producer?.operator === 'Identity' ? current.producer.inputs[0] : undefined;
  }
  return current !== undefined && current === origin;
}

/**
 * Scan-9: states, then scanned inputs. The body sees a scanned input without the axis it is scanned along; what it puts out
 * beyond the states is stacked along an axis. Scan-8 has a leading batch axis on everything, and sequence lengths first.
 */
export const scan = law(['Scan'], (context) => {
  const body = context.attributes.graph('body') ?? context.contradiction('its body is missing');
  const scannedCount =
    context.attributes.number('num_scan_inputs') ?? context.contradiction('num_scan_inputs is missing');
  const isBatched = context.opset < 9;
  const first = isBatched ? 1 : 0;
  const stateCount = context.inputCount - first - scannedCount;
  if (stateCount < 0) context.contradiction(`${scannedCount} inputs to scan, but it has ${context.inputCount} inputs`);
  const facts = Array.from(
    { length: stateCount + scannedCount },
    (_, index) => context.input(index + first) ?? UNKNOWN_FACT,
  );
  let trips: Dim | undefined;
  let batch: Dim | undefined;
  const inputAxes = context.attributes.ints('scan_input_axes');
  const seen = facts.map((fact, index): Fact => {
    const { shape } = fact;
    const rest = { ...fact, elements: undefined, constant: undefined };
    if (shape === undefined) return rest;
    const isState = index < stateCount;
    const dropped = new Set<number>();
    const drop = (axis: number, common: Dim | undefined, what: string): Dim | undefined => {
      dropped.add(axis);
      const dim = shape[axis] ?? context.contradiction(`input ${index + first} has rank ${shape.length} only`);
      return common === undefined ? dim : context.unify(common, dim, what);
    };
    if (isBatched) batch = drop(0, batch, 'batch sizes');
    if (!isState) {
      const axis = isBatched ? 1 : normalAxis(context, inputAxes?.[index - stateCount] ?? 0n, shape.length);
      trips = drop(axis, trips, 'lengths of scanned inputs');
    }
    if (dropped.size === 0) return fact;
    return { ...rest, shape: shape.filter((_, axis) => !dropped.has(axis)) };
  });
  const scanned = seen.slice(stateCount);
  const { carried, results } = settle(context, body, seen.slice(0, stateCount), 0, 0, (states) => [
    ...states,
    ...scanned,
  ]);
  const outputAxes = context.attributes.ints('scan_output_axes');
  for (let output = 0; output < context.outputCount; output++) {
    const leading = isBatched ? [batch ?? context.unknownDim(output, 0)] : [];
    if (output < stateCount) {
      const fact = carried[output] ?? UNKNOWN_FACT;
      if (isBatched) context.output(output, stacked(context, body, fact, output, 0, leading));
      else context.output(output, outside(context, body, fact, output, context.node.outputs[output]));
      continue;
    }
    const fact = results[output] ?? UNKNOWN_FACT;
    const count = (axis: number): Dim => trips ?? context.unknownDim(output, axis);
    if (isBatched) {
      context.output(output, stacked(context, body, fact, output, 0, [...leading, count(1)]));
      continue;
    }
    const rank = (fact.shape?.length ?? 0) + 1;
    const axis = fact.shape === undefined ? 0 : normalAxis(context, outputAxes?.[output - stateCount] ?? 0n, rank);
    context.output(output, stacked(context, body, fact, output, axis, [count(axis)]));
  }
});

/** Rounds with what the body itself says of its values; then what is still changing is given up. */
const MAXIMUM_ROUNDS = 4;

/**
 * Facts of the carried values that hold before and after every iteration: starting from the initial ones, what an iteration
 * changes becomes unknown, until nothing changes any more. The last walk of the body is one with these facts.
 */
function settle(
  context: LawContext,
  body: Graph,
  initial: readonly Fact[],
  firstInput: number,
  firstResult: number,
  inputs: (carried: readonly Fact[]) => readonly Fact[],
): { readonly carried: readonly Fact[]; readonly results: readonly Fact[] } {
  let results: readonly Fact[] = [];
  const carried = context.settle(body, (before) => {
    let current = before === undefined ? initial : joined(context, body, initial, before, firstInput, 0);
    for (let round = 0; ; round++) {
      results = context.inferBody(body, inputs(current));
      const next = joined(context, body, current, results, firstInput, firstResult).map((common, index) => {
        const fact = current[index] ?? UNKNOWN_FACT;
        if (round < MAXIMUM_ROUNDS || sameFact(common, fact)) return common;
        // From here on each round gives up at least one value for good, so the rounds end.
        return { ...UNKNOWN_FACT, dataType: common.dataType, otherType: common.otherType };
      });
      if (next.every((fact, index) => sameFact(fact, current[index] ?? UNKNOWN_FACT))) return current;
      current = next;
    }
  });
  return { carried, results };
}

/** What holds of the carried values in either case; `others` has them from `first` on. */
function joined(
  context: LawContext,
  body: Graph,
  facts: readonly Fact[],
  others: readonly Fact[],
  firstInput: number,
  first: number,
): readonly Fact[] {
  return facts.map((fact, index) => {
    const value = body.inputs[index + firstInput];
    const other = others[index + first];
    return value === undefined || other === undefined ? UNKNOWN_FACT : context.join(fact, other, value);
  });
}

/** The fact of a carried value as the graph around the loop may say it: dims that differ between iterations get its own symbols. */
function outside(context: LawContext, body: Graph, fact: Fact, output: number, value: Value | undefined): Fact {
  const shape = fact.shape?.map((dim, axis) => (context.isLocal(dim, body) ? context.unknownDim(output, axis) : dim));
  const isOuter = fact.elements?.every((element) => !context.isLocal(element, body)) === true;
  const otherType =
    fact.otherType === undefined
      ? undefined
      : withDimensions(fact.otherType, (dimension) =>
          typeof dimension === 'string' && context.isLocal(Dim.symbol(dimension), body) ? undefined : dimension,
        );
  return {
    ...fact,
    shape,
    elements: value !== undefined && isOuter ? fact.elements : undefined,
    otherType,
    // What is in the sequence may differ between iterations.
    items: undefined,
    fractions: undefined,
  };
}

/**
 * Results of all iterations along new axes at `axis`. When no iteration may have run, the runtime knows the other dims by
 * declaration only (ONNX Runtime takes 0 for what it does not know), so an expression is kept only if one surely ran.
 */
function stacked(
  context: LawContext,
  body: Graph,
  fact: Fact,
  output: number,
  axis: number,
  counts: readonly Dim[],
): { readonly dataType: Fact['dataType']; readonly shape: readonly Dim[] | undefined } {
  if (fact.shape === undefined) return { dataType: fact.dataType, shape: undefined };
  const ran = counts.every((count) => context.isPositive(count));
  const inner = fact.shape.map((dim, at) => {
    const isKept = dim.constant !== undefined || (ran && !context.isLocal(dim, body));
    return isKept ? dim : context.unknownDim(output, at < axis ? at : at + counts.length);
  });
  return { dataType: fact.dataType, shape: inner.toSpliced(axis, 0, ...counts) };
}
