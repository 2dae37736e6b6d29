const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];

/** A size in decimal units with one digit after the point, as file managers and registries write it: `88.2 MB`. */
export function sizeText(bytes: number): string {
  let unit = 0;
  let amount = bytes;
  while (amount >= 999.95 && unit < units.length - 1) {
    amount /= 1000;
    unit++;
  }
  return unit === 0 ? `${bytes} ${bytes === 1 ? 'byte' : 'bytes'}` : `${amount.toFixed(1)} ${units[unit]}`;
}

/** `1 model`, `2 models`. */
export function countText(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The change from one number to another as `-32 (-84 %)`; '' when there is none. */
export function changeText(before: number, after: number): string {
  if (before === after) return '';
  const difference = after - before;
  const signed = difference > 0 ? `+${difference}` : `${difference}`;
  if (before === 0) return signed;
  const percent = Math.round((100 * difference) / before);
  return percent === 0 ? signed : `${signed} (${percent > 0 ? '+' : ''}${percent} %)`;
}
