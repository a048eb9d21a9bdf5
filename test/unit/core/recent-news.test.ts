import { type Change, type News, RecentNews, type Telling } from "@gatepost/core/events";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

const textOf = (n: number) => String(n).padStart(16, "0");
const noted = (event: string): Telling => ({ told: { kind: "noted", event }, at: 0, box: "gate-1", site: null });
const erased = (events: string[]): Telling => ({ told: { kind: "erased", events }, at: 0, box: "gate-1", site: null });

/** A feed whose entries are events or news, in the order of their numbers. */
function feedOf(entries: readonly ("event" | "news")[]) {
  let last = 0;
  const news = new RecentNews({ next: () => textOf(++last), begun: textOf(0), clock: () => 0 });
  const events: Change[] = [];
  for (const [place, entry] of entries.entries()) {
    if (entry === "news") void news.tell([noted(`${place}`)]);
    else {
      const cursor = textOf(++last);
      events.push({ event: { id: `${place}` }, made: cursor, changed: cursor, cursor } as unknown as Change);
    }
  }
  const read = (after: string, limit: number) => {
    const rest = events.filter(({ cursor }) => cursor > after);
    const items = rest.slice(0, limit);
    const page = { items, next: items.at(-1)?.cursor ?? after, isEnd: rest.length <= limit };
    return news.join(after, limit, page);
  };
  return { read, news };
}

describe("recent news", () => {
  it("joins the events of a feed in any pages, each entry once and in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("event", "news"), { maxLength: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (entries, limit) => {
          const { read } = feedOf(entries);
          const got: [string, string][] = [];
          for (let [cursor, isOver] = [textOf(0), false]; !isOver; ) {
            const page = read(cursor, limit);
            const all: (Change | News)[] = [...page.items, ...page.news];
            expect(all.length).toBeLessThanOrEqual(limit);
            for (const { cursor: at } of all) expect(at > cursor && at <= page.next).toBe(true);
            got.push(...page.items.map(({ cursor: at }): [string, string] => [at, "event"]));
            got.push(...page.news.map(({ cursor: at }): [string, string] => [at, "news"]));
            [cursor, isOver] = [page.next, page.isEnd];
          }
          expect(got.sort()).toEqual(entries.map((entry, place) => [textOf(place + 1), entry]));
        },
      ),
    );
  });

  it("keeps a hundred thousand ids at most, and says that older news was missed", async () => {
    const { read, news } = feedOf([]);
    const ids = Array.from({ length: 100 }, (_, n) => `evt_${n}`);
    for (let n = 0; n < 1001; n++) await news.tell([erased(ids)]);
    const { news: told, next } = read(textOf(0), 500);
    expect(told[0]).toMatchObject({ told: { kind: "missed" } });
    expect(told).toHaveLength(501);
    expect(read(next, 500).news.filter(({ told: one }) => one.kind === "missed")).toEqual([]);
  });
});
