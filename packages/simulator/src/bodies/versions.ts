/** The dialect versions that a box can be set to speak. docs/formats.md §0. */
export const versions = ["V2R2", "V2R4", "V2R6", "V5R2", "V5R3", "V5R4", "V5R6", "V5R7", "V6"] as const;
export type Version = (typeof versions)[number];

/** Whose history is flat. docs/formats.md §0, (c). */
export const flatVersions: ReadonlySet<Version> = new Set(["V2R6", "V5R4", "V5R6", "V5R7"]);
