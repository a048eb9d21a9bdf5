import type { Event } from "@gatepost/client";
import { expect, it, vi } from "vitest";
import { openPage, passing } from "./support.ts";

const noon = 12 * 60 * 60;
const many = (count: number, type: Event["person"]["type"], from: number) =>
  Array.from({ length: count }, (_, n) => passing(`${type}-${n}`, { type }, noon - from - n));

/**
 * A page of a server with these events, of which some have been seen. Its pages are as large as the requests ask for.
 */
async function openOn(stored: readonly Event[], seen: ReadonlySet<string> = new Set()) {
  const newestFirst = stored.toSorted((a, b) => b.timestamp - a.timestamp);
  await openPage(({ path, query }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    if (path !== "/v1/events") return 204;
    const [from, limit] = [Number(query.get("cursor") ?? 0), Number(query.get("limit"))];
    const found = newestFirst.filter(({ person }) => query.getAll("type").includes(person.type));
    const events = found.slice(from, from + limit);
    const next = from + limit < found.length ? String(from + limit) : null;
    return { events, next, seen: events.map(({ id }) => id).filter((id) => seen.has(id)) };
  });
  return await import("../../../packages/console/src/live/standing.ts");
}

it("keeps the blacklist of the day, however many strangers have passed since", async () => {
  const { fillStanding, isCut, standing } = await openOn([...many(250, "stranger", 0), ...many(1, "blacklist", 1000)]);
  await fillStanding();
  expect(standing.value[0]?.person.type).toBe("blacklist");
  expect(standing.value).toHaveLength(251);
  expect(isCut.value).toBe(false);
});

it("finds unseen events behind pages of seen ones", async () => {
  const blacklist = many(450, "blacklist", 0);
  const { fillStanding, standing } = await openOn(blacklist, new Set(blacklist.slice(0, 449).map(({ id }) => id)));
  await fillStanding();
  expect(standing.value.map(({ id }) => id)).toEqual(["blacklist-449"]);
});

it("says that there may be more, and asks for them once these are seen", async () => {
  const { fillStanding, isCut, markSeen, standing } = await openOn(many(1100, "stranger", 0));
  await fillStanding();
  expect([standing.value.length, isCut.value]).toEqual([1000, true]);
  markSeen(standing.value.map(({ id }) => id));
  await expect.poll(() => [standing.value.length, isCut.value]).toEqual([100, false]);
});

it("says that there may be more if it would have to read too many pages", async () => {
  const strangers = many(2100, "stranger", 0);
  const { fillStanding, isCut } = await openOn(strangers, new Set(strangers.map(({ id }) => id)));
  await fillStanding();
  expect(isCut.value).toBe(true);
});

it("has the feed ask for events that were erased without a connection", async () => {
  const { fillStanding, noteStanding, standing } = await openOn(many(900, "stranger", 0));
  const { forgetEvents, heldIds } = await import("../../../packages/console/src/state/erased.ts");
  const [erased, changed] = [
    passing("erased", { type: "stranger" }, 1),
    passing("stranger-3", { type: "blacklist" }, noon),
  ];
  vi.setSystemTime(erased.timestamp);
  noteStanding([erased, changed]);
  await fillStanding();
  expect(new Set(heldIds())).toEqual(new Set(standing.value.map(({ id }) => id)));
  forgetEvents(({ id }) => id === "erased");
  const ids = standing.value.map(({ id }) => id);
  expect(ids).not.toContain("erased");
  // A list may lack one for another reason: here another report has changed the person.
  expect(ids).toContain("stranger-3");
  expect(ids).toHaveLength(900);
});
