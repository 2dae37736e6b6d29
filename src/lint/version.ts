/**
 * TensorRT versions as numbers that compare: 10.10 is above 10.9. Patch levels do not matter to the parser's facts, so they are cut off.
 */
export type Version = number;

const MINOR_SPAN = 1000;

/** `10.3` or `8.6.1`; undefined when the text is no version. */
export function parseVersion(text: string): Version | undefined {
  const match = /^(\d{1,2})\.(\d{1,2})(?:\.\d+){0,2}$/.exec(text);
  return match === null ? undefined : Number(match[1]) * MINOR_SPAN + Number(match[2]);
}

/** For versions that are written in the source, where a misspelt one is our bug. */
export function version(text: `${number}.${number}`): Version {
  // Checks ask for the same few versions at every node.
  let value = known.get(text);
  if (value === undefined) {
    const [major, minor] = text.split('.');
    value = Number(major) * MINOR_SPAN + Number(minor);
    known.set(text, value);
  }
  return value;
}

const known = new Map<string, Version>();

export function formatVersion(value: Version): string {
  return `${Math.floor(value / MINOR_SPAN)}.${value % MINOR_SPAN}`;
}
