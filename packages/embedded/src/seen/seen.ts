import type { DatabaseSync } from "node:sqlite";
import type { MarkedEvents } from "@gatepost/core/seen";
import { parseStored } from "@gatepost/protocol";
import type { Writer } from "@gatepost/sqlite";
import * as z from "zod";
import type { SqliteItems } from "../db/items.ts";

const boxRow = z.object({ box: z.string() });

interface Deps {
  items: Pick<SqliteItems, "writeNow">;
  /** The believed time, ms since 1970: an event that expires later exists. */
  believed(): number;
}

/** Events whose marks are written in the transaction that finds the event. A trigger removes a mark with its event. */
export function markedEvents(database: DatabaseSync, writer: Writer, { items, believed }: Deps): MarkedEvents {
  const find = database.prepare("SELECT box FROM events WHERE id = ? AND expires_at > ?");
  return {
    write: (eventId, markOf) =>
      writer.run(() => {
        const row = find.get(eventId, believed());
        if (row === undefined) return null;
        const { box } = parseStored(boxRow, row, `event ${eventId}`);
        return { box, ...items.writeNow(markOf({ box })) };
      }),
  };
}
