import { undoAgain } from "./mappings/undo.ts";
import { keepHours } from "./people/settings.ts";

/** What capabilities do after a change of the core: each call here is one that the core makes, and knows nothing of. */

/** The days were set for which events are kept. */
export const retentionChanged = keepHours;

/** A replay has ended that read reports by a mapping which was removed since it began. */
export const replayedByRemoved = undoAgain;
