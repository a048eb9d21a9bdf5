import { plural } from "@gatepost/protocol";
import { eventColumns, eventOf } from "../../events/row.ts";
import { countOf } from "../snapshot.ts";
import type { Examined, Finding } from "./finding.ts";

/** At most so many are named. */
const maxNamed = 5;

/** Whether each event can be read. One that cannot makes every list that contains it answer 503. */
export async function* events({ database }: Examined): AsyncGenerator<Finding> {
  let broken = 0;
  for (const row of database.prepare(`SELECT ${eventColumns} FROM events`).iterate()) {
    const fault = faultOf(row);
    if (fault === null) continue;
    broken += 1;
    if (broken <= maxNamed)
      yield {
        check: "events",
        state: "wrong",
        said: fault,
        todo: `DELETE /v1/events/${row["id"]}, or restore a backup`,
      };
  }
  if (broken > maxNamed)
    yield { check: "events", state: "wrong", said: `${plural(broken, "event", "events")} cannot be read in all` };
  if (broken === 0)
    yield {
      check: "events",
      state: "ok",
      said: `${plural(countOf(database, "events"), "event", "events")} can be read`,
    };
}

function faultOf(row: Parameters<typeof eventOf>[0]): string | null {
  try {
    eventOf(row);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
