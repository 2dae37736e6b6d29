/**
 * Width of a text in columns, for our own help texts, which are ASCII: the bundle puts it in the place of the package
 * `string-width` (see src/tools/build.mjs), which loads the Unicode tables of Intl.Segmenter and takes longer than
 * everything else that yargs does at the start.
 */
export default function plainWidth(text: string): number {
  return text.length;
}
