/** What can be wrong with the messages of a file; what is wrong with the graph they make is for check/. */
import { modelRule, type ModelRule } from '../ir/problem.ts';

export const corruptMessage = modelRule({
  id: 'model/corrupt-message',
  summary: 'The bytes of a message cannot be decoded.',
  why: 'A model is a protobuf message (onnx.proto); its bytes must be fields with tags and lengths that fit.',
  severity: 'error',
  effect: 'refuse',
  messages: { bytes: 'the file is corrupt: a {message} cannot be read ({reason})' },
  advice: 'fetch or export the model again',
});

export const undefinedValue = modelRule({
  id: 'model/undefined-value',
  summary: 'A node or an output names a value that nothing defines.',
  why: 'Inputs of nodes and outputs of graphs must be defined in the graph or in one around it (IR.md, Names Within a Graph).',
  severity: 'error',
  effect: 'refuse',
  messages: {
    input: "input '{value}' of node {node} is not defined",
    output: "output '{value}' of the graph is not defined",
    functionOutput: "output '{value}' of function '{function}' is not defined",
  },
  advice: '',
});

export const duplicateValue = modelRule({
  id: 'model/duplicate-value',
  summary: 'Two definitions have the same name.',
  why: 'Graphs are in single static assignment form: each name has one definition (IR.md, Names Within a Graph).',
  severity: 'error',
  effect: 'refuse',
  messages: { value: "value '{value}' is defined twice" },
  advice: 'names of values must be unique within a graph',
});

export const unnamedInitializer = modelRule({
  id: 'model/unnamed-initializer',
  summary: 'An initializer has no name.',
  why: 'The name is how nodes refer to it (IR.md, Graphs); without one nothing can.',
  severity: 'error',
  effect: 'refuse',
  messages: { initializer: 'an initializer has no name' },
  advice: '',
});

export const attributeContents = modelRule({
  id: 'model/attribute-contents',
  summary: 'An attribute does not hold what it says.',
  why: 'An attribute has a name, a type, and one value, of that type (IR.md, Attributes; onnx.proto, AttributeProto).',
  severity: 'error',
  effect: 'refuse',
  messages: {
    unknownKind: "attribute '{attribute}' is of a kind that IR 14 does not have",
    holdsNone: "attribute '{attribute}' is of type {kind}, but holds none",
    holdsOther: "attribute '{attribute}' is of type {kind}, but holds {other}",
    emptyType: "attribute '{attribute}' holds an empty type",
    severalValues: "attribute '{attribute}' is of type {kind}, and also holds {other}",
    noType: "attribute '{attribute}' does not say its type; it holds {kind}",
    valueAndReference: "attribute '{attribute}' refers to '{refersTo}', and also holds a value",
    noName: 'an attribute has no name',
    twice: "node {node} has an attribute twice: '{attribute}'",
  },
  advice: { unknownKind: 'a newer release may know it' },
});

export const tensorData = modelRule({
  id: 'model/tensor-data',
  summary: "A tensor's data does not fit its data type and dims.",
  why: 'A tensor has a data type and dims, and its elements lie in one field, the one for the type (onnx.proto, TensorProto).',
  severity: 'error',
  effect: 'refuse',
  messages: {
    noDataType: '{tensor} has no data type',
    unknownDataType: '{tensor} has the data type {code}, which is not one of IR 14',
    segment: '{tensor} is one segment of a tensor, which no tool reads',
    tooManyDims: '{tensor} has {count} dims; {most} are the most that is read',
    impossibleDimension: '{tensor} has the impossible dimension {dimension}',
    uncountable: '{tensor} has more elements than can be counted: [{dims}]',
    tooFewStrings: '{tensor} has {count} strings, but its dims [{dims}] ask for {wanted}',
    tooFewBytes: '{tensor} has {count} bytes of data, but its type and dims [{dims}] ask for {wanted}',
    tooFewElements: '{tensor} has fewer elements than its dims say ({wanted})',
    tooFewEntries: '{tensor} has {count} entries of data, but its dims ask for {wanted}',
    tooManyBytes: '{tensor} has {count} bytes of data, but its type and dims [{dims}] ask for {wanted}',
    undecodable: '{tensor} cannot be decoded: {reason}',
    noData: '{tensor} has no data for its dims [{dims}]',
    wrongField: '{tensor} is of type {dataType}, but keeps its data in {field}',
    severalFields: '{tensor} keeps its data in {fields}; only one may be there',
    rawStrings: '{tensor} keeps strings in raw_data',
    emptyWithData: '{tensor} has no elements, but holds data',
    paddingBits: '{tensor} has bits set behind its last element',
  },
  advice: { unknownDataType: 'a newer release may know it' },
});

