/** LinearAttention CausalConvWithState: recurrences over time with a state that is handed on. In double, rounded once. */
import type { NDArray } from '../array.ts';
import { fromDoubles } from '../convert.ts';
import { doublesIn, type Kernel, kernel, type KernelContext } from '../kernel.ts';
import { gatherRuns } from '../move.ts';
import { refuse } from '../refusal.ts';
import { sigmoid } from './activation.ts';
import { concatenated } from './movement.ts';
import { emptyLike } from '../move.ts';

interface Gate {
  readonly values: Float64Array;
  /** Numbers of one head and step: 1, or one for each row of the state. */
  readonly perHead: number;
  readonly width: number;
}

/** A gate [batch, time, heads * perHead], or one number for all heads; none where the update rule has none. */
function gateOf(
  array: NDArray | undefined,
  wanted: boolean,
  widths: readonly number[],
  heads: number,
): Gate | undefined {
  if ((array === undefined) === wanted) return refuse(`the update rule ${wanted ? 'needs' : 'takes no'} decay or beta`);
  if (array === undefined) return undefined;
  const width = array.dims[2] ?? 0;
  if (array.dims.length !== 3 || !widths.includes(width)) return refuse('decay or beta do not fit');
  return { values: doublesIn(array), width, perHead: width === heads || width === 1 ? 1 : width / heads };
}

function gateAt({ values, width, perHead }: Gate, step: number, head: number, row: number): number {
  const at = width === 1 ? 0 : head * perHead + (perHead === 1 ? 0 : row);
  return values[step * width + at] as number;
}

/** S decays, is corrected by what it holds for the key, takes in key x value, and answers the query (LinearAttention-27). */
function runLinearAttention(context: KernelContext): readonly NDArray[] {
  const [query, key, value] = [context.input(0), context.input(1), context.input(2)];
  const [queryHeads, heads] = [context.int('q_num_heads'), context.int('kv_num_heads')];
  const rule = context.attributes.string('update_rule') ?? 'gated_delta';
  if (!['linear', 'gated', 'delta', 'gated_delta'].includes(rule)) return refuse(`the update rule '${rule}'`);
  const [batches = 0, steps = 0, queryWidth = 0] = query.dims;
  const [keyWidth = 0, valueWidth = 0] = [key.dims[2], value.dims[2]];
  const [size, depth] = [queryWidth / queryHeads, valueWidth / heads];
  const fits = [query, key, value].every(({ dims }) => dims.length === 3 && dims[0] === batches && dims[1] === steps);
  if (!fits || heads < 1 || queryHeads % heads !== 0 || !Number.isInteger(size) || keyWidth !== heads * size)
    return refuse('inputs of LinearAttention do not fit');
  const decay = gateOf(context.optional(4), rule.startsWith('gated'), [heads, keyWidth], heads);
  const beta = gateOf(context.optional(5), rule.endsWith('delta'), [heads, 1], heads);
  const given = context.float('scale');
  const scale = given === 0 ? 1 / Math.sqrt(size) : given;
  const past = context.optional(3);
  const stateDims = [batches, heads, size, depth];
  if (past !== undefined && past.dims.join() !== stateDims.join()) return refuse('past_state does not fit');
  const states = past === undefined ? new Float64Array(batches * heads * size * depth) : doublesIn(past).slice();
  const [q, k, v] = [doublesIn(query), doublesIn(key), doublesIn(value)];
  const group = queryHeads / heads;
  const output = new Float64Array(batches * steps * queryHeads * depth);
  const entry = new Float64Array(depth);
  for (let b = 0; b < batches; b++) {
    for (let h = 0; h < heads; h++) {
      const state = states.subarray((b * heads + h) * size * depth, (b * heads + h + 1) * size * depth);
      for (let t = 0; t < steps; t++) {
        const step = b * steps + t;
        const keyAt = step * keyWidth + h * size;
        if (decay !== undefined) {
          for (let row = 0; row < size; row++) {
            const factor = Math.exp(gateAt(decay, step, h, row));
            for (let c = 0; c < depth; c++) state[row * depth + c] = (state[row * depth + c] as number) * factor;
          }
        }
        for (let c = 0; c < depth; c++) {
          let retrieved = 0;
          if (beta !== undefined)
            for (let row = 0; row < size; row++)
              retrieved += (state[row * depth + c] as number) * (k[keyAt + row] as number);
          const own = (v[step * valueWidth + h * depth + c] as number) - retrieved;
          entry[c] = beta === undefined ? own : gateAt(beta, step, h, 0) * own;
        }
        for (let row = 0; row < size; row++)
          for (let c = 0; c < depth; c++)
            state[row * depth + c] =
              (state[row * depth + c] as number) + (k[keyAt + row] as number) * (entry[c] as number);
        for (let own = h * group; own < (h + 1) * group; own++) {
          const [from, put] = [step * queryWidth + own * size, (step * queryHeads + own) * depth];
          for (let row = 0; row < size; row++)
            for (let c = 0; c < depth; c++)
              output[put + c] =
                (output[put + c] as number) + scale * (q[from + row] as number) * (state[row * depth + c] as number);
        }
      }
    }
  }
  return [
    fromDoubles(output, [batches, steps, queryHeads * depth], query.dataType),
    fromDoubles(states, stateDims, past?.dataType ?? query.dataType),
  ];
}

/** Each channel of [batch, channels, length] with its own kernel [channels, 1, k] over itself and the k - 1 steps before. */
function runCausalConvolution(context: KernelContext): readonly NDArray[] {
  const [x, weight, bias] = [context.input(0), context.input(1), context.optional(2)];
  const [batches = 0, channels = 0, length = 0] = x.dims;
  const taps = weight.dims[2] ?? 0;
  if (x.dims.length !== 3 || weight.dims.join() !== [channels, 1, taps].join() || taps < 1)
    return refuse('the weight of CausalConvWithState does not fit');
  const stateDims = [batches, channels, taps - 1];
  const past = context.optional(3) ?? emptyLike(x, stateDims);
  if (past.dims.join() !== stateDims.join()) return refuse('past_state does not fit');
  const activation = context.attributes.string('activation') ?? 'none';
  const isActive = activation === 'silu' || activation === 'swish';
  if (!isActive && activation !== 'none') return refuse(`the activation '${activation}'`);
  const whole = concatenated([past, x], 2);
  const [values, weights] = [doublesIn(whole), doublesIn(weight)];
  const biases = bias && doublesIn(bias);
  const width = length + taps - 1;
  const data = new Float64Array(batches * channels * length);
  for (let plane = 0; plane < batches * channels; plane++) {
    const channel = plane % channels;
    for (let t = 0; t < length; t++) {
      let sum = biases?.[channel] ?? 0;
      for (let tap = 0; tap < taps; tap++)
        sum += (values[plane * width + t + tap] as number) * (weights[channel * taps + tap] as number);
      data[plane * length + t] = isActive ? sum * sigmoid(sum) : sum;
    }
  }
  const tail = Float64Array.from({ length: batches * channels }, (_, plane) => (plane + 1) * width - (taps - 1));
  const positions = Array.from(tail, (start) => Array.from({ length: taps - 1 }, (_, step) => start + step)).flat();
  return [fromDoubles(data, x.dims, x.dataType), gatherRuns(whole, positions, 1, stateDims)];
}

export const linearAttentionKernels: readonly Kernel[] = [
  kernel(['LinearAttention'], { exactness: 'bounded', ulp: 8, run: runLinearAttention }),
  kernel(['CausalConvWithState'], { exactness: 'bounded', ulp: 2, run: runCausalConvolution }),
];
