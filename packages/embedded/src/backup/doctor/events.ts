import { migrations } from "../../db/schema.ts";
import { eventColumns, eventOf } from "../../events/row.ts";
import { countOf, schemaOf } from "../snapshot.ts";
import type { Examined, Finding } from "./finding.ts";

/** How many are named. */
const mostNamed = 5;

/** Whether each event can be read: one that cannot be makes every list that it is in answer 503. */
export async function* events({ database }: Examined): AsyncGenerator<Finding> {
  // The next start brings the rows of an older Gatepost up to date, and reads each as it does so.
  if (schemaOf(database) < migrations.length) return;
  let broken = 0;
  for (const row of database.prepare(`SELECT ${eventColumns} FROM events`).iterate()) {
    const fault = faultOf(row);
    if (fault === null) continue;
    broken += 1;
    if (broken <= mostNamed)
      yield {
        check: "events",
        state: "wrong",
        said: fault,
        todo: `DELETE /v1/events/${row["id"]}, or restore a backup`,
      };
  }
  if (broken > mostNamed) yield { check: "events", state: "wrong", said: `${broken} events cannot be read in all` };
  if (broken === 0) yield { check: "events", state: "ok", said: `${countOf(database, "events")} events can be read` };
}

function faultOf(row: Parameters<typeof eventOf>[0]): string | null {
  try {
    eventOf(row);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
