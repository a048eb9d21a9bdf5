import { expect, it, vi } from "vitest";
import { awaited, openPage, passing } from "./support.ts";

/** So long one is shown as the latest. */
const latestHeldMs = 1500;
const fg2 = { id: "fg2", name: "Ada", type: "blacklist" } as const;

/** A page on which everything shows the same passings. */
async function openOn(events: ReturnType<typeof passing>[]) {
  const page = await openPage(({ method, path }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    if (path === "/v1/events/count") return { count: events.length, isExact: true };
    if (method === "GET" && path === "/v1/events") return { events: events.toReversed(), next: null };
    if (path.includes("/pictures/")) return {};
    return path === "/v1/acknowledgements" ? 404 : 503;
  });
  const { arrive, recent } = await import("../../../packages/console/src/state/live/arrivals.ts");
  const { latest } = await import("../../../packages/console/src/state/live/latest.ts");
  const { see } = await import("../../../packages/console/src/state/live/acknowledging.ts");
  const { standing } = await import("../../../packages/console/src/state/live/standing.ts");
  const { notice } = await import("../../../packages/console/src/state/notice.ts");
  const { recall } = await import("../../../packages/console/src/state/known-events.ts");
  const { eventSearch, searchEvents, total } = await import("../../../packages/console/src/state/results.ts");
  const erased = await import("../../../packages/console/src/state/erased.ts");
  for (const event of events) arrive(event, { isUpdate: false, isCatchUp: true });
  page.paint();
  vi.advanceTimersByTime(latestHeldMs);
  searchEvents("", {});
  await expect.poll(() => total.value).not.toBeNull();
  const shown = () =>
    [recent, standing, eventSearch.found].map(({ value }) => ("items" in value ? value.items : value));
  return { ...erased, arrive, latest, notice, page, recall, see, standing, total, shown };
}

const idsOf = (lists: readonly (readonly { id: string }[])[]) => lists.map((list) => list.map(({ id }) => id));

it("forgets an erased person in every list, as the newest, and as an opened event", async () => {
  const { forgetEvents, latest, recall, shown, total } = await openOn([passing("a"), passing("b", fg2, 1)]);
  expect(idsOf(shown())).toEqual([["b", "a"], ["b"], ["b", "a"]]);
  expect(latest.value?.id).toBe("b");
  forgetEvents(({ person }) => person.id === "fg2");
  expect(idsOf(shown())).toEqual([["a"], [], ["a"]]);
  expect(total.value?.count).toBe(1);
  expect(latest.value?.id).toBe("a");
  expect(recall("b")).toBeNull();
});

it("keeps no picture of an erased event, also of one that had not come yet", async () => {
  const { forgetEvents } = await openOn([]);
  const { fetchPicture } = await import("../../../packages/console/src/state/pictures.ts");
  const made: string[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation(() => `blob:${made.push("")}`);
  const revoked = vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
  const face = { sha256: "", bytes: 1, contentType: "image/jpeg", href: "" } as const;
  const [here, coming] = ["b", "c"].map((id) => ({ ...passing(id, fg2), pictures: { face } }));
  if (here !== undefined) fetchPicture(here, "face");
  await expect.poll(() => made).toHaveLength(1);
  if (coming !== undefined) fetchPicture(coming, "face");
  forgetEvents(({ person }) => person.id === "fg2");
  await expect.poll(() => revoked.mock.calls.flat()).toEqual(["blob:1", "blob:2"]);
});

it("never shows an event that was erased while it waited", async () => {
  const { arrive, forgetEvents, latest, page, shown } = await openOn([passing("a")]);
  arrive(passing("b", fg2, 1), { isUpdate: false, isCatchUp: true });
  forgetEvents(({ person }) => person.id === "fg2");
  page.paint();
  expect(idsOf(shown())[0]).toEqual(["a"]);
  expect(latest.value?.id).toBe("a");
});

it("forgets an event that the server has no more, without an error", async () => {
  const { notice, see, shown } = await openOn([passing("a"), passing("gone", fg2, 1)]);
  see([passing("gone", fg2, 1)]);
  await expect.poll(() => idsOf(shown())).toEqual([["a"], [], ["a"]]);
  expect(notice.value?.text).toMatch(/^Seen: /);
});

it("never shows an event that was erased while its list was loading", async () => {
  const late = awaited();
  await openPage(({ path }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    return path === "/v1/events" || path === "/v1/standing" ? late.answer : 503;
  });
  const { forgetEvents } = await import("../../../packages/console/src/state/erased.ts");
  const { fillArrivals, recent } = await import("../../../packages/console/src/state/live/arrivals.ts");
  const { fillStanding, standing } = await import("../../../packages/console/src/state/live/standing.ts");
  const { eventSearch, searchEvents } = await import("../../../packages/console/src/state/results.ts");
  const filled = [fillArrivals(), fillStanding()];
  searchEvents("", {});
  await vi.advanceTimersByTimeAsync(0);
  forgetEvents(({ id }) => id === "b");
  const stood = { groups: [], more: 0, unseen: 0, isWhole: true };
  late.give({ events: [passing("b", fg2, 1), passing("a")], next: null, seen: [], ...stood });
  await Promise.all(filled);
  await expect.poll(() => eventSearch.found.value.isLoading).toBe(false);
  expect(idsOf([recent.value, standing.value, eventSearch.found.value.items])).toEqual([["a"], [], ["a"]]);
});

it("asks for all that is kept anywhere, however old it is, and for each once", async () => {
  await openPage(({ path }) => (path === "/v1/me" ? { key: {}, server: {} } : 503));
  const { heldIds, onErased } = await import("../../../packages/console/src/state/erased.ts");
  const { recent } = await import("../../../packages/console/src/state/live/arrivals.ts");
  recent.value = [passing("a"), passing("b")];
  onErased(
    () => null,
    () => [null, passing("b"), passing("old", {}, -1_000_000)],
  );
  expect(heldIds().sort()).toEqual(["a", "b", "old"]);
});
