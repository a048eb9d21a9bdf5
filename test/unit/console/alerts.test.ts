import { expect, it, vi } from "vitest";
import { openPage, passing } from "./support.ts";

it("says a second alert at the same place anew", async () => {
  await openPage(() => ({ key: {}, server: {} }));
  const { alertOf, alerted } = await import("../../../packages/console/src/state/live/alerts.ts");
  const said: string[] = [];
  alerted.subscribe((text) => said.push(text));
  for (const id of ["first", "second"]) {
    alertOf(passing(id, { type: "blacklist" }), { isCatchUp: false });
    vi.advanceTimersByTime(10_000);
  }
  expect(said).toEqual(["", "Blacklist at gate-1", "", "Blacklist at gate-1", ""]);
});

it("shows a passing even if a page may not notify, as on Android", async () => {
  const { hide, paint } = await openPage(() => ({ key: {}, server: {} }));
  vi.stubGlobal(
    "Notification",
    class {
      static readonly permission = "granted";
      constructor() {
        throw new TypeError("Illegal constructor");
      }
    },
  );
  const { prefer } = await import("../../../packages/console/src/state/preferences.ts");
  const { arrive, recent } = await import("../../../packages/console/src/state/live/arrivals.ts");
  prefer({ hasNotification: true });
  hide(true);
  const event = passing("first", { type: "blacklist" });
  arrive(event, { isUpdate: false, isCatchUp: false });
  hide(false);
  paint();
  expect(recent.value).toEqual([event]);
});

it("announces a person on the blacklist, also after the clock was set back", async () => {
  await openPage(() => ({ key: {}, server: {} }));
  const { alertOf, alerted } = await import("../../../packages/console/src/state/live/alerts.ts");
  const { latest, noteLatest } = await import("../../../packages/console/src/state/live/latest.ts");
  const pass = (id: string) => {
    const event = passing(id, { type: "blacklist" });
    alertOf(event, { isCatchUp: false });
    noteLatest(event);
  };
  pass("first");
  vi.setSystemTime(Date.now() - 24 * 60 * 60_000);
  vi.advanceTimersByTime(10_000);
  expect([alerted.value, latest.value?.id]).toEqual(["", "first"]);
  pass("second");
  expect([alerted.value, latest.value?.id]).toEqual(["Blacklist at gate-1", "second"]);
});
