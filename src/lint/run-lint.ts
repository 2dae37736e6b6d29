/** Runs lint rules on a model for several targets, and merges what holds for more than one of them. */
import type { Facts } from '../infer/fact.ts';
import type { Graph } from '../ir/graph.ts';
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import type { AttributeReader } from '../opset/attributes.ts';
import type { Basis, Confidence, Finding, LintResult, Severity, Stage, TargetVerdict, Verdict } from './finding.ts';
import { type Extent, extentsOf, type ProfileRange } from './extents.ts';
import type { LintRule, ModelContext, NodeContext, ReportDetails } from './lint-rule.ts';
import { collectArguments, type ParserValue, ParserView } from './parser-view.ts';
import { sourceLineOf } from './source-line.ts';
import type { Target } from './target.ts';
import { isBeyondObservation, targetDescriber } from './target-names.ts';
import { supportedSubgraphs } from './supported-subgraphs.ts';
import { type Visit, visitsOf } from './walk.ts';

export { mergeAfterSimplify } from './after-simplify.ts';

export interface LintOptions {
  readonly targets: readonly Target[];
  readonly rules: readonly LintRule[];
  /** Bounds of dynamic dims that the user promises; none when absent. */
  readonly ranges?: ReadonlyMap<string, ProfileRange>;
}

/** What one check said for one target, before the targets are merged. */
interface Report {
  readonly rule: LintRule;
  readonly messageId: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly details: ReportDetails;
  readonly visit: Visit | undefined;
}

interface Group {
  readonly report: Report;
  readonly severity: Severity;
  readonly stage: Stage;
  readonly order: number;
  readonly certain: Target[];
  readonly likely: Target[];
  readonly basis: Basis[];
}

/** Findings in graph order, and a verdict for each target about the model as it is (`afterSimplify` repeats it). */
export function lintModel(model: Model, facts: Facts, options: LintOptions): LintResult {
  const visits = visitsOf(model);
  const plan = planOf(options.rules);
  const functionArguments = collectArguments(model);
  const groups = new Map<string, Group>();
  const orderOf = new Map<Node, number>();
  visits.forEach(({ node }, order) => {
    if (!orderOf.has(node)) orderOf.set(node, order);
  });
  const numbers = new Numbering();
  const views = new Map<string, ParserView>();
  let lastView: ParserView | undefined;
  const { ranges = new Map<string, ProfileRange>() } = options;
  const extents = (value: Value): readonly Extent[] => extentsOf(value, ranges);
  const viewOf = (target: Target): ParserView => {
    const key = `${target.product} ${target.version}`;
    let view = views.get(key);
    if (view === undefined) {
      view = new ParserView(model, facts, target.version, functionArguments, lastView);
      views.set(key, (lastView = view));
    }
    return view;
  };
  for (const target of options.targets) {
    const view = viewOf(target);
    for (const report of reportsFor({ model, target, view, extents }, visits, plan)) {
      const severity = report.details.severity ?? report.rule.severity;
      const stage = report.details.stage ?? report.rule.stage ?? 'parse';
      const order = report.visit === undefined ? -1 : (orderOf.get(report.visit.node) ?? -1);
      const mergeKey = keyOf(report, `${order} ${numbers.of(report.details.value)} ${severity} ${stage}`);
      const group: Group = groups.get(mergeKey) ?? {
        report,
        severity,
        stage,
        order,
        certain: [],
        likely: [],
        basis: [],
      };
      groups.set(mergeKey, group);
      const confidence: Confidence = isBeyondObservation(target) ? 'likely' : (report.details.confidence ?? 'certain');
      const list = confidence === 'certain' ? group.certain : group.likely;
      if (!list.includes(target)) list.push(target);
      const { basis } = report.details;
      if (basis !== undefined && !group.basis.some(({ id }) => id === basis.id))
        group.basis.push({ id: basis.id, source: basis.source });
    }
  }
  const ordered = [...groups.values()].sort((a, b) => a.order - b.order);
  const words: Words = { describe: targetDescriber(), paths: new Map() };
  return {
    targets: options.targets.map((target) => targetVerdict(target, viewOf(target), ordered, visits)),
    findings: ordered.map((group) => findingOf(model, group, options.targets, words)),
  };
}

