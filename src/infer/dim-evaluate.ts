import { InternalError, UsageError } from '../base/errors.ts';
import { floorDivide } from '../base/int64.ts';
import type { Atom, Polynomial, QuotientAtom } from './dim-terms.ts';

/** The value at a point; an expression's nesting is bounded by its size. UsageError when there is none. */
export function evaluate(polynomial: Polynomial, values: ReadonlyMap<string, bigint>): bigint {
  let sum = polynomial.constant;
  for (const { coefficient, atoms } of polynomial.terms) {
    let product = coefficient;
    for (const atom of atoms) product *= evaluateAtom(atom, values);
    sum += product;
  }
  return sum;
}

function evaluateAtom(atom: Atom, values: ReadonlyMap<string, bigint>): bigint {
  switch (atom.kind) {
    case 'symbol':
    case 'opaque': {
      const value = values.get(atom.kind === 'symbol' ? atom.name : atom.key);
      if (value === undefined) throw new UsageError(`no value is given for ${atom.key}`);
      return value;
    }
    case 'floor':
    case 'truncate':
    case 'whole': {
      const dividend = evaluate(atom.dividend, values);
      const divisor = evaluate(atom.divisor, values);
      if (divisor === 0n) throw new UsageError(`division by zero in ${atom.key}`);
      if (atom.kind === 'whole' && dividend % divisor !== 0n) throw new UsageError(remainderText(atom));
      return atom.kind === 'floor' ? floorDivide(dividend, divisor) : dividend / divisor;
    }
    case 'minimum':
    case 'maximum': {
      const [first, ...others] = atom.operands.map((operand) => evaluate(operand, values));
      if (first === undefined) throw new InternalError('an extreme has operands');
      return others.reduce((best, value) => ((atom.kind === 'minimum') === value < best ? value : best), first);
    }
  }
}

/** For a point at which the model fails. */
export function remainderText({ dividend, divisor }: QuotientAtom): string {
  return `${dividend.key} is no multiple of ${divisor.key}`;
}
