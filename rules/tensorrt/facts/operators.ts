/** Which operators each release supports, and in which element types. */
import { type ParserType, parseVersion, version, type Version } from '../../../src/rule-kit.ts';
import { operatorSupport } from './generated/operators.ts';

/** Bits of the dtype masks in generated/operators.ts. */
const typeBits: readonly ParserType[] = [
  'FLOAT',
  'HALF',
  'BF16',
  'INT64',
  'INT32',
  'INT8',
  'UINT8',
  'BOOL',
  'FP8',
  'INT4',
  'FP4',
];

export interface OperatorSupport {
  readonly supported: boolean;
  /** Types the documentation lists; undefined where it has no type column (7.x) and for operators that are not supported. */
  readonly types: ReadonlySet<ParserType> | undefined;
}

interface Run extends OperatorSupport {
  readonly since: Version;
}

const decoded = new Map<string, readonly Run[]>();

/** Support of an operator by name (the parser does not look at domains); undefined for a name that no release knows. */
export function operatorSupportAt(opType: string, target: Version): OperatorSupport | undefined {
  return runsOf(opType)?.findLast(({ since }) => since <= target);
}

/** The first release after `target` that supports the operator; undefined when none does. */
export function supportedSince(opType: string, target: Version): Version | undefined {
  return runsOf(opType)?.find(({ since, supported }) => supported && since > target)?.since;
}

function runsOf(opType: string): readonly Run[] | undefined {
  let runs = decoded.get(opType);
  if (runs === undefined) {
    const text = additions.get(opType) ?? rowOf(opType);
    if (text === undefined) return undefined;
    runs = text.split(' ').map(decodeRun);
    decoded.set(opType, runs);
  }
  return runs;
}

const domains = ['', 'trt::', 'ai.onnx.ml::', 'ai.onnx.preview::', 'ai.onnx.preview.training::'];

function rowOf(opType: string): string | undefined {
  // The parser knows no domains. Rows of NVIDIA's own operators carry a made-up one; those of other standard domains are unsupported.
  const domain = domains.find((candidate) => Object.hasOwn(operatorSupport, candidate + opType));
  return domain === undefined ? undefined : operatorSupport[domain + opType];
}

/** `10.4y7`: from 10.4 on supported, in the types of mask 7. */
function decodeRun(text: string): Run {
  const [, since = '', state = '', mask = ''] = /^([\d.]+)([ypn])([\da-f]*)$/.exec(text) ?? [];
  const bits = parseInt(mask === '' ? '0' : mask, 16);
  return {
    since: parseVersion(since) ?? version('7.0'),
    supported: state !== 'n',
    types: bits === 0 ? undefined : new Set(typeBits.filter((_, bit) => (bits & (1 << bit)) !== 0)),
  };
}

/** Operators that came after the tables end (11.1). */
const additions: ReadonlyMap<string, string> = new Map([
  // Release notes of 11.2, and observed with the parser of tensorrt-rtx 1.6.1.
  ['DFT', '7.0n 11.2y'],
  // Importers that load a plugin of the name; observed with the parser of tensorrt-rtx 1.5.0, which lacks the plugins.
  ['LinearAttention', '7.0n 11.0y'],
  ['CausalConvWithState', '7.0n 11.0y'],
]);

/**
 * Names that the parser refuses before it looks for a local function or a plugin, so that neither helps (9.1 on).
 * onnxOpCheckers.cpp, DEFINE_OP_EMPTY_CHECKER and the refusals; 3b9c961a (10.10 GA) and 5ab48c5c (11.0 GA).
 */
export const refusedByName: ReadonlySet<string> = new Set(
  (
    'BitShift BitwiseAnd BitwiseNot BitwiseOr BitwiseXor Col2Im Compress ConcatFromSequence ConvInteger DFT Det ImageDecoder ' +
    'MatMulInteger MaxRoiPool MaxUnpool MelWeightMatrix Multinomial Optional OptionalGetElement OptionalHasElement QLinearConv ' +
    'QLinearMatMul RegexFullMatch SequenceAt SequenceConstruct SequenceEmpty SequenceErase SequenceInsert SequenceLength ' +
    'SequenceMap SplitToSequence StringConcat StringNormalizer StringSplit TfIdfVectorizer Unique AffineGrid Bernoulli ' +
    'CenterCropPad DynamicQuantizeLinear NegativeLogLikelihoodLoss SoftmaxCrossEntropyLoss'
  ).split(' '),
);
