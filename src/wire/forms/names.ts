/** The name of a field in JSON: `opType` for `op_type`. */
export function jsonNameOf(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
