import { type Extent, lint } from '../../src/rule-kit.ts';
import { constraint } from './facts/constraints.ts';

/** The option line of trtexec; sizes that nobody gave are words to fill in. */
function profileLine(inputs: readonly { readonly name: string; readonly extents: readonly Extent[] }[]): string {
  const shapes = (pick: (extent: Extent) => number | string): string =>
    inputs.map(({ name, extents }) => `${name}:${extents.map(pick).join('x')}`).join(',');
  const least = shapes((extent) => extent.least);
  const usual = shapes((extent) => extent.usual ?? 'OPT');
  const most = shapes((extent) => extent.most ?? 'MAX');
  return `--minShapes=${least} --optShapes=${usual} --maxShapes=${most}`;
}

export default lint({
  id: 'tensorrt/dynamic-input',
  summary: 'The model has inputs of dynamic shape, which need an optimization profile.',
  why: 'An engine is built for a range of shapes; the builder stops when nobody says which ("Network has dynamic or shape inputs, but no optimization profile has been defined.").',
  severity: 'info',
  stage: 'build',
  errors: [
    'Network has dynamic or shape inputs, but no optimization profile has been defined.',
    'dynamic input is missing dimensions in profile 0.',
  ],
  messages: {
    bounded: '{count} inputs are of dynamic shape; {tensorrt} wants their range: {line}.',
    open: '{count} inputs are of dynamic shape; {tensorrt} wants their range: {line}.',
    shapeless: 'Graph input {value} declares no shape; {tensorrt} takes it for a scalar.',
  },
  advice: {
    bounded: 'Hand that line to trtexec, or set the same profile.',
    open: 'Fill in OPT and MAX (or give ranges with --dim NAME=LEAST..MOST) and hand the line to trtexec.',
    shapeless: 'Declare the shape of {value}, dynamic dims by name.',
  },

  lasting: ['bounded', 'open', 'shapeless'],

  checkModel({ model, view, extents, report }) {
    const inputs = model.graph.inputs.filter(({ initializer }) => initializer === undefined);
    for (const value of inputs)
      if (value.type?.kind === 'tensor' && value.type.shape === undefined)
        report(
          'shapeless',
          { value: value.name },
          { value, severity: 'warning', basis: constraint('model-input-missing-shape') },
        );
    const dynamic = inputs
      .filter((value) => view.value(value).dims?.includes(-1) === true)
      .map((value) => ({ name: value.name, extents: extents(value) }));
    if (dynamic.length === 0) return;
    const isOpen = dynamic.some((input) => input.extents.some(({ most }) => most === undefined));
    report(
      isOpen ? 'open' : 'bounded',
      { count: dynamic.length, line: profileLine(dynamic) },
      { basis: constraint('model-dynamic-needs-profile') },
    );
  },

  examples: [
    {
      title: 'a batch of any size',
      model: `agraph (float[batch, 3] x) => (float[batch, 3] y) { y = Neg (x) }`,
      reports: ['open'],
    },
    {
      title: 'a batch between 1 and 8, as --dim batch=1..8 says',
      model: `agraph (float[batch, 3] x) => (float[batch, 3] y) { y = Neg (x) }`,
      ranges: { batch: [1, 8] },
      reports: ['bounded'],
    },
    {
      title: 'an input without shape',
      model: `agraph (float[] x) => (float[] y) { y = Neg (x) }`,
      reports: ['shapeless'],
    },
    { title: 'fixed', model: `agraph (float[1, 3] x) => (float[1, 3] y) { y = Neg (x) }`, reports: [] },
  ],
});
