import type { DatabaseSync } from "node:sqlite";
import type { Change } from "@gatepost/core/events";
import { ChangePages } from "../events/change-feed.ts";

/** Each event at the number of its creation, and again at that of its last change. */
const toldAfter = `SELECT made, made AS revision FROM events WHERE made > ?1
  UNION ALL SELECT made, revision FROM events WHERE revision > ?1 AND revision <> made`;

/**
 * The feed of changes as live clients got them: a changed event appears where it was made, and again where it changed
 * last. So a client that was disconnected after any event continues after the place where that event was made, and
 * misses none.
 */
export class SqliteMissedFeed extends ChangePages {
  constructor(database: DatabaseSync, clock: () => number) {
    super(database, { changes: toldAfter, clock });
  }

  /** `changed` is the number at which the event appears here. */
  override async read(after: string | null, limit: number): ReturnType<ChangePages["read"]> {
    const { items, ...end } = await super.read(after, limit);
    const told = items.map((change): Change => ({ ...change, isUpdate: change.changed !== change.made }));
    return { items: told, ...end };
  }
}
