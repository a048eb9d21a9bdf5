// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts are of source files
import type { Mutant } from "./mutant.ts";
import { byPower } from "./storage.ts";

const bus = "packages/embedded/src/bus";
const feed = "packages/embedded/src/events/change-feed.ts";

/** In every third state, a server continues after the cut. */
const caughtBy = byPower("working-day", 450);

/** The faults that are found when a server continues after a cut. */
export const lifeMutants: readonly Mutant[] = [
  {
    name: "newest-entry-first",
    file: `${bus}/deliveries.ts`,
    text: "`${waiting} AND is_aside = 0 ORDER BY id LIMIT 1`",
    becomes: "`${waiting} AND is_aside = 0 ORDER BY id DESC LIMIT 1`",
    why: "a subscriber hears of actions in another order",
    caughtBy,
  },
  {
    name: "failing-subscriber-passed",
    file: `${bus}/target.ts`,
    text: "return status >= 400 && status < 500 && !passingStatuses.has(status);",
    becomes: "return status >= 400;",
    why: "later entries pass one that a failing subscriber could not take",
    caughtBy,
  },
  {
    name: "no-answer-taken-for-delivered",
    file: `${bus}/attempt.ts`,
    text: "    return { failure, isRefused: false, status: null };",
    becomes: "    return { failure: failure === null ? failure : null, isRefused: false, status: null };",
    why: "an entry that did not reach its subscriber counts as delivered",
    caughtBy,
  },
  {
    name: "refused-entry-not-tried-again",
    file: `${bus}/delivery-worker.ts`,
    text: "    if (aside === null || !isDue(aside.dueAt, now)) return first;",
    becomes: "    if (aside === null || aside.dueAt > 0) return first;",
    why: "an entry that a subscriber refused once is never delivered",
    caughtBy,
  },
  {
    name: "second-announcement-fails",
    file: `${bus}/deliveries.ts`,
    text: "\n       ON CONFLICT DO NOTHING`",
    becomes: "`",
    why: "an action that was put before the process ended is never marked as announced",
    caughtBy,
  },
  {
    name: "end-after-the-next-change",
    file: feed,
    text: 'cursorAt(parseStored(endRow, end.get(), "the last change").revision ?? 0);',
    becomes: 'cursorAt((parseStored(endRow, end.get(), "the last change").revision ?? 0) + 1);',
    why: "a reader that begins at the end of the feed misses the next event",
    caughtBy,
  },
  {
    name: "changed-events-left-out-of-the-feed",
    file: feed,
    text: "FROM events WHERE revision > ?1 AND revision <> made`;\n\n/** The revision of the last change",
    becomes: "FROM events WHERE revision > ?1 AND revision < made`;\n\n/** The revision of the last change",
    why: "a reader never gets an event that changed before it read the feed",
    caughtBy,
  },
  {
    name: "report-in-flight-outlives-an-erasure",
    file: "packages/embedded/src/erasure/eraser.ts",
    text: "    await this.#suppression.settled();\n    await eraseStatuses",
    becomes: "    await eraseStatuses",
    why: "a report that was on its way is stored after its person was erased",
    caughtBy,
  },
];
