/** The dialect versions that a box can be set to speak. docs/formats.md §0. */
export const versions = ["V2R2", "V2R4", "V2R6", "V5R2", "V5R3", "V5R4", "V5R6", "V5R7", "V6"] as const;
export type Version = (typeof versions)[number];

/** SE3 firmware that sends the face in real-time if it is set to. docs/formats.md §4, row 14. */
export const realtimeFaceVersions: ReadonlySet<Version> = new Set(["V2R2", "V2R4"]);

/** Whose history is flat. docs/formats.md §0, (c). */
export const flatVersions: ReadonlySet<Version> = new Set(["V2R6", "V5R4", "V5R6", "V5R7"]);
