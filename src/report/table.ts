/** A cell and how to paint it once it is padded, so that colours do not disturb the columns. */
export type Cell = string | { readonly text: string; readonly paint: (text: string) => string };

export type Alignment = 'left' | 'right';

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

/** Lines of a table: columns two spaces apart, no trailing spaces. */
export function table(rows: readonly (readonly Cell[])[], alignments: readonly Alignment[], indent = ''): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, [...textOf(cell)].length);
    });
  }
  return rows.map((row) => {
    const last = row.findLastIndex((cell) => textOf(cell) !== '');
    const cells = row.slice(0, last + 1).map((cell, column) => {
      const text = textOf(cell);
      const gap = ' '.repeat((widths[column] ?? 0) - [...text].length);
      const right = alignments[column] === 'right';
      const painted = typeof cell === 'string' ? text : cell.paint(text);
      return right ? gap + painted : column === last ? painted : painted + gap;
    });
    return indent + cells.join('  ');
  });
}
