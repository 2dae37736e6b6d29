/** How a report paints its words; reports get one handed in and know nothing of terminals. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
  readonly cyan: (text: string) => string;
}

const asIs = (text: string): string => text;

export const plain: Palette = { bold: asIs, faint: asIs, red: asIs, yellow: asIs, green: asIs, cyan: asIs };

function sgr(on: number, off: number): (text: string) => string {
  return (text) => `\u001b[${on}m${text}\u001b[${off}m`;
}

/** The eight colours of ECMA-48, which follow the reader's own theme. */
export const coloured: Palette = {
  bold: sgr(1, 22),
  faint: sgr(2, 22),
  red: sgr(31, 39),
  yellow: sgr(33, 39),
  green: sgr(32, 39),
  cyan: sgr(36, 39),
};
