/** Why reports of an unknown format are kept. */
export const unknownShape = "unknown-shape";

/** Whether mappings are asked about reports that are kept for a reason. */
export const isTeachable = (reason: string) => reason === unknownShape || reason.startsWith("unclear-notice:");
