import type { ChangeFeed, ChangePage, EventFilter, News } from "@gatepost/core/events";
import { maxPageBytes, valuesOf } from "@gatepost/core/lists";
import type { StoredEvent } from "@gatepost/protocol";
import { among, maxReads, type Seen, seenPage } from "../access/seen-boxes.ts";
import { enoughBytes, jsonBytes } from "../page.ts";
import type { ApiPorts } from "../ports.ts";

export function limitedEvents(
  { events, feed, feedCounts }: ApiPorts,
  seen: Seen,
): Pick<ApiPorts, "events" | "feed" | "feedCounts"> {
  const { boxes, isSeen } = seen;
  return {
    events: {
      async get(id) {
        const event = await events.get(id);
        return event !== null && isSeen(event.box) ? event : null;
      },
      list: async (filter, page) => {
        const filters = narrowed(filter, seen);
        if (filters === null) return { items: [], next: null };
        const seenOf = (found: readonly StoredEvent[]) => found.filter(({ box }) => isSeen(box));
        return seenPage(page, (asked) => events.list(filters, asked), { ...seen, seenOf });
      },
      async count(filter, max) {
        const filters = narrowed(filter, seen);
        return filters === null ? { count: 0, isExact: true } : events.count(filters, max);
      },
      async neighbours(event, filter) {
        const filters = narrowed(filter, seen);
        return filters === null ? { newer: null, older: null } : events.neighbours(event, filters);
      },
      async getAll(ids) {
        const found = await events.getAll(ids);
        return new Map([...found].filter(([, { box }]) => isSeen(box)));
      },
    },
    feed: limitedFeed(feed, seen),
    feedCounts: { read: (asked) => feedCounts.read(among(boxes, asked)) },
  };
}

/** The filter, narrowed to boxes that are seen; null if it could find nothing. */
function narrowed(filter: EventFilter, { boxes, isSeen }: Seen): EventFilter | null {
  if (filter.box === undefined) return boxes.length === 0 ? null : { ...filter, boxes };
  const box = valuesOf(filter.box).filter(isSeen);
  return box.length === 0 ? null : { ...filter, box };
}

/** The feed of changes that a limited key sees. Its cursors stay valid for ever, too. */
function limitedFeed(feed: ChangeFeed, { isSeen, seal, boxesOf }: Seen): ChangeFeed {
  const isTold = async ({ box, site }: News) =>
    box === null ? site === null || (await boxesOf(site)).some(isSeen) : isSeen(box);
  return {
    async read(after, limit) {
      const [items, news]: [ChangePage["items"], News[]] = [[], []];
      const begin = after === null ? null : seal.open(after);
      let cursor = begin;
      let bytes = 0;
      for (let reads = 1; ; reads++) {
        const left = limit - items.length - news.length;
        const page = await feed.read(cursor, left, maxPageBytes - bytes);
        const seen = page.items.filter(({ event }) => isSeen(event.box));
        const visibleNews = await Promise.all(page.news.map(async (one) => ((await isTold(one)) ? one : null)));
        items.push(...seen);
        news.push(...visibleNews.filter((one) => one !== null));
        bytes += jsonBytes(seen);
        cursor = page.next;
        // A reader to whom nothing is new keeps its cursor.
        const next = after !== null && cursor === begin ? after : seal.seal(cursor);
        const isFull = items.length + news.length === limit || bytes >= enoughBytes;
        if (page.isEnd || isFull || reads === maxReads) return { items, news, next, isEnd: page.isEnd };
      }
    },
    end: async () => seal.seal(await feed.end()),
  };
}
