/**
 * Characters that move the cursor, clear the screen or turn text around: C0 and C1 controls, line separators and the
 * bidirectional controls of UAX #9. Names in a model are anybody's text; a report must show them, not obey them.
 */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/** Text for one line of a terminal: unprintable characters are shown as `\n`, `\t` or `\u{1b}`. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) => {
    if (character === '\n') return '\\n';
    if (character === '\t') return '\\t';
    return `\\u{${character.charCodeAt(0).toString(16)}}`;
  });
}

/** JSON, two spaces deep, with a newline at the end. bigint is written as a decimal string; unprintable characters as escapes. */
export function printableJson(value: unknown): string {
  const text = JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? item.toString() : item), 2);
  const escaped = text.replace(unprintable, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `${escaped}\n`;
}
