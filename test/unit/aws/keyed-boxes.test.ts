import { expect, it } from "vitest";
import { DynamoKeyedBoxes } from "../../../packages/aws/src/keys/keyed-boxes.ts";
import { FakeTable } from "./fake-table.ts";

const table = new FakeTable();
const makeKey = (box: string) => {
  const [pk, indexed] = [`key_${box}`, { byTime: "keys", at: `0 ${box}` }];
  table.rows.set(pk, { pk, ...indexed, tokenHash: box, scope: "ingest", box, createdAt: 0 });
};

it("reads the keys again for each that asks for a box without one, also where several ask at once", async () => {
  makeKey("gate-1");
  const keyed = new DynamoKeyedBoxes(table.asDynamo(), () => 0);
  expect(await keyed.has("gate-1")).toBe(true);
  makeKey("gate-2");
  expect(await Promise.all([keyed.has("gate-2"), keyed.has("gate-2")])).toEqual([true, true]);
});
