import { lint, type LintModel, MAXIMUM_NESTING, version } from '../../src/rule-kit.ts';
import { evidence } from './facts/constraints.ts';
import { dispatch } from './facts/dispatch.ts';

/** Functions that share a name, as the parser keys them. */
const collisions = new WeakMap<LintModel, ReadonlySet<string>>();

function sharedNames(model: LintModel): ReadonlySet<string> {
  let found = collisions.get(model);
  if (found === undefined) {
    const seen = new Set<string>();
    const shared = new Set<string>();
    for (const { name } of model.functions) {
      if (seen.has(name)) shared.add(name);
      seen.add(name);
    }
    found = shared;
    collisions.set(model, found);
  }
  return found;
}

export default lint({
  id: 'tensorrt/function-call',
  summary: 'A function of the model is called in a way that the parser cannot follow.',
  why: 'The parser keeps functions by name alone, wants as many inputs as the function declares, and follows calls and subgraphs 24 deep.',
  severity: 'error',
  errors: ['Error: Weights of same values but of different counts are used in the network!'],
  messages: {
    collision:
      '{op} {node} calls a function whose name another function of the model has too; {tensorrt} takes the first.',
    count: '{op} {node} passes {given} inputs to a function that declares {declared}; {tensorrt} wants as many.',
    omitted: '{op} {node} leaves out an input of the function it calls; {tensorrt} has no such value.',
    depth: '{op} {node} stands {limit} subgraphs and calls deep; {tensorrt} goes no further.',
  },
  advice: {
    collision: 'Give the functions names of their own, or inline them.',
    count: 'Inline the function, or pass all its inputs.',
    omitted: 'Inline the function, or pass all its inputs.',
    depth: 'Inline the functions before you hand the model over.',
  },

  check(node, { model, target, depth, report }) {
    if (target.version < version('9.0')) return;
    if (depth >= MAXIMUM_NESTING && (node.subgraphs.length > 0 || model.hasFunctionNamed(node.opType))) {
      const found = evidence('model-nesting-depth', target.version);
      if (found !== undefined) report('depth', { limit: MAXIMUM_NESTING }, found);
    }
    if (dispatch(model, node, target) !== 'function') return;
    const collision = evidence('function-name-collision', target.version);
    if (collision !== undefined && sharedNames(model).has(node.opType))
      report('collision', {}, { ...collision, severity: 'warning' });
    const definition = model.functions.find(({ name }) => name === node.opType);
    if (definition === undefined) return;
    const declared = definition.body.inputs.length;
    const count = evidence('function-input-count', target.version);
    const omitted = evidence('function-empty-input', target.version);
    if (count !== undefined && node.inputs.length !== declared)
      report('count', { given: node.inputs.length, declared }, count);
    else if (omitted !== undefined && node.inputs.includes(undefined)) report('omitted', {}, omitted);
  },

  examples: [
    {
      title: 'two functions of one name',
      model: `<ir_version: 10, opset_import: ["" : 17, "a" : 1, "b" : 1]>
        agraph (float[2] x) => (float[2] y) { y = b.Step (x) }
        <domain: "a", opset_import: ["" : 17]>
        Step (p) => (q) { q = Neg (p) }
        <domain: "b", opset_import: ["" : 17]>
        Step (p) => (q) { q = Abs (p) }`,
      reports: ['collision'],
    },
    {
      title: 'a call that leaves off the last input',
      model: `<ir_version: 10, opset_import: ["" : 17, "local" : 1]>
        agraph (float[2] x) => (float[2] y) { y = local.Scale (x) }
        <domain: "local", opset_import: ["" : 17]>
        Scale (p, factor) => (q) { q = Neg (p) }`,
      reports: ['count'],
    },
    {
      title: 'a call that leaves out an input in the middle',
      model: `<ir_version: 10, opset_import: ["" : 17, "local" : 1]>
        agraph (float[2] x) => (float[2] y) { y = local.Scale ( , x) }
        <domain: "local", opset_import: ["" : 17]>
        Scale (factor, p) => (q) { q = Neg (p) }`,
      reports: ['omitted'],
    },
    {
      title: 'functions that call functions, 25 deep',
      model: `<ir_version: 10, opset_import: ["" : 17, "local" : 1]>
        agraph (float[2] x) => (float[2] y) { y = local.F0 (x) }
        ${Array.from(
          { length: 26 },
          (_, index) =>
            `<domain: "local", opset_import: ["" : 17, "local" : 1]> F${index} (p) => (q) { q = ${index < 25 ? `local.F${index + 1}` : 'Neg'} (p) }`,
        ).join('\n')}`,
      reports: ['depth'],
    },
    {
      title: 'a plain call',
      model: `<ir_version: 10, opset_import: ["" : 17, "local" : 1]>
        agraph (float[2] x) => (float[2] y) { y = local.Step (x) }
        <domain: "local", opset_import: ["" : 17]>
        Step (p) => (q) { q = Neg (p) }`,
      reports: [],
    },
  ],
});
