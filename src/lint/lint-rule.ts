/** How a lint rule is written down; the runner (run-lint.ts) runs it. */
import type { Model } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import type { AttributeReader } from '../opset/attributes.ts';
import type { Extent } from './extents.ts';
import type { Basis, Confidence, Severity, Stage } from './finding.ts';
import type { MachineOptions } from './machine.ts';
import type { ParserValue, ParserView } from './parser-view.ts';
import type { Target } from './target.ts';

/** `{name}` in a message, but for those that the runner fills in itself. */
type Placeholders<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}`
  ? Exclude<Name, AutomaticArgument> | Placeholders<Rest>
  : never;

/** Filled in by the runner: the operator, the node's label, and the targets by name (`TensorRT 8.6 and 10.16`). */
export type AutomaticArgument = 'op' | 'node' | 'tensorrt';

export type MessageArguments<Text extends string> = { readonly [Name in Placeholders<Text>]: string | number };

type Templates = Record<string, string>;
/** One sentence for all messages, or one for each. */
type AdviceOf<Messages extends Templates> = string | { readonly [Id in keyof Messages]: string };
/** The advice that goes with a message. */
type AdviceText<Advice, Id> = Advice extends string ? Advice : Id extends keyof Advice ? Advice[Id] & string : never;

export interface ReportDetails {
  /** The value concerned, when the finding is about one. */
  readonly value?: Value | undefined;
  /** Where not the rule's own. */
  readonly severity?: Severity;
  readonly stage?: Stage;
  /** `certain` unless said otherwise; the runner lowers it for targets beyond what was read or observed. */
  readonly confidence?: Confidence;
  /** The fact that it rests on. */
  readonly basis?: Basis;
}

/** What every check may ask. */
export interface ModelContext<Messages extends Templates, Advice = string> {
  readonly model: Model;
  readonly target: Target;
  /** What TensorRT's parser sees of the model, for this target. */
  readonly view: ParserView;
  /** How large the dims of an input of the main graph may be. */
  extents(value: Value): readonly Extent[];
  report<Id extends keyof Messages & string>(
    message: Id,
    args: MessageArguments<Messages[Id] | AdviceText<Advice, Id>>,
    details?: ReportDetails,
  ): void;
}

export interface NodeContext<Messages extends Templates, Advice = string> extends ModelContext<Messages, Advice> {
  readonly node: Node;
  /** Subgraphs and calls that were entered on the way to it. */
  readonly depth: number;
  /** Imported opset version of ai.onnx where the node stands; 0 when none is imported. */
  readonly opset: number;
  /** Attributes with the schema's defaults; in a function body, with the values of the call. */
  readonly attributes: AttributeReader;
  /** undefined for an input that is not there. */
  input(index: number): ParserValue | undefined;
  output(index: number): ParserValue | undefined;
}

/**
 * A page of documentation that is also a test: a model in ONNX text, and the messages that the rule, run alone, must give
 * for the target, in graph order.
 */
export interface LintExample<Id extends string = string> {
  readonly title: string;
  readonly model: string;
  /** One target; the newest TensorRT whose parser was observed (11.4) when left out. */
  readonly target?: string;
  /** The machine and the flags of the target. */
  readonly machine?: MachineOptions;
  /** Bounds of dims by name, as `--dim` gives them. */
  readonly ranges?: Readonly<Record<string, readonly [least: number, most: number]>>;
  /** Opset of the text, when it names none; 17 when left out. */
  readonly opset?: number;
  readonly reports: readonly Id[];
}

interface Description<Messages extends Templates, Advice extends AdviceOf<Messages>> {
  /** `tensorrt/` and the file's stem: the thing found, never the cure. */
  readonly id: string;
  /** One sentence: what it finds. */
  readonly summary: string;
  /** Why TensorRT does so, or what goes wrong. */
  readonly why: string;
  readonly severity: Severity;
  /** Where the model is stopped: `parse` when left out. */
  readonly stage?: Stage;
  /** Message templates by id; `{name}` is an argument, and {op}, {node} and {tensorrt} are always there. */
  readonly messages: Messages;
  /** What to do: one sentence for all messages, or one for each. It may use the message's arguments. */
  readonly advice: Advice;
  /** Texts that TensorRT prints where the rule speaks; `{name}` stands for what differs from model to model. */
  readonly errors?: readonly string[];
  /** op_types the node check is for; every node when left out. */
  readonly operators?: readonly string[];
  /**
   * Messages about what simplify keeps: inputs and outputs, the opset, the flags. A model of which nothing else is said need not
   * be looked at again in its simplified form.
   */
  readonly lasting?: readonly (keyof Messages & string)[];
  readonly check?: (node: Node, context: NodeContext<Messages, Advice>) => void;
  readonly checkModel?: (context: ModelContext<Messages, Advice>) => void;
  readonly examples: readonly LintExample<keyof Messages & string>[];
}

/** A rule as the runner and the documentation see it. */
export interface LintRule extends Omit<Description<Templates, string>, 'check' | 'checkModel' | 'examples' | 'advice'> {
  readonly advice: string | Readonly<Templates>;
  readonly examples: readonly LintExample[];
  readonly check?: ((node: Node, context: NodeContext<Templates>) => void) | undefined;
  readonly checkModel?: ((context: ModelContext<Templates>) => void) | undefined;
}

/** Declares a lint rule; message arguments are typed from the templates, and examples may name declared messages only. */
export function lint<const Messages extends Templates, const Advice extends AdviceOf<Messages>>(
  rule: Description<Messages, Advice>,
): LintRule {
  return rule as unknown as LintRule;
}
