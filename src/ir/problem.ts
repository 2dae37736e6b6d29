/** What is not valid in a model, as data: found while it is read (serde/) or by looking at its graph (check/). */
import { describePlace, ModelError, type Place } from '../base/errors.ts';

export type ProblemSeverity = 'error' | 'warning' | 'info';

/**
 * What follows from a problem. `refuse`: what the model computes cannot be told, or it computes nothing. `repair`: what is
 * meant is clear, and `simplify` and `lint --fix` put it right. `keep`: what is meant is clear, and it stays as it is.
 */
export type Effect = 'refuse' | 'repair' | 'keep';

type Templates = Readonly<Record<string, string>>;

/** One thing that the standard asks of a model, and how it is said that a model does not keep it. */
export interface ModelRule<Messages extends Templates = Templates> {
  /** `model/` and the thing that is found. */
  readonly id: `model/${string}`;
  /** One sentence: what it finds. */
  readonly summary: string;
  /** What the standard says, and where. */
  readonly why: string;
  readonly severity: ProblemSeverity;
  readonly effect: Effect;
  /** Message templates by id; `{name}` is an argument. */
  readonly messages: Messages;
  /** What to do: one sentence for all messages, or one for each. It may use the message's arguments. */
  readonly advice: string | { readonly [Id in keyof Messages]?: string };
}

export function modelRule<const Messages extends Templates>(rule: ModelRule<Messages>): ModelRule<Messages> {
  return rule;
}

type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Name | Placeholders<Rest>
  : never;

export type ProblemArguments<Text extends string> = { readonly [Name in Placeholders<Text>]: string | number };

/** Where a problem is; `node` is the node's label. */
export interface ProblemPlace extends Place {
  /** Position of the node in its graph's file order. */
  readonly nodeIndex?: number;
  readonly opType?: string;
}

export interface Problem {
  readonly rule: string;
  readonly messageId: string;
  readonly arguments: Readonly<Record<string, string | number>>;
  readonly message: string;
  /** '' when there is none. */
  readonly advice: string;
  readonly severity: ProblemSeverity;
  readonly effect: Effect;
  readonly place: ProblemPlace;
}

/** How bad it is in the case at hand, where that is not what the rule says. */
export interface ProblemWeight {
  readonly severity?: ProblemSeverity;
  readonly effect?: Effect;
}

export function makeProblem<Messages extends Templates, Id extends keyof Messages & string>(
  rule: ModelRule<Messages>,
  messageId: Id,
  args: ProblemArguments<Messages[Id]>,
  place: ProblemPlace,
  weight: ProblemWeight = {},
): Problem {
  const { advice } = rule;
  return {
    rule: rule.id,
    messageId,
    arguments: args,
    message: fill(rule.messages[messageId] ?? '', args),
    advice: fill((typeof advice === 'string' ? advice : advice[messageId]) ?? '', args),
    severity: weight.severity ?? rule.severity,
    effect: weight.effect ?? rule.effect,
    place,
  };
}

function fill(template: string, args: Readonly<Record<string, string | number>>): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(args, name) ? String(args[name]) : whole,
  );
}

/** A model that cannot be worked on, with all that was found. The first problem is also the error's own message and place. */
export class InvalidModelError extends ModelError {
  override name = 'InvalidModelError';
  readonly problems: readonly Problem[];

  /** `problems` has those that refuse the model, and is not empty. */
  constructor(problems: readonly Problem[], file?: string) {
    const [first] = problems;
    const { nodeIndex: _, opType: __, ...place } = first?.place ?? {};
    super(
      first?.message ?? 'the model is not valid',
      { ...(file !== undefined && { file }), ...place },
      first === undefined || first.advice === '' ? undefined : first.advice,
    );
    this.problems = problems;
  }
}

export function refuses({ effect }: Problem): boolean {
  return effect === 'refuse';
}

/** One line: where, and what. */
export function problemText({ place, message }: Problem): string {
  const where = describePlace(place);
  return where === '' ? message : `${where}: ${message}`;
}
