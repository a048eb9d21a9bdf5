import { all } from "@gatepost/core/errors";
import { type News, type NewsWriter, newNewsId, newsEntry, newsKeptMs, type Telling } from "@gatepost/core/events";
import { minuteMs, storedJson } from "@gatepost/protocol";
import { type Item, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import type { Dynamo } from "../dynamo/dynamo.ts";
import type { FeedWrites } from "./feed-writes.ts";
import { changeAttributes } from "./row.ts";

/** `nws_ID`: news of the feed. A little later than readers may ask for it, it expires. */
const newsRow = z.lazy(() =>
  z.object({
    pk: z.string(),
    changed: z.string(),
    news: storedJson(
      z.object({ told: newsEntry, at: z.number(), box: z.nullable(z.string()), site: z.nullable(z.string()) }),
    ),
  }),
);

interface Deps {
  dynamo: Dynamo;
  feed: FeedWrites;
  clock(): number;
}

/** Writes news into the feed of changes. */
export class DynamoNews implements NewsWriter {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async tell(news: readonly Telling[]): Promise<void> {
    const { dynamo, feed, clock } = this.#deps;
    const ttl = ttlAt(clock() + newsKeptMs + minuteMs);
    const put = (one: Telling) =>
      feed.write((sequence) => {
        const pk = newNewsId();
        return dynamo.update({ pk, set: { ...changeAttributes(pk, sequence), news: JSON.stringify(one), ttl } });
      });
    await all(news.map(put));
  }
}

export function isNews(pk: string): boolean {
  return pk.startsWith("nws_");
}

/** The news in a row; null if it cannot be read. */
export function newsIn(row: Item, cursor: string): News | null {
  const { data } = z.safeParse(newsRow, row);
  return data === undefined ? null : { ...data.news, id: data.pk, cursor };
}
