import { lint, type Node, type ParserView, type Value } from '../../src/rule-kit.ts';
import { evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

/** A node of a body whose size depends on data. */
function dataDependentNode(node: Node): string | undefined {
  for (const graph of node.subgraphs)
    for (const inner of graph.nodes)
      if (inner.opType === 'NonZero' || inner.opType === 'NonMaxSuppression')
        return `${inner.opType} (node ${inner.label})`;
  return undefined;
}

/** The value behind Identity nodes. A broken graph may lead round in a circle: there is an end to the steps. */
function copied(value: Value | undefined): Value | undefined {
  let current = value;
  for (let step = 0; step < MAXIMUM_COPIES && current?.producer?.opType === 'Identity'; step++)
    [current] = current.producer.inputs;
  return current;
}

const MAXIMUM_COPIES = 64;

/** What leaves a turn is what entered it with something put on: a Concat of the two, of which the other is not empty. */
function grows(view: ParserView, before: Value | undefined, after: Value): boolean {
  const concat = copied(after)?.producer;
  if (before === undefined || concat?.opType !== 'Concat') return false;
  const axis = concat.attributes.get('axis');
  const isCarried = (operand: Value | undefined): boolean => copied(operand) === before;
  if (axis?.kind !== 'int' || !concat.inputs.some(isCarried)) return false;
  return concat.inputs.some(
    (operand) =>
      operand !== undefined && !isCarried(operand) && (view.value(operand).dims?.at(Number(axis.value)) ?? 0) > 0,
  );
}

export default lint({
  id: 'tensorrt/subgraph-limitation',
  summary: 'An If or Loop does what TensorRT cannot lay out ahead of time.',
  why: 'Both branches of an If must give tensors of one type and rank, and what a Loop carries keeps one type and shape over all turns.',
  severity: 'error',
  errors: [
    'IIfConditionalOutputLayer inputs must have the same shape. Shapes are [-1] and [-1,1].',
    'dimensions not compatible for if-conditional outputs',
    'recurrence inputs must have same type',
    'inputs to IRecurrenceLayer have different dimensions',
    'operation not supported within a loop body.',
    'Called with unknown input tensor or sequence name',
  ],
  messages: {
    branchType:
      'Output {value} of {op} {node} is {thenType} in one branch and {elseType} in the other; {tensorrt} wants one type.',
    branchRank:
      'Output {value} of {op} {node} has rank {thenRank} in one branch and {elseRank} in the other; {tensorrt} wants one rank.',
    carriedShape:
      '{op} {node} carries {value} of shape {before} into a turn and {after} out of it; {tensorrt} wants one shape.',
    branchCount:
      'The branches of {op} {node} have {thenCount} and {elseCount} outputs; {tensorrt} wants as many in both.',
    branchNames: 'Both branches of {op} {node} call an output {value}; {tensorrt} wants names of their own.',
    bodyLayer:
      'The body of {op} {node} holds {inner}, whose size depends on data; layers of loops and conditionals in {tensorrt} may not.',
    unregistered:
      'The body of {op} {node} reads {value}, but the {op} has no {omitted}; {tensorrt} then has no such value ("Node input was not registered.").',
    scanWithoutLimit:
      '{op} {node} collects {value} without a trip count; {tensorrt} cannot tell how many turns there are.',
  },
  advice: {
    branchType:
      'Cast inside a branch; if the condition is constant, run `onnx-preflight simplify`, which keeps one branch.',
    branchRank:
      'Squeeze or Unsqueeze inside a branch; if the condition is constant, run `onnx-preflight simplify`, which keeps one branch.',
    carriedShape: 'Carry a tensor of the final size and write into it, or unroll the loop.',
    branchCount: 'Give both branches the outputs of the {op}.',
    branchNames: 'Rename the output of one branch.',
    bodyLayer: 'Move {inner} out of the body, or keep a fixed size.',
    unregistered: 'Give the {op} a {omitted}: INT64_MAX turns, or true, say the same.',
    scanWithoutLimit: 'Give the Loop a trip count.',
  },
  operators: ['If', 'Loop'],

  check(node, { model, target, view, attributes, input, report }) {
    if (dispatch(model, node, target) !== 'importer') return;
    const found = evidence('if-branch-rank', target.version);
    const layers = evidence('loop-body-ops', target.version);
    const inner = layers === undefined ? undefined : dataDependentNode(node);
    if (layers !== undefined && inner !== undefined)
      report('bodyLayer', { inner }, { ...layers, severity: 'warning', stage: 'build' });
    if (node.opType === 'If') {
      const thenGraph = attributes.graph('then_branch');
      const elseGraph = attributes.graph('else_branch');
      // With a condition that is weights, one branch only is imported.
      if (thenGraph === undefined || elseGraph === undefined || input(0)?.isWeights === true) return;
      const count = evidence('if-output-count', target.version);
      const thenCount = thenGraph.outputs.length;
      const elseCount = elseGraph.outputs.length;
      if (count !== undefined && thenCount !== elseCount) report('branchCount', { thenCount, elseCount }, count);
      node.outputs.forEach((value, index) => {
        const thenValue = thenGraph.outputs[index];
        const elseValue = elseGraph.outputs[index];
        if (value === undefined || thenValue === undefined || elseValue === undefined) return;
        const a = view.value(thenValue);
        const b = view.value(elseValue);
        const details = { value, ...found };
        const names = evidence('if-branch-names', target.version);
        if (names !== undefined && thenValue.name === elseValue.name && thenValue.producer !== undefined)
          report('branchNames', { value: thenValue.name }, { value, ...names, severity: 'warning' });
        if (a.type !== undefined && b.type !== undefined && a.type !== b.type)
          report('branchType', { value: value.name, thenType: a.type, elseType: b.type }, details);
        else if (a.rank !== undefined && b.rank !== undefined && a.rank !== b.rank)
          report(
            'branchRank',
            { value: value.name, thenRank: a.rank, elseRank: b.rank },
            { ...details, stage: 'build' },
          );
      });
      return;
    }
    const body = attributes.graph('body');
    if (body === undefined) return;
    const carriedCount = node.inputs.length - 2;
    for (let index = 0; index < carriedCount; index++) {
      const initial = input(index + 2);
      const next = body.outputs[index + 1];
      if (initial?.dims === undefined || next === undefined) continue;
      const after = view.value(next).dims;
      const before = initial.dims;
      if (grows(view, body.inputs[index + 2], next)) {
        const args = { value: next.name, before: `[${before.join(', ')}]`, after: 'a longer one' };
        report('carriedShape', args, {
          value: next,
          stage: 'build',
          ...evidence('loop-carried-shape', target.version),
        });
        continue;
      }
      if (
        after === undefined ||
        (after.length === before.length &&
          after.every((dim, axis) => dim < 0 || (before[axis] ?? -1) < 0 || dim === before[axis]))
      )
        continue;
      const args = { value: next.name, before: `[${before.join(', ')}]`, after: `[${after.join(', ')}]` };
      report('carriedShape', args, { value: next, stage: 'build', ...evidence('loop-carried-shape', target.version) });
    }
    const unregistered = evidence('loop-unregistered-input', target.version);
    if (unregistered !== undefined)
      for (const index of [0, 1]) {
        const inner = body.inputs[index];
        if (node.inputs[index] === undefined && inner !== undefined && inner.userCount > 0)
          report(
            'unregistered',
            { value: inner.name, omitted: index === 0 ? 'trip count' : 'condition' },
            { value: inner, ...unregistered },
          );
      }
    const collected = node.outputs.slice(carriedCount).find((value) => value !== undefined);
    const unlimited = evidence('loop-scan-without-limit', target.version);
    if (collected !== undefined && node.inputs[0] === undefined && unlimited !== undefined)
      report('scanWithoutLimit', { value: collected.name }, { value: collected, ...unlimited });
  },

  examples: [
    {
      title: 'a list that grows by two in every turn',
      model: `agraph (float[2] x) => (float[n] y) <int64 turns = {5}, bool go = {1}> {
        y = Loop (turns, go, x) <body = b (int64 i, bool on, float[k] list) => (bool still, float[m] longer) <float[2] more = {1, 1}> {
          still = Identity (on)
          longer = Concat <axis = 0> (list, more)
        }>
      }`,
      reports: ['carriedShape'],
    },
    {
      title: 'what is put on and cut off again has the size that it had',
      model: `agraph (float[2] x) => (float[2] y) <int64 turns = {5}, bool go = {1}> {
        y = Loop (turns, go, x) <body = b (int64 i, bool on, float[2] list) => (bool still, float[2] last)
          <float[2] more = {1, 1}, int64[1] from = {2}, int64[1] to = {4}> {
          still = Identity (on)
          longer = Concat <axis = 0> (list, more)
          last = Slice (longer, from, to)
        }>
      }`,
      reports: [],
    },
    {
      title: 'branches of different types',
      model: `agraph (bool c, float[2] x) => (float[2] y) {
        y = If (c) <
          then_branch = a () => (float[2] t) { t = Neg (x) },
          else_branch = b () => (float16[2] e) { e = Cast <to = 10> (x) }
        >
      }`,
      reports: ['branchType'],
    },
    {
      title: 'branches of different ranks, as squeeze(0) is exported',
      model: `agraph (bool c, float[1, 2] x) => (float y) <int64[1] first = {0}> {
        y = If (c) <
          then_branch = a () => (float[2] t) { t = Squeeze (x, first) },
          else_branch = b () => (float[1, 2] e) { e = Identity (x) }
        >
      }`,
      reports: ['branchRank'],
    },
    {
      title: 'branches that share a name, and one that selects by data',
      model: `agraph (bool c, float[2] x) => (int64[1, n] y) {
        y = If (c) <
          then_branch = a () => (int64[1, n] same) { same = NonZero (x) },
          else_branch = b () => (int64[1, n] same) { same = NonZero (x) }
        >
      }`,
      target: 'tensorrt@10.3',
      reports: ['bodyLayer', 'branchNames'],
    },
    {
      title: 'branches with different numbers of outputs',
      model: `agraph (bool c, float[2] x) => (float[2] y) {
        y = If (c) <
          then_branch = a () => (float[2] t) { t = Neg (x) },
          else_branch = b () => (float[2] e, float[2] f) { e = Abs (x)  f = Relu (x) }
        >
      }`,
      reports: ['branchCount'],
    },
    {
      title: 'branches of one type and rank',
      model: `agraph (bool c, float[2] x) => (float[2] y) {
        y = If (c) <
          then_branch = a () => (float[2] t) { t = Neg (x) },
          else_branch = b () => (float[2] e) { e = Abs (x) }
        >
      }`,
      reports: [],
    },
    {
      title: 'a body that reads a condition which the Loop does not have',
      model: `agraph (float[2] x) => (float[2] y) <int64 turns = {3}> {
        y = Loop (turns, , x) <
          body = b (int64 i, bool go, float[2] state) => (bool on, float[2] next) {
            on = Identity (go)
            next = Neg (state)
          }
        >
      }`,
      reports: ['unregistered'],
    },
    {
      title: 'a while loop that collects its states',
      model: `agraph (float[2] x) => (float[2] y, float[n, 2] all) <bool yes = {1}> {
        y, all = Loop ( , yes, x) <
          body = b (int64 i, bool go, float[2] state) => (bool on, float[2] next, float[2] seen) {
            on = Identity (go)
            next = Neg (state)
            seen = Identity (state)
          }
        >
      }`,
      reports: ['scanWithoutLimit'],
    },
    {
      title: 'a Loop whose state grows',
      model: `agraph (float[1] x) => (float[n] y) <int64 turns = {3}, bool yes = {1}> {
        y = Loop (turns, yes, x) <
          body = b (int64 i, bool go, float[1] state) => (bool on, float[2] grown) {
            on = Identity (go)
            grown = Concat <axis = 0> (x, x)
          }
        >
      }`,
      reports: ['carriedShape'],
    },
  ],
});
