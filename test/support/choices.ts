/** Endless choices out of a list of numbers. */
export class Choices {
  readonly #numbers: readonly number[];
  #at = 0;

  constructor(numbers: readonly number[]) {
    this.#numbers = numbers;
  }

  below(limit: number): number {
    const number = this.#numbers[this.#at++ % this.#numbers.length] ?? 0;
    return (number + Math.floor(this.#at / this.#numbers.length)) % limit;
  }

  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  of<Item>(items: readonly Item[]): Item {
    if (items.length === 0) throw new Error('nothing to choose from');
    return items[this.below(items.length)] as Item;
  }
}
