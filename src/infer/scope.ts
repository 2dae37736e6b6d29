import type { Attribute } from '../ir/attribute.ts';
import type { FunctionDefinition } from '../ir/model.ts';
import type { Node } from '../ir/node.ts';
import type { Value } from '../ir/value.ts';
import { type Fact, UNKNOWN_FACT } from './fact.ts';
import type { Contradiction } from './contradiction.ts';

/** What is particular to one call of a local function; the main graph has a frame of its own. */
export interface Frame {
  /** Before the names of symbols minted here. */
  readonly prefix: string;
  /** Values of the function's attributes; undefined where a call leaves one out. References to others cannot be read. */
  readonly attributes: ReadonlyMap<string, Attribute | undefined>;
  /** Inputs of the function that the call omits. */
  readonly omitted: ReadonlySet<Value>;
  /** The node that calls, and where; undefined in the main graph and where a body stands for all its calls. */
  readonly call: { readonly node: Node; readonly definition: FunctionDefinition; readonly frame: Frame } | undefined;
  readonly depth: number;
}

export const MAIN_FRAME: Frame = {
  prefix: '',
  attributes: new Map(),
  omitted: new Set(),
  call: undefined,
  depth: 0,
};

/**
 * Facts found in one walk. A scope over another one sees its facts and keeps its own apart, until they are committed:
 * the rounds of a loop try facts that do not hold in the end.
 */
export class Scope {
  readonly frame: Frame;
  readonly parent: Scope | undefined;
  readonly facts = new Map<Value, Fact>();
  /** Values whose facts rest on the assumption `nonempty`. */
  readonly assumed = new Set<Value>();
  readonly contradictions: Contradiction[] = [];

  constructor(frame: Frame, parent?: Scope) {
    this.frame = frame;
    this.parent = parent;
  }

  get(value: Value): Fact {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent) {
      const fact = scope.facts.get(value);
      if (fact !== undefined) return fact;
    }
    return UNKNOWN_FACT;
  }

  isAssumed(value: Value): boolean {
    for (let scope: Scope | undefined = this; scope !== undefined; scope = scope.parent)
      if (scope.assumed.has(value)) return true;
    return false;
  }
}
