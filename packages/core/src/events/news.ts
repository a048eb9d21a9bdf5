import { createHash, randomBytes } from "node:crypto";
import { hourMs } from "@gatepost/protocol";
import * as z from "zod/mini";

/** ms for which news is kept. A reader that was away for longer is told that it has missed some. */
export const newsKeptMs = hourMs;

/** Most events of one piece of news. */
const maxEvents = 100;

/** The facts that readers of the feed are told in addition to changed events. */
export const newsEntry = z.lazy(() => {
  const events = z.array(z.string());
  return z.discriminatedUnion("kind", [
    z.object({
      kind: z.literal("acknowledged"),
      events,
      /** Null for several events that were marked separately: the acknowledgement of each has its id, with `ack_`. */
      acknowledgement: z.nullable(z.string()),
      reason: z.nullable(z.string()),
      by: z.object({ name: z.nullable(z.string()) }),
    }),
    z.object({ kind: z.literal("unacknowledged"), acknowledgement: z.string(), events }),
    z.object({ kind: z.literal("noted"), event: z.string() }),
    z.object({ kind: z.literal("erased"), events }),
    z.object({ kind: z.literal("roll"), roll: z.string() }),
  ]);
});
export type NewsEntry = z.output<typeof newsEntry>;

/** A fact, and who may learn it. */
export interface Telling {
  told: NewsEntry;
  /** ms since 1970. */
  at: number;
  /** The box of its events; null for facts of a site. */
  box: string | null;
  /** Null for facts of a box. */
  site: string | null;
}

/** A fact as the feed has it. `missed`: older news of this reader is not kept any more. */
export interface News extends Omit<Telling, "told"> {
  /** `nws_…`, always the same for this news. */
  id: string;
  told: NewsEntry | { kind: "missed" };
  /** As the cursor of a change. */
  cursor: string;
}

export interface NewsWriter {
  /** Tells readers of the feed. Resolves once that is as durable as news is here. */
  tell(news: readonly Telling[]): Promise<void>;
}

export function newNewsId(): string {
  return `nws_${randomBytes(16).toString("hex")}`;
}

/** Says that a reader whose cursor was `after` has missed news. */
export function missedNews(after: string, { at, cursor }: Pick<News, "at" | "cursor">): News {
  const id = `nws_${createHash("sha256").update(`missed ${after}`).digest("hex").slice(0, 32)}`;
  return { id, at, cursor, box: null, site: null, told: { kind: "missed" } };
}

/** An event that readers are told something about. */
export interface EventOfBox {
  eventId: string;
  box: string;
}

/** The same fact about several events: news for each box, with a hundred events at most. */
export function newsOfEvents(
  events: readonly EventOfBox[],
  at: number,
  toldOf: (events: string[]) => NewsEntry,
): Telling[] {
  return [...Map.groupBy(events, ({ box }) => box)].flatMap(([box, ofBox]) => {
    const ids = ofBox.map(({ eventId }) => eventId);
    const pieces = Array.from({ length: Math.ceil(ids.length / maxEvents) }, (_, n) =>
      ids.slice(n * maxEvents, (n + 1) * maxEvents),
    );
    return pieces.map((some) => ({ told: toldOf(some), at, box, site: null }));
  });
}
