import { beforeEach, expect, it, vi } from "vitest";
import { openPage, passing } from "./support.ts";

const hour = 60 * 60;
const banned = (id: string, second: number) => passing(id, { id, type: "blacklist" }, second);

/** The list of a phone on which five persons of the blacklist stand out, none of whom passed just now. */
async function openPhone() {
  await openPage(({ path }) => (path === "/v1/me" ? { key: {}, server: {} } : 204));
  vi.stubGlobal("matchMedia", () => Object.assign(new EventTarget(), { matches: true }));
  vi.setSystemTime(passing("now", {}, 10 * hour).timestamp);
  const page = {
    ...(await import("../../../packages/console/src/state/live/standing.ts")),
    ...(await import("../../../packages/console/src/state/live/standing-rows.ts")),
    ...(await import("../../../packages/console/src/state/live/ringing.ts")),
    ...(await import("../../../packages/console/src/state/live/hold.ts")),
  };
  page.noteStanding([1, 2, 3, 4, 5].map((n) => banned(`p-${n}`, n * hour)));
  return { ...page, drawn: () => page.rows.value.map(({ group }) => group.latest.id) };
}

let phone: Awaited<ReturnType<typeof openPhone>>;
beforeEach(async () => {
  phone = await openPhone();
});

it("Stand out has three rows on a phone, and the others on demand", () => {
  expect(phone.drawn()).toEqual(["p-5", "p-4", "p-3"]);
  phone.isUnfolded.value = true;
  expect(phone.drawn()).toHaveLength(5);
});

it("Stand out has each person who rings on a phone", () => {
  // A late report: it is received now.
  phone.ringFor({ ...banned("p-1", hour), receivedAt: new Date().toISOString() });
  expect(phone.drawn()).toEqual(["p-5", "p-4", "p-3", "p-1"]);
  phone.silence();
  expect(phone.drawn()).toEqual(["p-5", "p-4", "p-3"]);
});

it("held Stand out of a phone counts a person without a row who passes again", () => {
  phone.hold("touch");
  phone.noteStanding([{ ...banned("again", 9 * hour), person: banned("p-1", 0).person }]);
  expect(phone.drawn()).toEqual(["p-5", "p-4", "p-3"]);
  expect(phone.heldBack.value).toEqual({ count: 1, blacklist: 1 });
  phone.letGoAtOnce();
  expect(phone.drawn()).toEqual(["again", "p-5", "p-4"]);
  expect(phone.heldBack.value.count).toBe(0);
});
