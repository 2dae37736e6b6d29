/**
 * Names of values in use in a root graph and in all its subgraphs.
 * Shadowing is forbidden by the standard (IR.md), so a fresh name must be free in every scope that could see it;
 * sibling branches may repeat a name, hence the counts.
 */
export class NameScope {
  readonly #counts = new Map<string, number>();
  readonly #suffixes = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  delete(name: string): void {
    const count = this.#counts.get(name) ?? 0;
    if (count > 1) this.#counts.set(name, count - 1);
    else this.#counts.delete(name);
  }

  /** True when several values bear the name, in branches that cannot see each other. */
  isShared(name: string): boolean {
    return (this.#counts.get(name) ?? 0) > 1;
  }

  has(name: string): boolean {
    return this.#counts.has(name);
  }

  /**
   * `base` itself when it is free, else `base_1`, `base_2`, ... The name is not reserved until a value takes it;
   * `isTaken` tells of names that are promised but not registered yet.
   */
  unique(base: string, isTaken: (name: string) => boolean = () => false): string {
    const isFree = (name: string): boolean => !this.#counts.has(name) && !isTaken(name);
    if (base !== '' && isFree(base)) return base;
    const stem = base === '' ? 'value' : base;
    let suffix = this.#suffixes.get(stem) ?? 0;
    let name: string;
    do name = `${stem}_${++suffix}`;
    while (!isFree(name));
    this.#suffixes.set(stem, suffix);
    return name;
  }
}
