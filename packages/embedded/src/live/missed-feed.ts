import type { DatabaseSync } from "node:sqlite";
import type { Change } from "@gatepost/query";
import { ChangePages } from "../events/change-feed.ts";

/** Events where they were made, and again where they changed last. */
const toldAfter = `SELECT made, made AS revision FROM events WHERE made > ?1
  UNION ALL SELECT made, revision FROM events WHERE revision > ?1 AND revision <> made`;

/**
 * The feed of changes as subscribers were told of them: an event that has changed is given where it was made, and again
 * where it changed last. So who was told up to any event, and is cut off, goes on behind the place where that was made
 * and misses none.
 */
export class SqliteMissedFeed extends ChangePages {
  constructor(database: DatabaseSync, clock: () => number) {
    super(database, { changes: toldAfter, clock });
  }

  /** `changed` is where it is given here. */
  override async read(after: string | null, limit: number): ReturnType<ChangePages["read"]> {
    const { items, ...end } = await super.read(after, limit);
    const told = items.map((change): Change => ({ ...change, isUpdate: change.changed !== change.made }));
    return { items: told, ...end };
  }
}
