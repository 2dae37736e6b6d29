/**
 * The versions that each constraint of TensorRT's parser holds for. Rows are read from the source of onnx-tensorrt and the
 * documentation (generated/constraints.ts); an observation with the parser itself wins for the versions it was made with.
 */
import { type Confidence, parseVersion, version, type Version } from '../../../src/rule-kit.ts';
import { constraints, constraintSources } from './generated/constraints.ts';
import { observations } from './observations.ts';

export type ConstraintId = keyof typeof constraints | keyof typeof observations;

export interface Constraint {
  readonly id: ConstraintId;
  /** First and last version it holds for, both inclusive; Infinity where it still does. */
  readonly since: Version;
  readonly until: Version;
  readonly severity: 'error' | 'warning' | 'info';
  readonly uncertain: boolean;
  /** `repository@commit (release):path:line`, or how it was observed. */
  readonly source: string;
}

const decoded = new Map<ConstraintId, Constraint>();

export function constraint(id: ConstraintId): Constraint {
  let row = decoded.get(id);
  if (row === undefined) {
    row = decode(id);
    decoded.set(id, row);
  }
  return row;
}

/** What a report says of the constraint it rests on: spread into its details. */
export interface Evidence {
  readonly confidence: Confidence;
  readonly basis: Constraint;
}

/** How severe a report on the evidence may be: what was read with doubt, or is no more than a warning, rejects no model. */
export function severityOn({ confidence, basis }: Evidence): 'error' | 'warning' {
  return basis.severity === 'error' && confidence === 'certain' ? 'error' : 'warning';
}

/** The constraint as evidence at a version; undefined when it does not hold. */
export function evidence(id: ConstraintId, target: Version): Evidence | undefined {
  const confidence = holds(id, target);
  return confidence === undefined ? undefined : { confidence, basis: constraint(id) };
}

/** The constraint as the basis of a report, where it holds: for what the rule knows by itself, and the constraint tells the source of. */
export function grounds(id: ConstraintId, target: Version): { readonly basis?: Constraint } {
  return holds(id, target) === undefined ? {} : { basis: constraint(id) };
}

/** How sure it is that a constraint holds at a version; undefined when it does not hold. */
export function holds(id: ConstraintId, target: Version): Confidence | undefined {
  const { since, until, uncertain } = constraint(id);
  if (target < since || target > until) return undefined;
  return uncertain && target < version('10.16') ? 'likely' : 'certain';
}

function decode(id: ConstraintId): Constraint {
  const observed = (observations as Readonly<Record<string, Observation>>)[id];
  const text = (constraints as Readonly<Record<string, string>>)[id];
  const [since = '', until = '-', flags = 'e', place = '', line = ''] = text?.split(' ') ?? [];
  const from = observed?.since ?? since;
  const to = observed?.until === undefined ? until : (observed.until ?? '-');
  const read =
    text === undefined ? undefined : `${constraintSources[Number(place)] ?? ''}${line === '' ? '' : `:${line}`}`;
  return {
    id,
    since: parseVersion(from) ?? 0,
    until: to === '-' ? Infinity : (parseVersion(to) ?? 0),
    severity: observed?.severity ?? severityOf(flags),
    uncertain: observed === undefined && flags.endsWith('?'),
    source: [read, observed?.source].filter((part) => part !== undefined).join('; '),
  };
}

function severityOf(flags: string): Constraint['severity'] {
  return flags.startsWith('e') ? 'error' : flags.startsWith('w') ? 'warning' : 'info';
}

/** What the parser was seen to do; `since` and `until` replace what was read, `until: null` means still so. */
export interface Observation {
  readonly severity?: 'error' | 'warning' | 'info';
  readonly since?: `${number}.${number}`;
  readonly until?: `${number}.${number}` | null;
  readonly source: string;
}
