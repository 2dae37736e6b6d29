/**
 * Reads dim_params that are expressions, as PyTorch writes them with sympy's printer: `2*s53`, `((s0 - 1)//2) + 1`,
 * `Max(1, s0)`, `CeilToInt(IntTrueDiv(s0, 2))`, `Mod(s0, 8)`, `floor(s0/2)`; and the text that `Dim` prints.
 */
import { Dim } from './dim.ts';

/**
 * The dim a dim_param names: an expression when it reads as one over known symbols (PyTorch writes `2*s53`,
 * `((s0 - 1)//2) + 1`), else an opaque symbol.
 */
export function parseDim(text: string, isKnownSymbol: (name: string) => boolean): Dim {
  if (isKnownSymbol(text)) return Dim.symbol(text);
  return parseExpression(text, isKnownSymbol) ?? Dim.symbol(text);
}

/** The expression over known symbols that the text is; undefined when it is none. */
export function parseExpression(text: string, isKnownSymbol: (name: string) => boolean): Dim | undefined {
  if (text.length > MAXIMUM_LENGTH) return undefined;
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  const parser = new Parser(tokens, isKnownSymbol);
  try {
    return parser.whole();
  } catch (error) {
    if (error instanceof NoExpression) return undefined;
    throw error;
  }
}

/** Nested parentheses recurse; no exporter writes a dim that is anywhere near as long. */
const MAXIMUM_LENGTH = 2000;
const MAXIMUM_POWER = 8n;

class NoExpression extends Error {}

type Token =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'name'; readonly text: string }
  /** A quoted name: never a function. */
  | { readonly kind: 'quoted'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string };

const PATTERN =
  /\s*(?:(?<number>\d+)|(?<name>[A-Za-z_][\w.]*(?:\[\d+\]|\{\d+\})?)|(?<quoted>"(?:[^"\\]|\\.)*")|(?<sign>\*\*|\/\/|[-+*/%(),]))/y;

function tokensOf(text: string): Token[] | undefined {
  const tokens: Token[] = [];
  const trimmed = text.trimEnd();
  PATTERN.lastIndex = 0;
  while (PATTERN.lastIndex < trimmed.length) {
    const groups = PATTERN.exec(trimmed)?.groups;
    if (groups === undefined) return undefined;
    const { number, name, quoted, sign } = groups;
    if (number !== undefined) tokens.push({ kind: 'number', value: BigInt(number) });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else if (sign !== undefined) tokens.push({ kind: 'sign', text: sign });
    else if (quoted !== undefined) {
      const unquoted = unquote(quoted);
      if (unquoted === undefined) return undefined;
      tokens.push({ kind: 'quoted', text: unquoted });
    }
  }
  return tokens;
}

