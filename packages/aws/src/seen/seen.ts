import type { MarkedEvents } from "@gatepost/core/seen";
import { parseStored } from "@gatepost/protocol";
import type { Rows } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { isExpired } from "../dynamo/item.ts";

const ofEvent = z.object({ box: z.string(), ttl: z.number() });

interface Deps {
  dynamo: Dynamo;
  items: Pick<Rows, "write">;
  clock(): number;
}

/**
 * Events whose marks have their `ttl`. An erasure of the event removes the mark, and so does the sweep after it, for a
 * mark that was written meanwhile.
 */
export function markedEvents({ dynamo, items, clock }: Deps): MarkedEvents {
  return {
    async write(eventId, markOf) {
      const event = eventId.startsWith("evt_") ? await dynamo.get(eventId) : null;
      if (event === null || isExpired(event, clock())) return null;
      const { box, ttl } = parseStored(ofEvent, event, `event ${eventId}`);
      return { box, ...(await items.write(markOf({ box, ttl }))) };
    },
  };
}