/** Equal for reports that say the same. */
function keyOf({ rule, messageId, arguments: own }: Report, place: string): string {
  let key = `${place} ${rule.id} ${messageId}`;
  for (const name in own) key += `\0${name}\0${own[name] ?? ''}`;
  return key;
}

/** Rules by op_type, so that a node meets those only that may have something to say about it. */
interface Plan {
  readonly byOperator: ReadonlyMap<string, readonly LintRule[]>;
  readonly everyNode: readonly LintRule[];
  readonly wholeModel: readonly LintRule[];
}

function planOf(rules: readonly LintRule[]): Plan {
  const byOperator = new Map<string, LintRule[]>();
  const everyNode: LintRule[] = [];
  for (const rule of rules) {
    if (rule.check === undefined) continue;
    if (rule.operators === undefined) everyNode.push(rule);
    for (const operator of rule.operators ?? []) {
      const list = byOperator.get(operator);
      if (list === undefined) byOperator.set(operator, [rule]);
      else list.push(rule);
    }
  }
  return { byOperator, everyNode, wholeModel: rules.filter(({ checkModel }) => checkModel !== undefined) };
}

type Templates = Record<string, string>;

/** What the checks of one target share. */
type Shared = Pick<ModelContext<Templates>, 'model' | 'target' | 'view' | 'extents'>;

function reportsFor(shared: Shared, visits: readonly Visit[], plan: Plan): Report[] {
  const reports: Report[] = [];
  for (const rule of plan.wholeModel) {
    const report: ModelContext<Templates>['report'] = (messageId, args, details = {}) => {
      reports.push({ rule, messageId, arguments: args as Readonly<Templates>, details, visit: undefined });
    };
    rule.checkModel?.({ ...shared, report });
  }
  const context = new VisitContext(shared, reports);
  for (const visit of visits) {
    const { node } = visit;
    for (const rule of plan.everyNode) rule.check?.(node, context.at(visit, rule));
    for (const rule of plan.byOperator.get(node.opType) ?? []) rule.check?.(node, context.at(visit, rule));
  }
  return reports;
}

/** What the checks of one target see: one object for all, since most checks look once and have nothing to say. */
class VisitContext implements NodeContext<Templates> {
  readonly model: Model;
  readonly target: Target;
  readonly view: ParserView;
  readonly extents: Shared['extents'];
  readonly #reports: Report[];
  #visit!: Visit;
  #rule!: LintRule;

  constructor(shared: Shared, reports: Report[]) {
    this.model = shared.model;
    this.target = shared.target;
    this.view = shared.view;
    this.extents = shared.extents;
    this.#reports = reports;
  }

  /** For one check, until the next is asked for. */
  at(visit: Visit, rule: LintRule): this {
    this.#visit = visit;
    this.#rule = rule;
    return this;
  }

  get node(): Node {
    return this.#visit.node;
  }

  get depth(): number {
    return this.#visit.depth;
  }

  get attributes(): AttributeReader {
    return this.#visit.attributes;
  }

  get opset(): number {
    return this.#visit.graph.opsetVersion('') ?? 0;
  }

