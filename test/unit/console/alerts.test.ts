import { expect, it, vi } from "vitest";
import { openPage, passing } from "./support.ts";

it("says a second alert at the same place anew", async () => {
  await openPage(() => ({ key: {}, server: {} }));
  const { alertOf, alerted } = await import("../../../packages/console/src/live/alerts.ts");
  const said: string[] = [];
  alerted.subscribe((text) => said.push(text));
  for (const id of ["first", "second"]) {
    alertOf(passing(id, { type: "blacklist" }), { isCatchUp: false });
    vi.advanceTimersByTime(10_000);
  }
  expect(said).toEqual(["", "Blacklist at gate-1", "", "Blacklist at gate-1", ""]);
});