export const externalData = modelRule({
  id: 'model/external-data',
  summary: 'The reference of a tensor to its file of external data, or that file, cannot be used.',
  why: "External data is named by a relative location within the model's folder, an offset and a length (onnx.proto, external_data).",
  severity: 'error',
  effect: 'keep',
  messages: {
    unreadable: '{reason} ({tensors})',
    unusable: '{tensor}: {reason}',
    wrongLength: "{tensor}: external data '{location}' gives {length} bytes to a tensor of {wanted}",
    dataInModel: '{tensor} is stored in another file, but the model holds data for it too',
  },
  advice: {
    unreadable: '{hint}',
    unusable: "external data must lie in the model's folder",
    wrongLength: 'the model and its data file do not belong together',
  },
});

export const sparseTensorParts = modelRule({
  id: 'model/sparse-tensor-parts',
  summary: 'A sparse tensor lacks its values or its indices.',
  why: 'A sparse tensor is made of values, their indices and dims (onnx.proto, SparseTensorProto).',
  severity: 'error',
  effect: 'refuse',
  messages: { parts: 'a sparse tensor lacks its values or indices' },
  advice: '',
});

export const duplicateKey = modelRule({
  id: 'model/duplicate-key',
  summary: 'A key occurs twice among metadata_props.',
  why: 'Keys of metadata_props must be distinct (IR.md, Optional Metadata).',
  severity: 'error',
  effect: 'repair',
  messages: {
    model: "the model's metadata_props have a key twice: {keys}",
    other: 'the metadata_props of {what} have a key twice: {keys}',
  },
  advice: { model: 'the last one of each key is read' },
});

export const duplicateImport = modelRule({
  id: 'model/duplicate-opset-import',
  summary: 'A domain is imported twice.',
  why: 'A model imports one version of each domain (IR.md, Operator Sets); readers take the last.',
  severity: 'warning',
  effect: 'repair',
  messages: { domain: 'the domain {domain} is imported as {versions}; the last is read' },
  advice: '',
});

export const impossibleImport = modelRule({
  id: 'model/impossible-opset-import',
  summary: 'The version of an imported domain is no version.',
  why: 'Versions of operator sets are positive numbers of 32 bits (IR.md, Operator Sets; onnx.checker).',
  severity: 'error',
  effect: 'refuse',
  messages: { version: 'the domain {domain} is imported in version {version}' },
  advice: '',
});

export const functionHeader = modelRule({
  id: 'model/function-header',
  summary: 'A function lacks its domain.',
  why: 'A function is identified by domain, name and overload (IR.md, Functions).',
  severity: 'error',
  effect: 'keep',
  messages: { noDomain: "function '{function}' has no domain" },
  advice: '',
});

export const duplicateValueInfo = modelRule({
  id: 'model/duplicate-value-info',
  summary: 'A value is described twice by value_info.',
  why: 'value_info says the type of a value once (onnx.proto, GraphProto.value_info).',
  severity: 'info',
  effect: 'keep',
  messages: { value: "value_info describes '{value}' twice; the first is read" },
  advice: '',
});

export const oversizedModel = modelRule({
  id: 'model/oversized-message',
  summary: 'The model file is larger than protobuf allows.',
  why: 'C++ and Python protobuf refuse messages over 2147483647 bytes (onnx.checker.MAXIMUM_PROTOBUF).',
  severity: 'error',
  effect: 'keep',
  messages: { bytes: 'the model is one message of {size} bytes; other readers take at most {limit}' },
  advice: 'written again, its weights become external data',
});

export const readingRules: readonly ModelRule[] = [
  corruptMessage,
  undefinedValue,
  duplicateValue,
  unnamedInitializer,
  attributeContents,
  tensorData,
  externalData,
  sparseTensorParts,
  duplicateKey,
  duplicateImport,
  impossibleImport,
  functionHeader,
  duplicateValueInfo,
  oversizedModel,
];
