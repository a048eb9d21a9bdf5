export type { ImportedAction, ImportedEvent, ImportPorts, PictureOfReport } from "./ports.ts";
export { imported, takenAnswer } from "./schema.ts";
export { checkImport, newImport } from "./session.ts";
export { take } from "./take.ts";
export { reportDigest, withoutPlaces } from "./take-event.ts";
