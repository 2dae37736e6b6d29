import type { Graph } from '../ir/graph.ts';
import type { Value } from '../ir/value.ts';
import { Dim } from './dim.ts';
import type { Frame } from './scope.ts';

/**
 * Symbols for what is not known: one for each (value, axis) and (value, element), the same one whenever it is asked for.
 * A symbol is named after its value, in a call of a function after the call, too; where two values have one name
 * (in sibling subgraphs), the second gets a count.
 */
export class SymbolTable {
  /** Unique stems of names, by the prefix of the frame. */
  readonly #stems = new Map<Value, Map<string, string>>();
  readonly #taken = new Set<string>();
  /** Where a stem was taken. A dim_param of the model has no entry: it is the same everywhere. */
  readonly #origins = new Map<string, { readonly graph: Graph | undefined; readonly frame: Frame }>();

  /** Keeps a name the model itself uses for a dimension from being minted. */
  reserve(dimParam: string): void {
    this.#taken.add(stemOf(dimParam));
  }

  dim(value: Value, axis: number, frame: Frame): Dim {
    return Dim.symbol(`${this.#stem(value, frame)}[${axis}]`);
  }

  element(value: Value, index: number, frame: Frame): Dim {
    return Dim.signed(`${this.#stem(value, frame)}{${index}}`);
  }

  /** The prefix of symbols in a call whose first output is `value`. */
  callPrefix(value: Value | undefined, frame: Frame): string {
    return value === undefined ? `${frame.prefix}call:` : `${this.#stem(value, frame)}:`;
  }

  /** True when the dim is the symbol for an unknown one, and nothing better. */
  isMinted(dim: Dim): boolean {
    const name = dim.symbolName ?? dim.signedName;
    return name !== undefined && this.#origins.has(stemOf(name));
  }

  /** True for symbols minted in `body`, in a graph below it, or in a function that one of its nodes calls. */
  isLocal(name: string, body: Graph): boolean {
    const origin = this.#origins.get(stemOf(name));
    let graph = origin?.graph;
    let frame = origin?.frame;
    while (graph !== undefined && graph !== body) {
      if (graph.parent !== undefined) {
        graph = graph.parent;
      } else {
        graph = frame?.call?.node.graph;
        frame = frame?.call?.frame;
      }
    }
    return graph === body;
  }

  #stem(value: Value, frame: Frame): string {
    let stems = this.#stems.get(value);
    if (stems === undefined) this.#stems.set(value, (stems = new Map()));
    let stem = stems.get(frame.prefix);
    if (stem === undefined) {
      const plain = frame.prefix + value.name;
      stem = plain;
      for (let count = 2; this.#taken.has(stem); count++) stem = `${plain}'${count}`;
      this.#taken.add(stem);
      this.#origins.set(stem, { graph: value.graph, frame });
      stems.set(frame.prefix, stem);
    }
    return stem;
  }
}

/** A symbol's name without the axis or element at its end. */
function stemOf(name: string): string {
  return name.replace(/(\[\d+\]|\{\d+\})$/, '');
}
