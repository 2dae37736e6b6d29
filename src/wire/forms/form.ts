import { ModelError } from '../../base/errors.ts';
import { messageFields } from '../generated/schema.ts';
import { MAXIMUM_TEXT_BYTES } from '../limits.ts';
import { jsonNameOf } from './names.ts';

/** The ways to write a model down: protobuf's binary one, the ONNX text syntax, protobuf's text format, JSON. */
export const modelFormats = ['binary', 'onnxtxt', 'textproto', 'json'] as const;
export type ModelFormat = (typeof modelFormats)[number];

/** How the bytes of a file are to be read. */
export interface ModelForm {
  readonly format: ModelFormat;
  readonly isGzip: boolean;
}

/** The extensions that the onnx package (1.23) gives to each format, and `.pbtext`. */
const extensions: Readonly<Record<ModelFormat, readonly string[]>> = {
  binary: ['onnx', 'pb'],
  onnxtxt: ['onnxtxt', 'onnxtext'],
  textproto: ['textproto', 'txtpb', 'pbtxt', 'prototxt', 'pbtext'],
  json: ['json', 'onnxjson'],
};

/** What the name of a file says; `format` is undefined for an extension that says nothing. */
export function formOfName(name: string): { readonly format: ModelFormat | undefined; readonly isGzip: boolean } {
  const bare = name.replace(/\.gz$/i, '');
  const extension = /\.([^./\\]+)$/.exec(bare)?.[1]?.toLowerCase() ?? '';
  return { format: modelFormats.find((format) => extensions[format].includes(extension)), isGzip: bare !== name };
}

/** The form that a file of this name is written in; `format` goes before the extension, and without either it is binary. */
export function formToWrite(name: string, format?: ModelFormat): ModelForm {
  const named = formOfName(name);
  return { format: format ?? named.format ?? 'binary', isGzip: named.isGzip };
}

/** The file name without what says its form: `net` for `net.onnx`, `net.pbtxt.gz`; `net.v2` for `net.v2`. */
export function withoutFormExtension(name: string): string {
  const { format, isGzip } = formOfName(name);
  const bare = isGzip ? name.replace(/\.gz$/i, '') : name;
  return format === undefined ? bare : bare.replace(/\.[^.]+$/, '');
}

/** The names of ModelProto's fields, as onnx.proto has them. */
const modelFields = (messageFields['ModelProto'] ?? '').split(' ').map((entry) => entry.replace(/:.*/, ''));

const blanks = String.raw`(?:\s|#[^\n]*(?:\n|$))*`;
const heads: readonly (readonly [format: ModelFormat, head: RegExp])[] = [
  // A header, or the name and the inputs of a graph.
  ['onnxtxt', new RegExp(String.raw`^${blanks}<${blanks}(?:opset_import|${modelFields.join('|')})${blanks}:`)],
  ['onnxtxt', new RegExp(String.raw`^${blanks}(?:[A-Za-z_]\w*|"[^"\n]*")${blanks}\([^(){}]*\)${blanks}=>`)],
  ['textproto', new RegExp(String.raw`^${blanks}(?:${modelFields.join('|')})${blanks}[:{<]`)],
  ['json', new RegExp(String.raw`^\s*\{\s*"(?:${modelFields.flatMap((name) => [name, jsonNameOf(name)]).join('|')})"`)],
];

/** The form that a text without byte order mark begins in; undefined for a text that is no model. */
export function textFormatOf(head: string): ModelFormat | undefined {
  return heads.find(([, pattern]) => pattern.test(head))?.[0];
}

/** ModelError for a text form that is longer than we read or write. */
export function textTooLong(byteLength: number, file?: string): ModelError {
  const size = Number.isFinite(byteLength) ? `${Math.ceil(byteLength / 2 ** 20)} MiB` : 'more';
  return new ModelError(
    `a text form holds at most ${MAXIMUM_TEXT_BYTES / 2 ** 20} MiB, and this would be ${size}`,
    file === undefined ? {} : { file },
    'use the binary format for a model of this size',
  );
}
