/** Equal Greater GreaterOrEqual Less LessOrEqual, And Or Xor. */
import { compareElements, type Element } from '../elementwise.ts';
import { type Kernel, kernel } from '../kernel.ts';
import { secondOperand } from './binary.ts';

function comparison(opType: string, test: (x: Element, y: Element) => boolean): Kernel {
  return kernel([opType], {
    exactness: 'exact',
    run: (context) => compareElements(context.input(0), secondOperand(context), test),
  });
}

function equalElements(x: Element, y: Element): boolean {
  if (x instanceof Uint8Array && y instanceof Uint8Array)
    return x.length === y.length && x.every((byte, index) => byte === y[index]);
  return x === y;
}

export const comparisonKernels: readonly Kernel[] = [
  comparison('Equal', equalElements),
  comparison('Greater', (x, y) => x > y),
  comparison('GreaterOrEqual', (x, y) => x >= y),
  comparison('Less', (x, y) => x < y),
  comparison('LessOrEqual', (x, y) => x <= y),
  comparison('And', (x, y) => x !== 0 && y !== 0),
  comparison('Or', (x, y) => x !== 0 || y !== 0),
  comparison('Xor', (x, y) => (x !== 0) !== (y !== 0)),
];
