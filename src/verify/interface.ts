/** Which input and output of one model is which of another. */
import { UsageError } from '../base/errors.ts';
import type { Model } from '../ir/model.ts';
import type { Value } from '../ir/value.ts';

/** Names in B by names in A. */
export interface Correspondence {
  readonly inputs: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, string>;
  /** Outputs that one of the two lacks. */
  readonly missing: readonly { readonly name: string; readonly in: 'A' | 'B' }[];
  /** What the reader should know: that names did not settle it. */
  readonly notes: readonly string[];
}

/** Inputs that whoever runs the model must give. */
export function requiredInputs({ graph }: Model): Value[] {
  return graph.inputs.filter(({ initializer, sparseInitializer }) => (initializer ?? sparseInitializer) === undefined);
}

/**
 * By name where the names are the same, else by position where there are as many; an output without a partner is missing.
 * UsageError when the inputs do not correspond.
 */
export function correspond(a: Model, b: Model): Correspondence {
  const notes: string[] = [];
  const [ours, theirs] = [requiredInputs(a), requiredInputs(b)].map((values) => values.map(({ name }) => name)) as [
    string[],
    string[],
  ];
  const isNamedAlike = ours.length === theirs.length && ours.every((name) => theirs.includes(name));
  if (!isNamedAlike && ours.length !== theirs.length)
    throw new UsageError(
      `the models take different inputs: A ${listed(ours)}, B ${listed(theirs)}`,
      'models to compare must take the same inputs',
    );
  if (!isNamedAlike) notes.push(`inputs are matched by position: ${pairs(ours, theirs)}`);
  const inputs = new Map(ours.map((name, index) => [name, isNamedAlike ? name : (theirs[index] ?? '')]));
  const results = a.graph.outputs.map(({ name }) => name);
  const others = b.graph.outputs.map(({ name }) => name);
  const common = results.filter((name) => others.includes(name));
  if (common.length === 0 && results.length === others.length) {
    notes.push(`outputs are matched by position: ${pairs(results, others)}`);
    return { inputs, outputs: new Map(results.map((name, index) => [name, others[index] ?? ''])), missing: [], notes };
  }
  const missing = [
    ...results.filter((name) => !others.includes(name)).map((name) => ({ name, in: 'B' as const })),
    ...others.filter((name) => !results.includes(name)).map((name) => ({ name, in: 'A' as const })),
  ];
  return { inputs, outputs: new Map(common.map((name) => [name, name])), missing, notes };
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.map((name) => `'${name}'`).join(', ');
}

function pairs(ours: readonly string[], theirs: readonly string[]): string {
  return ours.map((name, index) => `${name} = ${theirs[index]}`).join(', ');
}