  // Rules take these out of the context, so they are bound.
  readonly report: NodeContext<Templates>['report'] = (messageId, args, details = {}) => {
    const [rule, visit] = [this.#rule, this.#visit];
    this.#reports.push({ rule, messageId, arguments: args as Readonly<Templates>, details, visit });
  };

  readonly input = (index: number): ParserValue | undefined => this.view.input(this.#visit.node, index);

  readonly output = (index: number): ParserValue | undefined => {
    const value = this.#visit.node.outputs[index];
    return value === undefined ? undefined : this.view.value(value);
  };
}

/** What many findings share. */
interface Words {
  readonly describe: (targets: readonly Target[]) => string;
  readonly paths: Map<Graph, readonly string[]>;
}

function pathOf(graph: Graph, { paths }: Words): readonly string[] {
  let path = paths.get(graph);
  if (path === undefined) paths.set(graph, (path = graph.path));
  return path;
}

function findingOf(model: Model, group: Group, allTargets: readonly Target[], words: Words): Finding {
  const { report, severity, stage } = group;
  const { rule, messageId, visit, details } = report;
  const holdsFor = allTargets.filter((target) => group.certain.includes(target) || group.likely.includes(target));
  const args: Record<string, string | number> = {
    ...report.arguments,
    op: visit?.node.operator ?? '',
    node: labelOf(report),
    tensorrt: words.describe(holdsFor),
  };
  const advice = typeof rule.advice === 'string' ? rule.advice : (rule.advice[messageId] ?? '');
  const source = visit === undefined ? undefined : sourceLineOf(visit.node);
  return {
    rule: rule.id,
    messageId,
    arguments: args,
    message: fill(rule.messages[messageId] ?? '', args),
    advice: fill(advice, args),
    severity,
    confidence: group.certain.length > 0 ? 'certain' : 'likely',
    stage,
    targets: holdsFor.map(({ name }) => name),
    ...(group.certain.length > 0 && group.likely.length > 0 && { likelyTargets: group.likely.map(({ name }) => name) }),
    ...(group.basis.length > 0 && { basis: group.basis }),
    graph: visit === undefined ? [model.graph.name] : pathOf(visit.graph, words),
    node: labelOf(report),
    nodeIndex: visit?.index,
    opType: visit?.node.opType ?? '',
    value: details.value?.name ?? '',
    goneAfterSimplify: false,
    ...(source !== undefined && { source }),
  };
}

function labelOf(report: Report): string {
  return report.visit?.node.label ?? '';
}

/** Message templates with their arguments in place. */
function fill(template: string, args: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(args, name) ? String(args[name]) : whole,
  );
}

function targetVerdict(
  target: Target,
  view: ParserView,
  groups: readonly Group[],
  visits: readonly Visit[],
): TargetVerdict {
  const mine = groups.filter(({ certain, likely }) => certain.includes(target) || likely.includes(target));
  const verdict = verdictOf(mine);
  const subgraphs =
    verdict.stage === 'parse'
      ? supportedSubgraphs(
          visits,
          mine
            .filter(({ severity, stage }) => severity === 'error' && stage === 'parse')
            .map(({ report: { visit, details } }) => ({ visit, value: details.value })),
          (value) => {
            const { dataType, type, isNoTensor } = view.value(value);
            return !isNoTensor && (dataType === undefined || type !== undefined);
          },
        )
      : undefined;
  return {
    target: target.name,
    ...verdict,
    ...(subgraphs !== undefined && { supportedSubgraphs: subgraphs }),
    afterSimplify: verdict,
  };
}

function verdictOf(groups: readonly Pick<Group, 'severity' | 'stage'>[]): Verdict {
  const errors = groups.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    return { verdict: 'rejected', stage: errors.some(({ stage }) => stage === 'parse') ? 'parse' : 'build' };
  const warned = groups.some(({ severity }) => severity === 'warning');
  return { verdict: warned ? 'accepted-with-warnings' : 'accepted', stage: null };
}

/** Small numbers for objects that serve as part of a key. */
class Numbering {
  readonly #numbers = new Map<object, number>();

  of(object: object | undefined): number {
    if (object === undefined) return -1;
    const known = this.#numbers.get(object) ?? this.#numbers.size;
    this.#numbers.set(object, known);
    return known;
  }
}
