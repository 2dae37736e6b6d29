/** Models of any number of nodes that are one block again and again, as ONNX text. */
import type { Model } from '../../src/ir/model.ts';
import { parseModel } from '../../src/text/parse.ts';

export const repeatedBlocks: Readonly<Record<string, (nodes: number) => Model>> = { chain, wide, transformer };

const HIDDEN = 8;

/** What exporters write around a reshape, and some computation, one after the other. */
function chain(nodes: number): Model {
  return model(nodes, (at) => [
    `shape${at} = Shape (h${at})`,
    `first${at} = Gather (shape${at}, zero)`,
    `target${at} = Concat <axis = 0> (first${at}, rest)`,
    `flat${at} = Reshape (h${at}, target${at})`,
    `kept${at} = Identity (flat${at})`,
    `pressed${at} = Relu (kept${at})`,
    `back${at} = Reshape (pressed${at}, shape${at})`,
    `scaled${at} = Mul (back${at}, weight)`,
    `even${at} = Sigmoid (scaled${at})`,
    `h${at + 1} = Add (even${at}, h${at})`,
  ]);
}

/** Branches that all read the input, added up pair by pair at the end. */
function wide(nodes: number): Model {
  return model(nodes, (at, isLast) => [
    `turned${at} = Transpose <perm = [0, 2, 1]> (h0)`,
    `back${at} = Transpose <perm = [0, 2, 1]> (turned${at})`,
    `cast${at} = Cast <to = 1> (back${at})`,
    `factor${at} = Constant <value_float = ${at}.5> ()`,
    `scaled${at} = Mul (cast${at}, factor${at})`,
    `sine${at} = Sin (scaled${at})`,
    `cosine${at} = Cos (sine${at})`,
    `shifted${at} = Sub (cosine${at}, factor${at})`,
    `sum${at + 1} = Add (${at === 0 ? 'h0' : `sum${at}`}, shifted${at})`,
    ...(isLast ? [`h${at + 1} = Identity (sum${at + 1})`] : []),
  ]);
}

/** A layer of an encoder as the TorchScript exporter writes it with dynamic dims, its shape chains included. */
function transformer(nodes: number): Model {
  return model(nodes, (at) => [
    ...normalization(`h${at}`, `ln${at}`),
    ...['q', 'k', 'v'].flatMap((name) => heads(`${name}${at}`, `ln${at}`)),
    `kt${at} = Transpose <perm = [0, 1, 3, 2]> (k${at})`,
    `product${at} = MatMul (q${at}, kt${at})`,
    `scaled${at} = Div (product${at}, two)`,
    `share${at} = Softmax <axis = -1> (scaled${at})`,
    `dropped${at} = Dropout (share${at})`,
    `context${at} = MatMul (dropped${at}, v${at})`,
    `joined${at} = Transpose <perm = [0, 2, 1, 3]> (context${at})`,
    `cs${at} = Shape (joined${at})`,
    `cb${at} = Gather (cs${at}, zero0)`,
    `cl${at} = Gather (cs${at}, one0)`,
    `ub${at} = Unsqueeze (cb${at}, zero)`,
    `ul${at} = Unsqueeze (cl${at}, zero)`,
    `ct${at} = Concat <axis = 0> (ub${at}, ul${at}, hidden)`,
    `merged${at} = Reshape (joined${at}, ct${at})`,
    ...linear(`out${at}`, `merged${at}`),
    `residual${at} = Add (out${at}, h${at})`,
    ...normalization(`residual${at}`, `norm${at}`),
    ...linear(`up${at}`, `norm${at}`),
    `scaledUp${at} = Div (up${at}, root)`,
    `erf${at} = Erf (scaledUp${at})`,
    `oneMore${at} = Add (erf${at}, onef)`,
    `gated${at} = Mul (up${at}, oneMore${at})`,
    `gelu${at} = Mul (gated${at}, half)`,
    ...linear(`down${at}`, `gelu${at}`),
    `h${at + 1} = Add (down${at}, residual${at})`,
  ]);
}

function normalization(input: string, output: string): string[] {
  return [
    `mean_${output} = ReduceMean <axes = [-1]> (${input})`,
    `centred_${output} = Sub (${input}, mean_${output})`,
    `square_${output} = Pow (centred_${output}, two)`,
    `variance_${output} = ReduceMean <axes = [-1]> (square_${output})`,
    `safe_${output} = Add (variance_${output}, epsilon)`,
    `deviation_${output} = Sqrt (safe_${output})`,
    `normal_${output} = Div (centred_${output}, deviation_${output})`,
    `scaled_${output} = Mul (normal_${output}, bias)`,
    `${output} = Add (scaled_${output}, bias)`,
  ];
}

function linear(output: string, input: string): string[] {
  return [
    `turned_${output} = Transpose <perm = [1, 0]> (weight)`,
    `product_${output} = MatMul (${input}, turned_${output})`,
    `${output} = Add (bias, product_${output})`,
  ];
}

function heads(output: string, input: string): string[] {
  return [
    ...linear(`plain_${output}`, input),
    `s_${output} = Shape (plain_${output})`,
    `b_${output} = Gather (s_${output}, zero0)`,
    `s2_${output} = Shape (plain_${output})`,
    `l_${output} = Gather (s2_${output}, one0)`,
    `ub_${output} = Unsqueeze (b_${output}, zero)`,
    `ul_${output} = Unsqueeze (l_${output}, zero)`,
    `t_${output} = Concat <axis = 0> (ub_${output}, ul_${output}, headed)`,
    `split_${output} = Reshape (plain_${output}, t_${output})`,
    `${output} = Transpose <perm = [0, 2, 1, 3]> (split_${output})`,
  ];
}

/** Blocks from `h0` to `hN`, until there are `nodes` of them. */
function model(nodes: number, block: (at: number, isLast: boolean) => readonly string[]): Model {
  const count = Math.ceil(nodes / block(0, false).length);
  const lines = Array.from({ length: count }, (_, at) => block(at, at === count - 1)).flat();
  const square = Array.from({ length: HIDDEN * HIDDEN }, (_, at) => (at % 7) / 8).join(', ');
  const row = Array.from({ length: HIDDEN }, (_, at) => at / 4).join(', ');
  return parseModel(
    `<ir_version: 8, opset_import: ["": 17]>
    blocks (float[batch,length,${HIDDEN}] h0) => (float[batch,length,${HIDDEN}] h${count})
    <float[${HIDDEN},${HIDDEN}] weight = {${square}}, float[${HIDDEN}] bias = {${row}}, float two = {2}, float root = {1.4142135},
     float half = {0.5}, float onef = {1}, float epsilon = {0.00001}, int64 zero0 = {0}, int64 one0 = {1}, int64[1] zero = {0},
     int64[1] rest = {-1}, int64[2] headed = {2, ${HIDDEN / 2}}, int64[1] hidden = {${HIDDEN}}> {
    ${lines.join('\n')}
    }`,
  );
}