function unquote(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

/** A ratio that is not rounded yet: `a / b` has a meaning only where it is exact or a rounding function takes it. */
interface Ratio {
  readonly above: Dim;
  readonly below: Dim;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #isKnownSymbol: (name: string) => boolean;
  #position = 0;

  constructor(tokens: readonly Token[], isKnownSymbol: (name: string) => boolean) {
    this.#tokens = tokens;
    this.#isKnownSymbol = isKnownSymbol;
  }

  whole(): Dim {
    const dim = exact(this.#sum());
    if (this.#position < this.#tokens.length) throw new NoExpression();
    return dim;
  }

  #sum(): Ratio {
    let sum = this.#product();
    for (let sign = this.#take('+', '-'); sign !== undefined; sign = this.#take('+', '-')) {
      const right = exact(this.#product());
      const left = exact(sum);
      sum = whole(sign === '+' ? left.plus(right) : left.minus(right));
    }
    return sum;
  }

  #product(): Ratio {
    let product = this.#signed();
    for (let sign = this.#takeFactorSign(); sign !== undefined; sign = this.#takeFactorSign()) {
      const right = this.#signed();
      if (sign === '/') product = ratio(product.above.times(right.below), product.below.times(right.above));
      else if (sign === '*') product = ratio(product.above.times(right.above), product.below.times(right.below));
      else if (sign === '//') product = whole(exact(product).floorDivide(divisor(right)));
      else product = whole(exact(product).modulo(divisor(right)));
    }
    return product;
  }

  #takeFactorSign(): string | undefined {
    return this.#take('*', '//', '/', '%');
  }

  /** A minus binds more tightly than `//`, as in Python. */
  #signed(): Ratio {
    const sign = this.#take('-', '+');
    if (sign === undefined) return this.#power();
    const { above, below } = this.#signed();
    return sign === '-' ? ratio(above.negated(), below) : ratio(above, below);
  }

  #power(): Ratio {
    const base = this.#primary();
    if (this.#take('**') === undefined) return base;
    const exponent = exact(this.#signed()).constant;
    if (exponent === undefined || exponent < 0n || exponent > MAXIMUM_POWER) throw new NoExpression();
    let power = Dim.one;
    for (let count = 0n; count < exponent; count++) power = power.times(exact(base));
    return whole(power);
  }

  #primary(): Ratio {
    const token = this.#tokens[this.#position++];
    switch (token?.kind) {
      case 'number':
        return whole(Dim.of(token.value));
      case 'quoted':
        return whole(this.#symbol(token.text));
      case 'name':
        return this.#take('(') === undefined ? whole(this.#symbol(token.text)) : this.#call(token.text);
      default: {
        if (token?.text !== '(') throw new NoExpression();
        const inner = this.#sum();
        this.#expect(')');
        return inner;
      }
    }
  }

  #symbol(name: string): Dim {
    if (!this.#isKnownSymbol(name)) throw new NoExpression();
    return Dim.symbol(name);
  }

  #call(name: string): Ratio {
    if (name === 'int') {
      const token = this.#tokens[this.#position++];
      if ((token?.kind !== 'name' && token?.kind !== 'quoted') || !this.#isKnownSymbol(token.text))
        throw new NoExpression();
      this.#expect(')');
      return whole(Dim.signed(token.text));
    }
    const values: Ratio[] = [];
    do values.push(this.#sum());
    while (this.#take(',') !== undefined);
    this.#expect(')');
    return applyFunction(name, values);
  }

  #take(...signs: readonly string[]): string | undefined {
    const token = this.#tokens[this.#position];
    if (token?.kind !== 'sign' || !signs.includes(token.text)) return undefined;
    this.#position++;
    return token.text;
  }

  #expect(sign: string): void {
    if (this.#take(sign) === undefined) throw new NoExpression();
  }
}

function applyFunction(name: string, values: readonly Ratio[]): Ratio {
  const [a, b, c] = values;
  if (a === undefined) throw new NoExpression();
  switch (name.toLowerCase()) {
    case 'max':
      return whole(values.map(exact).reduce((best, value) => best.maximum(value)));
    case 'min':
      return whole(values.map(exact).reduce((best, value) => best.minimum(value)));
    case 'floor':
    case 'floortoint':
      return whole(a.above.floorDivide(a.below));
    case 'ceil':
    case 'ceiling':
    case 'ceiltoint':
      return whole(a.above.ceilingDivide(a.below));
    case 'trunc':
    case 'trunctoint':
      return whole(a.above.truncatedDivide(a.below));
    case 'toint':
    case 'identity':
      return whole(exact(a));
  }
  if (b === undefined) throw new NoExpression();
  switch (name.toLowerCase()) {
    case 'floordiv':
    case 'cleandiv':
      return whole(exact(a).floorDivide(divisor(b)));
    case 'ceildiv':
      return whole(exact(a).ceilingDivide(divisor(b)));
    case 'inttruediv':
    case 'floattruediv':
      return ratio(a.above.times(b.below), a.below.times(b.above));
    case 'mod':
    case 'pythonmod':
      return whole(exact(a).modulo(divisor(b)));
    case 'modularindexing':
      if (c === undefined) throw new NoExpression();
      return whole(exact(a).floorDivide(divisor(b)).modulo(divisor(c)));
  }
  throw new NoExpression();
}

function whole(above: Dim): Ratio {
  return { above, below: Dim.one };
}

function ratio(above: Dim, below: Dim): Ratio {
  if (below.constant === 0n) throw new NoExpression();
  return { above, below };
}

function exact({ above, below }: Ratio): Dim {
  const quotient = below.constant === 1n ? above : above.divideExactly(below);
  if (quotient === undefined) throw new NoExpression();
  return quotient;
}

function divisor(value: Ratio): Dim {
  const dim = exact(value);
  if (dim.constant === 0n) throw new NoExpression();
  return dim;
}
