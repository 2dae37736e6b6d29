export const strippable = ['docs', 'metadata', 'names'] as const;

/** `docs`: all doc_string. `metadata`: all metadata_props. `names`: the names of nodes. */
export type Strippable = (typeof strippable)[number];
