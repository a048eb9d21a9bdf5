import type { Event } from "@gatepost/client";
import { expect, it, vi } from "vitest";
import { openPage, passing } from "./support.ts";

const noon = 12 * 60 * 60;
const many = (count: number, type: Event["person"]["type"], from: number) =>
  Array.from({ length: count }, (_, n) => passing(`${type}-${n}`, { type }, noon - from - n));

/** A page of a server with these events, of which some have been seen. It looks at so many of each type at most. */
async function openOn(stored: readonly Event[], seen: ReadonlySet<string> = new Set(), most = 2000) {
  const asked = { times: 0 };
  const ofType = (type: string) =>
    stored
      .filter(({ person }) => person.type === type)
      .toSorted((a, b) => b.timestamp - a.timestamp)
      .slice(0, most);
  await openPage(({ path }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    if (path !== "/v1/standing") return 204;
    asked.times++;
    const looked = ["blacklist", "stranger"].flatMap(ofType);
    const unseen = looked.filter(({ id }) => !seen.has(id));
    const marked = looked.flatMap(({ id }) => (seen.has(id) ? [id] : []));
    const isWhole = looked.length === stored.length;
    return {
      groups: [],
      more: 0,
      unseen: unseen.length,
      isWhole,
      events: unseen.slice(0, 1000),
      seen: marked.slice(0, 1000),
    };
  });
  return { asked, ...(await import("../../../packages/console/src/state/live/standing.ts")) };
}

it("keeps the blacklist of the day, however many strangers have passed since", async () => {
  const { fillStanding, isCut, standing } = await openOn([...many(250, "stranger", 0), ...many(1, "blacklist", 1000)]);
  await fillStanding();
  expect(standing.value[0]?.person.type).toBe("blacklist");
  expect(standing.value).toHaveLength(251);
  expect(isCut.value).toBe(false);
});

it("lets go of events that other users have seen meanwhile", async () => {
  const blacklist = many(3, "blacklist", 0);
  const { fillStanding, noteStanding, standing } = await openOn(blacklist, new Set(["blacklist-0", "blacklist-1"]));
  noteStanding(blacklist);
  await fillStanding();
  expect(standing.value.map(({ id }) => id)).toEqual(["blacklist-2"]);
});

it("says that there may be more, and asks for them once these are seen", async () => {
  const seen = new Set<string>();
  const { fillStanding, isCut, markSeen, standing } = await openOn(many(1100, "stranger", 0), seen);
  await fillStanding();
  expect([standing.value.length, isCut.value]).toEqual([1000, true]);
  for (const { id } of standing.value) seen.add(id);
  markSeen([...seen]);
  await expect.poll(() => [standing.value.length, isCut.value]).toEqual([100, false]);
});

it("says that there may be more, and asks no further time", async () => {
  const strangers = many(2100, "stranger", 0);
  const { asked, fillStanding, isCut } = await openOn(strangers, new Set(strangers.map(({ id }) => id)));
  await fillStanding();
  await fillStanding();
  expect([isCut.value, asked.times]).toEqual([true, 2]);
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
