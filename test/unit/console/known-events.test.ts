import { expect, it } from "vitest";
import { openPage, passing } from "./support.ts";

it("offers named entries first, by name, and then the ids in number order", async () => {
  await openPage(() => 503);
  const { remember, seenNames } = await import("../../../packages/console/src/state/known-events.ts");
  const seen = (id: string, name: string | null, box: string) => {
    const event = passing(`${id} ${name}`);
    remember({ ...event, box: { ...event.box, id: box }, device: { ...event.device, id, name } });
  };
  seen("9", null, "gate-10");
  seen("10", null, "gate-2");
  seen("2", "Side door", "gate-2");
  seen("3", "Main door", "gate-2");
  seen("3", null, "gate-2");
  expect(seenNames()).toEqual({
    boxes: [
      { id: "gate-2", name: null },
      { id: "gate-10", name: null },
    ],
    devices: [
      { id: "3", name: "Main door" },
      { id: "2", name: "Side door" },
      { id: "9", name: null },
      { id: "10", name: null },
    ],
  });
});
