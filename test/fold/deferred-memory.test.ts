import { expect, test } from '@jest/globals';
import { deferredFold } from '../../src/fold/deferred.ts';
import { ComputedPayload, Tensor } from '../../src/ir/tensor.ts';
import { parseModel } from '../../src/text/parse.ts';

test('a deferred result is whole for whoever reads it, into a buffer or not, once more or twice at once', async () => {
  const source = Uint8Array.from({ length: 24 }, (_, index) => index);
  const weight = new Tensor(
    'float',
    [2, 3],
    new ComputedPayload(24, 1, (offset, length, into) => {
      const bytes = source.slice(offset, offset + length);
      into?.set(bytes);
      return Promise.resolve(into?.subarray(0, length) ?? bytes);
    }),
  );
  const model = parseModel('agraph (float[2,3] x) => (float[3,2] y) { y = Transpose(x) }', { opset: 17 });
  const [node] = [...model.graph.nodes];
  const folded = node && deferredFold(node, [weight], [{ dataType: 'float', dims: [3, 2] }]);
  const payload = folded?.outputs[0]?.payload;
  const expected = [0, 3, 1, 4, 2, 5].flatMap((at) => [0, 1, 2, 3].map((byte) => at * 4 + byte));
  const whole = async (): Promise<number[]> => [...((await payload?.read(0, 24, new Uint8Array(24))) ?? [])];
  expect(await Promise.all([whole(), whole()])).toEqual([expected, expected]);
  expect(await whole()).toEqual(expected);
  const view = await payload?.read(0, 24);
  expect(await whole()).toEqual(expected);
  expect([...(view ?? [])]).toEqual(expected);
});
