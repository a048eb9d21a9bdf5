import { expect, it, vi } from "vitest";
import { openPage, passing } from "./support.ts";

/** A page whose server answers searches with stored events, or with a status while that is set. */
async function openOn() {
  const server: { stored: string[]; status: number | null } = { stored: ["a"], status: null };
  await openPage(({ path }) => {
    if (path === "/v1/me") return { key: {}, server: {} };
    if (path !== "/v1/events") return 503;
    return server.status ?? { events: server.stored.map((id) => passing(id)), next: null };
  });
  const { eventSearch, searchEvents: search, total } = await import("../../../packages/console/src/state/results.ts");
  const results = eventSearch.found;
  const searched = async (key: string) => {
    search(key, {});
    await expect.poll(() => results.value.isLoading).toBe(false);
    return shown();
  };
  const shown = () => ({ ids: results.value.items.map(({ id }) => id), isStale: results.value.isStale });
  return { results, search, searched, server, shown, total };
}

it("keeps the rows of the search before, dimmed, until the new ones are there", async () => {
  const { search, searched, server, shown } = await openOn();
  await searched("");
  server.stored = ["b", "a"];
  search("", {});
  expect(shown()).toEqual({ ids: ["a"], isStale: true });
  await expect.poll(shown).toEqual({ ids: ["b", "a"], isStale: false });
});

it("keeps them while the server cannot answer, and asks again", async () => {
  const { searched, server, shown } = await openOn();
  await searched("");
  server.status = 503;
  expect(await searched("")).toEqual({ ids: ["a"], isStale: true });
  server.status = null;
  server.stored = ["b", "a"];
  await vi.runOnlyPendingTimersAsync();
  await expect.poll(shown).toEqual({ ids: ["b", "a"], isStale: false });
});

it("keeps no rows of another filter, nor after a refusal", async () => {
  const { searched, server } = await openOn();
  await searched("");
  server.status = 400;
  expect(await searched("")).toEqual({ ids: [], isStale: false });
  server.status = null;
  await searched("");
  server.status = 503;
  expect(await searched("type=vip")).toEqual({ ids: [], isStale: false });
});

const signIns = ["no one", "another user"] as const;

it.each(signIns)("keeps no results of the user before once %s is signed in", async (who) => {
  const { results, search, searched, total } = await openOn();
  const { signIn, signOut } = await import("../../../packages/console/src/state/session.ts");
  const { forgetAll, recall } = await import("../../../packages/console/src/state/known-events.ts");
  await searched("");
  search("type=vip", {});
  forgetAll();
  if (who === "no one") signOut();
  else void signIn("gpr_other", { isKept: false });
  await vi.advanceTimersByTimeAsync(10_000);
  expect([results.value.items, results.value.failure, total.value, recall("a")]).toEqual([[], null, null, null]);
});
