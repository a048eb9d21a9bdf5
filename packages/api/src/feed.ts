import { GatepostError } from "@gatepost/core/errors";
import type { EventFilter } from "@gatepost/core/events";
import { cursorSigner } from "@gatepost/core/lists";
import { eventSchema, isCheckBox } from "@gatepost/protocol";
import * as z from "zod";
import { shownEvents } from "./access/actors.ts";
import { jsonPage, signedCursor } from "./page.ts";
import type { ApiPorts } from "./ports.ts";

/** The parameters that turn the list of events into the feed of changes. */
export const feedQuery = {
  order: z
    .enum(["time", "received"])
    .default("time")
    .meta({ description: "`received` for the feed of changes, which takes only `after` and `limit`." }),
  after: signedCursor
    .meta({
      description:
        "`next` of an earlier page of the feed, or `end` to begin with the next change; leave it out to begin with the oldest.",
    })
    .exactOptional(),
};

export const feedAnswer = z.object({
  events: z.array(eventSchema),
  next: z.string().meta({ description: "The cursor to continue with, now or later. It never becomes invalid." }),
  more: z.boolean().meta({ description: "True if there are more changes already." }),
});

/** The parameters of a list of events: what the feed does not take is refused. */
export type FeedRequest = EventFilter & {
  limit: number;
  order?: string;
  cursor?: string;
  after?: string;
  with?: readonly string[];
};

/** Answers with one page of the feed of changes. */
export async function readFeed({ limit, after, order: _, ...rest }: FeedRequest, deps: ApiPorts): Promise<Response> {
  const other = Object.keys(rest)[0];
  if (other !== undefined) {
    throw new GatepostError("bad-request", `${other}: order=received takes after and limit alone`);
  }
  const signer = cursorSigner(["feed"], deps.cursorSecret);
  if (after === "end") return jsonPage({ events: [], next: signer.sign(await deps.feed.end()), more: false });
  const { items, next, isEnd } = await deps.feed.read(
    after === undefined ? null : signer.verify(after, "after"),
    limit,
  );
  const shown = items.filter(({ event }) => !isCheckBox(event.box)).map(({ event }) => event);
  const events = await shownEvents(shown, deps);
  return jsonPage({ events, next: signer.sign(next), more: !isEnd });
}
