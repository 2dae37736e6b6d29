/** Functions of a model: that each is one thing, calls no circle, and agrees with the model on what operators mean. */
import type { FunctionDefinition, Model } from '../ir/model.ts';
import { normalDomain, withSubgraphs } from '../ir/model.ts';
import { modelRule } from '../ir/problem.ts';
import { findSchema } from '../opset/schema.ts';
import { shown } from './imports.ts';
import type { ProblemList } from './problem-list.ts';

export const functionRule = modelRule({
  id: 'model/function-definition',
  summary: 'A function is defined twice, or lists a name twice.',
  why: 'Domain, name and overload identify a function; its inputs, outputs and attributes have names of their own (IR.md, Functions).',
  severity: 'error',
  effect: 'refuse',
  messages: {
    twice: 'the function {function} is defined twice',
    output: "the function {function} lists the output '{name}' twice",
    attribute: "the function {function} lists the attribute '{name}' twice",
  },
  advice: '',
});

export const recursionRule = modelRule({
  id: 'model/recursive-function',
  summary: 'Functions call each other in a circle, or too deeply.',
  why: 'Functions must not be recursive (IR.md, Functions); onnx.checker follows calls of calls to a depth of 100.',
  severity: 'error',
  effect: 'refuse',
  messages: {
    cycle: 'functions call each other in a circle: {cycle}',
    depth: 'calls of functions are nested more than {limit} deep',
  },
  advice: '',
});

export const functionOpsetRule = modelRule({
  id: 'model/function-opset',
  summary: 'A function imports another version of an operator set than the model, and an operator it uses differs.',
  why: 'The model and its functions must mean the same operators (onnx.checker); many runtimes read functions with the imports of the model.',
  severity: 'error',
  effect: 'keep',
  messages: {
    version:
      'the function {function} uses {op} of {domain} {own}, which is another operator in version {other} of the model',
  },
  advice: '',
});

const MAXIMUM_CALL_DEPTH = 100;

export function checkFunctions(model: Model, list: ProblemList): void {
  if (model.functions.length === 0) return;
  const byKey = new Map<string, FunctionDefinition>();
  for (const definition of model.functions) {
    const graph = definition.body;
    if (byKey.has(keyOf(definition))) list.report(functionRule, 'twice', { function: nameOf(definition) }, { graph });
    else byKey.set(keyOf(definition), definition);
    for (const name of repeated(graph.outputs.map((value) => value.name)))
      list.report(functionRule, 'output', { function: nameOf(definition), name }, { graph });
    const attributes = [...definition.attributeNames, ...definition.attributeDefaults.map((held) => held.name)];
    for (const name of repeated(attributes))
      list.report(functionRule, 'attribute', { function: nameOf(definition), name }, { graph });
  }
  checkCalls(model, byKey, list);
  checkOpsets(model, list);
}

function repeated(names: readonly string[]): Set<string> {
  const seen = new Set<string>();
  return new Set(names.filter((name) => seen.has(name) || !seen.add(name)));
}

function keyOf({ domain, name, overload }: Pick<FunctionDefinition, 'domain' | 'name' | 'overload'>): string {
  return `${normalDomain(domain)}\n${name}\n${overload}`;
}

function nameOf({ domain, name, overload }: FunctionDefinition): string {
  return `${shown(normalDomain(domain))}::${name}${overload === '' ? '' : `:${overload}`}`;
}

function calleesOf({ body }: FunctionDefinition, byKey: ReadonlyMap<string, FunctionDefinition>): FunctionDefinition[] {
  const callees = new Set<FunctionDefinition>();
  for (const graph of withSubgraphs(body))
    for (const { domain, opType, overload } of graph.nodes) {
      const callee = byKey.get(keyOf({ domain, name: opType, overload }));
      if (callee !== undefined) callees.add(callee);
    }
  return [...callees];
}

/** Depth first; the first circle through a function ends the search there. */
function checkCalls(model: Model, byKey: ReadonlyMap<string, FunctionDefinition>, list: ProblemList): void {
  const depths = new Map<FunctionDefinition, number>();
  const onPath = new Set<FunctionDefinition>();
  for (const start of model.functions) {
    if (depths.has(start)) continue;
    const path = [{ definition: start, callees: calleesOf(start, byKey), depth: 1 }];
    onPath.add(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const callee = top.callees.pop();
      if (callee === undefined) {
        depths.set(top.definition, top.depth);
        onPath.delete(top.definition);
        path.pop();
        const caller = path.at(-1);
        if (caller !== undefined) caller.depth = Math.max(caller.depth, top.depth + 1);
      } else if (onPath.has(callee)) {
        const names = path.map(({ definition }) => definition);
        const cycle = [...names.slice(names.indexOf(callee)), callee].map(nameOf).join(' -> ');
        list.report(recursionRule, 'cycle', { cycle }, { graph: callee.body });
      } else if (depths.has(callee)) top.depth = Math.max(top.depth, (depths.get(callee) ?? 0) + 1);
      else {
        path.push({ definition: callee, callees: calleesOf(callee, byKey), depth: 1 });
        onPath.add(callee);
      }
    }
  }
  if (Math.max(...depths.values()) > MAXIMUM_CALL_DEPTH)
    list.report(recursionRule, 'depth', { limit: MAXIMUM_CALL_DEPTH }, {}, { effect: 'keep' });
}

/** What the model does not import itself, the first function that does imports for it. */
function checkOpsets(model: Model, list: ProblemList): void {
  const merged = new Map(model.opsetImports);
  for (const { opsetImports } of model.functions)
    for (const [domain, version] of opsetImports) if (!merged.has(domain)) merged.set(domain, version);
  for (const definition of model.functions) {
    const { body, opsetImports } = definition;
    const differing = [...opsetImports].filter(([domain, version]) => merged.get(domain) !== version);
    if (differing.length === 0) continue;
    const reported = new Set<string>();
    for (const node of body.nodes) {
      const own = opsetImports.get(node.domain);
      const other = merged.get(node.domain);
      if (own === undefined || other === undefined || own === other || reported.has(node.operator)) continue;
      if (
        findSchema(node.domain, node.opType, own)?.sinceVersion ===
        findSchema(node.domain, node.opType, other)?.sinceVersion
      )
        continue;
      reported.add(node.operator);
      const domain = shown(node.domain);
      list.report(
        functionOpsetRule,
        'version',
        { function: nameOf(definition), op: node.opType, domain, own, other },
        { node },
      );
    }
  }
}
