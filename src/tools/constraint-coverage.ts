/** What becomes of every constraint of TensorRT's parser: which finding covers it, or why there is none. */
import { constraint, type ConstraintId } from '../../rules/tensorrt/facts/constraints.ts';
import type { ConstraintExample } from '../../rules/tensorrt/facts/constraint-example.ts';
import { constraintExamples } from '../../rules/tensorrt/facts/constraint-examples.ts';
import { constraints } from '../../rules/tensorrt/facts/generated/constraints.ts';
import { leftOut, refuted, sameAs } from '../../rules/tensorrt/facts/left-out.ts';
import { tensorrtRules } from '../../rules/tensorrt-rules.ts';
import { lint } from '../api/lint.ts';
import { inferModel } from '../infer/infer-model.ts';
import type { Finding } from '../lint/finding.ts';
import { lintModel } from '../lint/run-lint.ts';
import { allTargets, defaultTargetNames, parseTargets, type Target } from '../lint/target.ts';
import { isBeyondObservation } from '../lint/target-names.ts';
import { formatVersion, version, type Version } from '../lint/version.ts';
import { parseModel } from '../text/parse.ts';

/** The newest parser that was observed. */
const OBSERVED = 'tensorrt@11.4';

/** 8.1 and 8.3 take the facts of the release below them. */
const releases = allTargets().filter(
  (target) => target.product === 'tensorrt' && (target.version > version('11.4') || !isBeyondObservation(target)),
);

/** The newest release that the constraint holds for, as far as it was observed. */
export function targetOf({ constraint: id, target, machine }: ConstraintExample): Target {
  const name = target ?? formatTarget(newestOf(id));
  const targets = defaultTargetNames.includes(name)
    ? parseTargets(undefined, machine).filter((candidate) => candidate.name === name)
    : parseTargets([name], machine);
  const [found] = targets;
  if (found === undefined) throw new Error(`${id}: no target ${name}`);
  return found;
}

function newestOf(id: string): number {
  const observed = parseTargets([OBSERVED])[0]?.version ?? 0;
  const { since, until } = constraint(id as ConstraintId);
  return (
    releases.findLast((target) => target.version <= Math.min(until, observed) && target.version >= since)?.version ??
    observed
  );
}

const formatTarget = (release: Version): string => `tensorrt@${formatVersion(release)}`;

/** The finding of an example that rests on its constraint; undefined when there is none. */
export function findingOf(example: ConstraintExample, target = targetOf(example)): Finding | undefined {
  const model = parseModel(example.model, { opset: example.opset ?? 17 });
  if (example.modelRule !== undefined)
    return lint(model, { targets: [target.name] }).findings.find(({ rule }) => rule === example.modelRule);
  const { findings } = lintModel(model, inferModel(model), { targets: [target], rules: tensorrtRules });
  return findings.find(({ basis }) => basis?.some(({ id }) => id === example.constraint) === true);
}

/** A release next to those that the constraint holds for; undefined when it holds for all. */
export function targetOutside({ constraint: id, machine }: ConstraintExample): Target | undefined {
  const { since, until } = constraint(id as ConstraintId);
  const outside =
    releases.find((target) => target.version > until) ?? releases.findLast((target) => target.version < since);
  if (outside === undefined) return undefined;
  return parseTargets(undefined, machine)[0] === undefined ? undefined : { ...outside, ...machineOf(machine) };
}

function machineOf(machine: ConstraintExample['machine']): Partial<Target> {
  const [any] = parseTargets(undefined, machine);
  return any === undefined ? {} : { gpu: any.gpu, dla: any.dla, precisions: any.precisions, plugins: any.plugins };
}

export interface Accounted {
  readonly id: string;
  readonly state: 'covered' | 'same' | 'left out' | 'refuted';
  /** The rule and message, the constraint that says the same, or the reason. */
  readonly by: string;
}

/** Every constraint, in the order of the table; throws when one is not accounted for. */
export function accountForConstraints(): readonly Accounted[] {
  const examples = new Map(constraintExamples.map((example) => [example.constraint, example]));
  return Object.keys(constraints).map((id): Accounted => {
    const example = examples.get(id);
    if (example !== undefined) {
      const finding = findingOf(example);
      if (finding === undefined) throw new Error(`${id}: the example shows no finding`);
      const by = `${finding.rule} (${finding.messageId})`;
      return { id, state: refuted.includes(id) ? 'refuted' : 'covered', by };
    }
    const same = sameAs[id];
    if (same !== undefined) return { id, state: 'same', by: same };
    const reason = leftOut[id];
    if (reason === undefined) throw new Error(`${id}: neither covered nor left out`);
    return { id, state: 'left out', by: reason };
  });
}

export function coverageTable(rows: readonly Accounted[]): string {
  const count = (state: Accounted['state']): number => rows.filter((row) => row.state === state).length;
  const words: Readonly<Record<Accounted['state'], string>> = {
    covered: 'covered',
    same: 'says what another says',
    'left out': 'left out',
    refuted: 'refuted for 10.16 and later',
  };
  return [
    '# Constraints of TensorRT',
    '',
    'Written by `npm run generate`: what becomes of each constraint that was read in the source and documentation of TensorRT 7.0 to 11.5',
    '(facts/generated/constraints.ts). A covered one has a model that shows it in facts/constraint-examples.ts, which the tests run.',
    '',
    `${rows.length} constraints: ${count('covered')} covered, ${count('same')} that say what another says, ${count('left out')} left out, ` +
      `${count('refuted')} refuted by observation for the newest releases and covered for older ones.`,
    '',
    '| constraint | versions | | finding, or why there is none |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ id, state, by }) => `| ${id} | ${spanOf(id)} | ${words[state]} | ${by.replaceAll('|', '\\|')} |`),
    '',
  ].join('\n');
}

function spanOf(id: string): string {
  const { since, until } = constraint(id as ConstraintId);
  return `${formatVersion(since)}${until === Infinity ? ' on' : ` to ${formatVersion(until)}`}`;
}
