/** Einsum: sums of products over labelled axes, with ellipses, repeated labels and implicit outputs. */
import { createData, isBigData, type NDArray } from '../array.ts';
import { converted } from '../convert.ts';
import { doublesIn, exactOnIntegers, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { refuse } from '../refusal.ts';
import { eachRow, product, stridesOf } from '../strided.ts';

/** The labels of one term; the axes under an ellipsis are numbered from the right, so that they broadcast. */
function labelsOf(term: string, rank: number | undefined, ellipsisRank: number): string[] {
  const parts = term.split('...');
  const [before, after] = [[...(parts[0] ?? '')], [...(parts[1] ?? '')]];
  const named = before.length + after.length;
  if (parts.length > 2 || [...before, ...after].some((label) => !/[a-zA-Z]/.test(label)))
    return refuse(`the term '${term}' of Einsum`);
  if (parts.length === 1)
    return rank === undefined || rank === named ? before : refuse(`'${term}' does not fit rank ${rank}`);
  const hidden = rank === undefined ? ellipsisRank : rank - named;
  if (hidden < 0) return refuse(`'${term}' does not fit rank ${rank}`);
  return [...before, ...Array.from({ length: hidden }, (_, index) => `.${hidden - index}`), ...after];
}

interface Plan {
  readonly terms: readonly (readonly string[])[];
  readonly output: readonly string[];
  readonly sizes: ReadonlyMap<string, number>;
}

function planOf(equation: string, arrays: readonly NDArray[]): Plan {
  const [left = '', right] = equation.replace(/\s/g, '').split('->');
  const texts = left.split(',');
  if (texts.length !== arrays.length) return refuse(`'${equation}' is not for ${arrays.length} inputs`);
  const terms = texts.map((text, index) => labelsOf(text, arrays[index]?.dims.length, 0));
  const sizes = new Map<string, number>();
  terms.forEach((labels, index) =>
    labels.forEach((label, axis) => {
      const dim = arrays[index]?.dims[axis] as number;
      const known = sizes.get(label);
      if (known !== undefined && known !== dim && known !== 1 && dim !== 1)
        refuse(`label '${label}' is ${known} and ${dim}`);
      sizes.set(label, known === undefined || known === 1 ? dim : known);
    }),
  );
  const hidden = [...sizes.keys()]
    .filter((label) => label.startsWith('.'))
    .sort((a, b) => Number(b.slice(1)) - Number(a.slice(1)));
  if (right !== undefined) return { terms, sizes, output: labelsOf(right, undefined, hidden.length) };
  const all = terms.flat();
  const once = [...sizes.keys()].filter(
    (label) => !label.startsWith('.') && all.indexOf(label) === all.lastIndexOf(label),
  );
  return { terms, sizes, output: [...hidden, ...once.sort()] };
}

function runEinsum(context: KernelContext): NDArray {
  const arrays = context.all();
  const first = arrays[0] ?? refuse('Einsum of nothing');
  const { terms, sizes, output } = planOf(
    context.attributes.string('equation') ?? refuse('Einsum has no equation'),
    arrays,
  );
  const summed = [...sizes.keys()].filter((label) => !output.includes(label));
  const labels = [...output, ...summed];
  const dims = output.map((label) => sizes.get(label) ?? refuse(`label '${label}' is in no input`));
  const outputStrides = stridesOf(dims);
  const walk = labels.map((label) => sizes.get(label) as number);
  const strides = [
    labels.map((_, index) => outputStrides[index] ?? 0),
    ...terms.map((term, index) => {
      const array = arrays[index] as NDArray;
      const own = stridesOf(array.dims);
      return labels.map((label) =>
        term.reduce(
          (sum, name, axis) => sum + (name === label && array.dims[axis] !== 1 ? (own[axis] as number) : 0),
          0,
        ),
      );
    }),
  ];
  if (isBigData(first.data)) return bigSums(arrays, first, dims, walk, strides);
  const operands = arrays.map(doublesIn);
  const data = new Float64Array(product(dims));
  eachRow(walk, strides, (offsets, length, steps) => {
    for (let i = 0; i < length; i++) {
      let term = 1;
      for (let k = 0; k < operands.length; k++)
        term *= operands[k]?.[(offsets[k + 1] as number) + i * (steps[k + 1] as number)] as number;
      const put = (offsets[0] as number) + i * (steps[0] as number);
      data[put] = (data[put] as number) + term;
    }
  });
  return converted({ dataType: 'double', dims, data }, first.dataType);
}

function bigSums(
  arrays: readonly NDArray[],
  first: NDArray,
  dims: readonly number[],
  walk: readonly number[],
  strides: readonly (readonly number[])[],
): NDArray {
  const data = createData(first.dataType, product(dims)) as BigInt64Array;
  eachRow(walk, strides, (offsets, length, steps) => {
    for (let i = 0; i < length; i++) {
      let term = 1n;
      arrays.forEach(
        (array, k) => (term *= array.data[(offsets[k + 1] as number) + i * (steps[k + 1] as number)] as bigint),
      );
      const put = (offsets[0] as number) + i * (steps[0] as number);
      data[put] = (data[put] as bigint) + term;
    }
  });
  return { dataType: first.dataType, dims, data };
}

export const einsumKernels: readonly Kernel[] = [
  kernel(['Einsum'], { exactness: exactOnIntegers, ulp: 1, run: runEinsum }),
];
