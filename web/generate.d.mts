/** Where the types are. */
export const FILE: URL;

/** What is to be there. */
export function generated(): Promise<string>;
