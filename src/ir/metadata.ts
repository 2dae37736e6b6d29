/** The metadata_props of what has none: shared by nearly all nodes and values. */
export const noMetadata: ReadonlyMap<string, string> = new Map();
