import { undoAgain } from "./mappings/undo.ts";
import { withKnownNames } from "./people/known.ts";
import { keepHours } from "./people/settings.ts";

/** The core calls these functions. It knows no capability that they belong to. */

/** Called with the events of an answer, before a caller gets them. */
export const eventsRead = withKnownNames;

/** Called after the days for which events are kept are set. */
export const retentionChanged = keepHours;

/** Called for each mapping that a replay has used and that was removed meanwhile. */
export const replayedByRemoved = undoAgain;
