import type { Attribute } from '../ir/attribute.ts';
import { type FunctionDefinition, type Model, normalDomain } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import { joinFacts, sameType } from './combine.ts';
import { type Fact, UNKNOWN_FACT } from './fact.ts';
import { type Frame, MAIN_FRAME } from './scope.ts';
import type { SymbolTable } from './symbol-table.ts';

/** What all calls of a function have in common. */
export interface CommonCall {
  readonly inputs: readonly Fact[];
  /** Attributes on which all calls agree. */
  readonly attributes: ReadonlyMap<string, Attribute | undefined>;
  readonly omitted: ReadonlySet<FunctionDefinition['body']['inputs'][number]>;
}

/** Local functions: which one a node calls, and what its calls hand it. */
export class FunctionCalls {
  readonly #common = new Map<FunctionDefinition, CommonCall | 'unknown'>();
  /** True once all calls of the model have been met: what is inferred afterwards repeats them. */
  #isComplete = false;
  #functions: readonly FunctionDefinition[] | undefined;
  #byKey = new Map<string, FunctionDefinition>();

  /** The function a node calls; it goes before a standard operator of the same name. */
  find(model: Model, node: Node): FunctionDefinition | undefined {
    if (model.functions.length === 0) return undefined;
    if (this.#functions !== model.functions) {
      this.#functions = model.functions;
      this.#byKey = new Map(
        [...model.functions]
          .reverse()
          .map((definition) => [keyOf(definition.domain, definition.name, definition.overload), definition]),
      );
    }
    return this.#byKey.get(keyOf(node.domain, node.opType, node.overload));
  }

  /** Values of the function's attributes in a call with these attributes. */
  bindingsOf(
    definition: FunctionDefinition,
    given: ReadonlyMap<string, Attribute>,
  ): ReadonlyMap<string, Attribute | undefined> {
    const bindings = new Map<string, Attribute | undefined>();
    for (const name of definition.attributeNames) bindings.set(name, given.get(name));
    for (const [name, attribute] of definition.defaultsByName()) bindings.set(name, given.get(name) ?? attribute);
    return bindings;
  }

  note(definition: FunctionDefinition, frame: Frame, inputs: readonly Fact[], symbols: SymbolTable): void {
    const known = this.#common.get(definition);
    if (known === 'unknown' || this.#isComplete) return;
    if (known === undefined) {
      this.#common.set(definition, { inputs, attributes: frame.attributes, omitted: frame.omitted });
      return;
    }
    const joined = definition.body.inputs.map((value, index) =>
      joinFacts(
        known.inputs[index] ?? UNKNOWN_FACT,
        inputs[index] ?? UNKNOWN_FACT,
        (axis) => symbols.dim(value, axis, MAIN_FRAME),
        (element) => symbols.element(value, element, MAIN_FRAME),
      ),
    );
    const attributes = new Map(
      [...known.attributes].filter(([name, value]) => sameAttribute(value, frame.attributes.get(name))),
    );
    // Where an input is there in some calls only, nothing is known of it.
    const omitted = new Set([...known.omitted].filter((value) => frame.omitted.has(value)));
    this.#common.set(definition, { inputs: joined, attributes, omitted });
  }

  /** A call that could not be followed: its arguments may be anything. */
  noteUnknown(definition: FunctionDefinition): void {
    if (!this.#isComplete) this.#common.set(definition, 'unknown');
  }

  close(): void {
    this.#isComplete = true;
  }

  /** What is known in the body whichever call it is. A function that nobody calls is known nothing of. */
  commonCall(definition: FunctionDefinition): CommonCall {
    const known = this.#common.get(definition);
    if (known !== undefined && known !== 'unknown') return known;
    return { inputs: definition.body.inputs.map(() => UNKNOWN_FACT), attributes: new Map(), omitted: new Set() };
  }
}

function keyOf(domain: string, name: string, overload: string): string {
  return `${normalDomain(domain)}\n${name}\n${overload}`;
}

function sameAttribute(a: Attribute | undefined, b: Attribute | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.kind !== b.kind || a.kind === 'reference' || b.kind === 'reference')
    return false;
  switch (a.kind) {
    case 'int':
    case 'float':
      return a.value === b.value;
    case 'ints':
    case 'floats':
      return String(a.value) === String(b.value);
    case 'string':
      return String(a.value) === String(b.value);
    case 'type_proto':
      return b.kind === 'type_proto' && sameType(a.value, b.value);
    default:
      return a.value === b.value;
  }
}
