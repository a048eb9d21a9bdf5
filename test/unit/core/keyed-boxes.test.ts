import { KeyedBoxes, KeyRecords } from "@gatepost/core/keys";
import { MemoryItems } from "@gatepost/store";
import { expect, it } from "vitest";

const clock = () => 0;

function keysInMemory() {
  const items = new MemoryItems({ clock });
  const keys = new KeyRecords({ items, urgent: items, clock, believed: clock });
  const makeKey = (box: string) => keys.create({ scope: "ingest", box, tokenHash: box });
  return { items, makeKey };
}

it("keys are read again for each caller that asks for a box without one", async () => {
  const { items, makeKey } = keysInMemory();
  const keyed = new KeyedBoxes({ items, clock, knownForMs: 10_000 });
  await makeKey("gate-1");
  expect(await keyed.has("gate-1")).toBe(true);
  await makeKey("gate-2");
  expect(await Promise.all([keyed.has("gate-2"), keyed.has("gate-2")])).toEqual([true, true]);
});

it("a broken key makes no box keyed, and leaves out no other key", async () => {
  const { items, makeKey } = keysInMemory();
  await makeKey("gate-1");
  const { id } = await makeKey("gate-2");
  await items.write({ pk: id, set: { scope: "root" } });
  const keyed = new KeyedBoxes({ items, clock, knownForMs: 0 });
  expect([...(await keyed.all())]).toEqual(["gate-1"]);
});
