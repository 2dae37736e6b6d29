import type { ModelSummary, ValueSummary } from '../api/inspect.ts';
import { findingBlocks } from './finding-text.ts';
import type { Palette } from './palette.ts';
import { printable } from './printable.ts';
import { countText, sizeText } from './quantities.ts';
import { table } from './table.ts';

export interface Inspected {
  readonly path: string;
  /** Size of the model file alone. */
  readonly fileBytes: number;
  readonly summary: ModelSummary;
}

function valueRows(title: string, values: readonly ValueSummary[]): string[][] {
  return values.map(({ name, type }, index) => [
    index === 0 ? title : '',
    printable(name),
    type === null ? '(no type)' : printable(type),
  ]);
}

/** What is in a model, for a person: ends with an empty line. */
export function inspectionText({ path, fileBytes, summary }: Inspected, palette: Palette): string {
  const { producer, opsets, tensors, functions, externalData, symbols, operators } = summary;
  const imports = Object.entries(opsets).map(([domain, version]) => `${domain === '' ? 'ai.onnx' : domain} ${version}`);
  const facts: string[][] = [
    ['file', sizeText(fileBytes)],
    ['format', `IR ${summary.irVersion}, opset ${imports.join(', ')}`],
    ['producer', [producer.name, producer.version].filter((part) => part !== '').join(' ') || '(not said)'],
    ['graph', summary.graph === '' ? '(no name)' : summary.graph],
    ['dim_params', symbols.length === 0 ? 'none' : symbols.join(', ')],
    [
      'tensors',
      `${tensors.count}, ${sizeText(tensors.bytes)}${tensors.external > 0 ? `, ${sizeText(tensors.external)} of it in other files` : ''}`,
    ],
    ...externalData.map(({ location, tensors: count, bytes }) => [
      'external data',
      `${location}: ${countText(count, 'tensor')}, ${sizeText(bytes)}`,
    ]),
    ...functions.map(({ domain, name, overload, nodes }) => [
      'function',
      `${domain}::${name}${overload === '' ? '' : `:${overload}`}, ${countText(nodes, 'node')}`,
    ]),
    ...Object.entries(summary.metadata).map(([key, value]) => ['metadata', `${key}: ${shortened(value)}`]),
  ];
  const lines = [
    palette.bold(printable(path)),
    ...table(
      facts.map((row) => row.map(printable)),
      ['left', 'left'],
      '  ',
    ),
    '',
    ...table(
      [...valueRows('inputs', summary.inputs), ...valueRows('outputs', summary.outputs)],
      ['left', 'left', 'left'],
      '  ',
    ),
    '',
    ...table(
      [...operators.map(({ operator, count }) => [printable(operator), `${count}`]), ['all nodes', `${summary.nodes}`]],
      ['left', 'right'],
      '  ',
    ),
  ];
  if (summary.subgraphs > 0) lines.push(`  in ${countText(summary.subgraphs, 'subgraph')} too`);
  const problems = summary.problems.filter(({ severity }) => severity !== 'info');
  if (problems.length > 0) lines.push('', ...findingBlocks(problems, palette, MAXIMUM_PROBLEMS));
  return `${lines.join('\n')}\n\n`;
}

/** Of each rule; `lint` lists all. */
const MAXIMUM_PROBLEMS = 5;

const METADATA_WIDTH = 100;

function shortened(text: string): string {
  return text.length <= METADATA_WIDTH
    ? text
    : `${text.slice(0, METADATA_WIDTH)}... (${countText(text.length, 'character')})`;
}
