import * as z from "zod";
import { inTime } from "../clock.ts";
import type { Span } from "../se5/history.ts";
import type { EventKey } from "../spool/request.ts";

const page = z.object({
  events: z.array(
    z.object({
      timestamp: z.int(),
      device: z.object({ id: z.string().nullable() }),
      person: z.object({ id: z.string().nullable(), type: z.string() }),
    }),
  ),
  next: z.string().nullable(),
});

/** The cloud did not answer which events it has. The message says why. */
export class ReadError extends Error {}

const timeoutMs = 30_000;

/** Reads which events of a box the cloud has in a span of time. Throws ReadError. */
export async function knownToCloud(
  { url, token, box }: { url: string; token: string; box: string },
  { from, to }: Span,
  signal: AbortSignal,
): Promise<EventKey[]> {
  const query = new URLSearchParams({ box, from: String(from), to: String(to + 1), limit: "500" });
  const known: EventKey[] = [];
  for (;;) {
    const { events, next } = await ask(`${url.replace(/\/+$/, "")}/v1/events?${query}`, token, signal);
    known.push(...events.map(factsOf));
    if (next === null) return known;
    query.set("cursor", next);
  }
}

async function ask(url: string, token: string, signal: AbortSignal): Promise<z.output<typeof page>> {
  try {
    return await inTime(timeoutMs, signal, async (until) => {
      const headers = { authorization: `Bearer ${token}` };
      const response = await fetch(url, { headers, redirect: "error", signal: until });
      if (!response.ok) throw new ReadError(`the cloud answers ${response.status}; is the read key right?`);
      return page.parse(await response.json());
    });
  } catch (error) {
    if (error instanceof ReadError || signal.aborted) throw error;
    throw new ReadError("the cloud cannot be asked what it has; try again", { cause: error });
  }
}

function factsOf({ timestamp, device, person }: z.output<typeof page>["events"][number]): EventKey {
  return { at: timestamp, device: device.id ?? "", person: person.type === "stranger" ? "" : (person.id ?? "") };
}
