/** `npm run bench -- NAME [ARGUMENT...]`: measurements, which depend on the machine and are no part of the tests. */
const benches: Readonly<Record<string, () => Promise<(args: readonly string[]) => Promise<number>>>> = {
  io: async () => (await import('./io.ts')).benchIo,
  infer: async () => (await import('./infer.ts')).benchInfer,
  'known-shapes': async () => (await import('./known-shapes.ts')).compareShapes,
  'layer-costs': async () => (await import('./layer-costs.ts')).benchLayerCosts,
  order: async () => (await import('./order.ts')).benchOrder,
  scale: async () => (await import('./scale.ts')).benchScale,
  simplify: async () => (await import('./simplify/bench.ts')).benchSimplify,
};

const [name = '', ...args] = process.argv.slice(2);
const bench = benches[name];
if (bench === undefined) {
  console.error(`bench: there is no bench '${name}', only ${Object.keys(benches).join(', ')}`);
  process.exitCode = 2;
} else {
  process.exitCode = await (await bench())(args);
}
