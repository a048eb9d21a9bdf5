import { expect, it } from "vitest";
import { openPage } from "./support.ts";

async function openRoute() {
  await openPage(() => ({ key: {}, server: {} }));
  const { address } = await import("../../../packages/console/src/state/route.ts");
  const { parseAddress } = await import("../../../packages/console/src/state/address.ts");
  const { noteOpened, opened } = await import("../../../packages/console/src/state/results.ts");
  const visit = (...pages: string[]) => {
    for (const hash of pages) {
      address.value = parseAddress(hash);
      if (address.value.page === "event") noteOpened(address.value.id ?? "");
    }
    return opened.value;
  };
  return visit;
}

it("returns to the event that was opened last from the list", async () => {
  const visit = await openRoute();
  expect(visit("#/events", "#/events/evt_1", "#/events/evt_2", "#/events")).toBe("evt_2");
});

it.each([
  ["#/events", "#/events/evt_1", "#/live", "#/events"],
  ["#/events", "#/live", "#/events/evt_1", "#/events"],
  ["#/events", "#/events/evt_1", "#/events", "#/boxes", "#/events"],
  ["#/events/evt_1", "#/events"],
])("opens the list anew after %s, %s, %s", async (...pages) => {
  const visit = await openRoute();
  expect(visit(...pages)).toBeNull();
});
