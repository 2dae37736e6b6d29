import fc from 'fast-check';
import { expect, test } from '@jest/globals';
import { type Spectrum, transform } from '../../src/fold/fourier.ts';

/** The defining sum, with angles reduced before they are taken. */
function summed({ real, imaginary }: Spectrum, sign: number): Spectrum {
  const length = real.length;
  const result = { real: new Float64Array(length), imaginary: new Float64Array(length) };
  for (let k = 0; k < length; k++) {
    for (let n = 0; n < length; n++) {
      const angle = (sign * 2 * Math.PI * ((k * n) % length)) / length;
      const [a, b] = [real[n] as number, imaginary[n] as number];
      result.real[k] = (result.real[k] as number) + a * Math.cos(angle) - b * Math.sin(angle);
      result.imaginary[k] = (result.imaginary[k] as number) + a * Math.sin(angle) + b * Math.cos(angle);
    }
  }
  return result;
}

test('any length gives the defining sum, and the inverse gives the signal back', () => {
  const lengths = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(64, 65, 127, 128, 256, 257));
  fc.assert(
    fc.property(lengths, fc.integer(), (length, seed) => {
      const wave = (n: number, factor: number): number => Math.sin(n * factor + (seed % 1000));
      const x = {
        real: Float64Array.from({ length }, (_, n) => wave(n, 1.7)),
        imaginary: Float64Array.from({ length }, (_, n) => wave(n, 0.3)),
      };
      const forward = transform(x, length, false);
      const wanted = summed(x, -1);
      const back = transform(forward, length, true);
      for (let k = 0; k < length; k++) {
        expect(Math.abs((forward.real[k] as number) - (wanted.real[k] as number))).toBeLessThan(1e-12 * length);
        expect(Math.abs((forward.imaginary[k] as number) - (wanted.imaginary[k] as number))).toBeLessThan(
          1e-12 * length,
        );
        expect(Math.abs((back.real[k] as number) - (x.real[k] as number))).toBeLessThan(1e-13 * length);
        expect(Math.abs((back.imaginary[k] as number) - (x.imaginary[k] as number))).toBeLessThan(1e-13 * length);
      }
    }),
    { numRuns: 40 },
  );
});

test('bins cut the result', () => {
  const x = { real: Float64Array.from({ length: 100 }, (_, n) => n), imaginary: new Float64Array(100) };
  const few = transform(x, 51, false);
  expect(few.real).toEqual(transform(x, 100, false).real.slice(0, 51));
});
