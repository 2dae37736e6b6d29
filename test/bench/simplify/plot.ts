import { counts, type ModelRow } from './results.ts';

const palette = ['#d1242f', '#0969da', '#8250df', '#1a7f37', '#9a6700', '#bf3989', '#57606a', '#0e7490'];
const rowHeight = 14;
const panelWidth = 360;
const labelWidth = 190;
const top = 46;

/**
 * Two panels, a row a model and a dot a participant: how much of the nodes is left, in percent, and the seconds of the whole
 * process on a logarithmic scale. A hollow dot is a result that is wrong or needs a domain of its own.
 */
export function plotSvg(rows: readonly ModelRow[], names: readonly string[]): string {
  const bottom = top + rows.length * rowHeight;
  const width = labelWidth + 2 * panelWidth + 60;
  const all = rows.flatMap(({ results }) => Object.values(results));
  const seconds = all.map((result) => Math.max(result.seconds, 0.01));
  const [from, to] = [Math.floor(Math.log10(Math.min(...seconds))), Math.ceil(Math.log10(Math.max(...seconds)))];
  const nodesAt = (percent: number): number => labelWidth + (Math.min(percent, 110) / 110) * panelWidth;
  const secondsAt = (value: number): number =>
    labelWidth + panelWidth + 40 + ((Math.log10(Math.max(value, 0.01)) - from) / (to - from)) * panelWidth;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 24}" font-family="sans-serif" font-size="10">`,
    `<rect width="100%" height="100%" fill="white"/>`,
  ];
  names.forEach((name, index) => {
    const x = 10 + index * 125;
    parts.push(`<circle cx="${x}" cy="12" r="4" fill="${colorOf(index)}"/><text x="${x + 8}" y="15">${name}</text>`);
  });
  parts.push(
    text(nodesAt(0), top - 14, 'nodes left, % of the original'),
    text(secondsAt(10 ** from), top - 14, 'seconds, whole process'),
  );
  for (let percent = 0; percent <= 100; percent += 25) parts.push(gridLine(nodesAt(percent), bottom, `${percent}`));
  for (let power = from; power <= to; power++) parts.push(gridLine(secondsAt(10 ** power), bottom, `${10 ** power}`));
  rows.forEach((row, at) => {
    const y = top + at * rowHeight + rowHeight / 2;
    parts.push(`<text x="${labelWidth - 6}" y="${y + 3}" text-anchor="end">${row.model}</text>`);
    // Ours is drawn last, on top.
    [...names.entries()].reverse().forEach(([index, name]) => {
      const result = row.results[name];
      if (result === undefined) return;
      const fill = counts(result) ? colorOf(index) : 'white';
      const style = `fill="${fill}" stroke="${colorOf(index)}" fill-opacity="0.8"`;
      if (result.nodes !== undefined)
        parts.push(`<circle cx="${nodesAt((100 * result.nodes) / row.nodes).toFixed(1)}" cy="${y}" r="3" ${style}/>`);
      parts.push(`<circle cx="${secondsAt(result.seconds).toFixed(1)}" cy="${y}" r="3" ${style}/>`);
    });
  });
  return [...parts, '</svg>', ''].join('\n');
}

function colorOf(index: number): string {
  return palette[index % palette.length] ?? 'black';
}

function text(x: number, y: number, label: string): string {
  return `<text x="${x}" y="${y}" font-weight="bold">${label}</text>`;
}

function gridLine(x: number, bottom: number, label: string): string {
  const at = x.toFixed(1);
  return `<path d="M${at} ${top}V${bottom}" stroke="#ddd"/><text x="${at}" y="${bottom + 14}" text-anchor="middle">${label}</text>`;
}
