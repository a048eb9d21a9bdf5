/** The generations of the boxes' person interfaces, and the platform that stands before boxes. docs/acting.md. */
export const generations = ["A", "B", "B7", "C", "sophonsight"] as const;
export type Generation = (typeof generations)[number];
