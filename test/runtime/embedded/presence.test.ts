import { deviceKey } from "@gatepost/core/boxes";
import type { KnownPerson } from "@gatepost/core/people";
import { PresenceDays } from "@gatepost/core/presence";
import { expect, it } from "vitest";
import { readPresence } from "../../../packages/api/src/presence/presence.ts";
import { presenceContract } from "../../contract/presence.ts";
import { day, noon, report, upsert } from "../../contract/samples.ts";
import { rounds } from "../../support/seeded.ts";
import { turnsOf } from "../../support/turns.ts";
import { temporaryRuntime } from "./temporary.ts";

presenceContract(
  "one machine",
  async (clock) => {
    const { runtime, close } = await temporaryRuntime({ clock });
    return { ...runtime, settle: async () => {}, close };
  },
  { rounds: rounds(60), keptDays: 1 },
);

it("a first count of who is inside gives other requests a turn after few people", async () => {
  const { runtime, close } = await temporaryRuntime({ clock: () => noon });
  await runtime.reads.boxes.writer.set("gate-1", { device: { key: deviceKey("gate-1", "d"), direction: "in" } });
  const people = 300;
  for (let n = 0; n < people; n++) {
    const device = { id: "d", ip: "10.0.0.7" };
    const person = { id: `${n}`, name: "Ada", type: "employee" as const };
    const facts = { kind: "history" as const, time: noon - 9 * day, receivedAt: noon - 9 * day, device, person };
    await runtime.ingest.index.upsert(upsert(`e${n}`, { report: report(facts), expiresAt: noon + day }));
  }
  const [{ inside }, turns] = await turnsOf(readPresence("default", noon, { ...runtime.reads, clock: () => noon }));
  expect(inside).toHaveLength(people);
  expect(turns).toBeGreaterThan(people / 20);
  await close();
});

it("days of many people without passings are not all held", async () => {
  const boxes = ["gate-1"];
  const known = Array.from({ length: 90_000 }, (_, n) => ({ box: "gate-1", key: `${n}` }) as KnownPerson);
  let reads = 0;
  const presence = new PresenceDays({
    async *read() {
      reads += 1;
      yield [];
    },
    known: async () => known,
    readBack: async () => [],
    hasOwnWays: async () => true,
    follow: async () => async () => [],
  });
  const settings = {
    libraries: { of: (box: string) => box, boxesOf: () => boxes },
    gates: { find: () => ({ set: null, said: null, key: null }), mayHaveWays: () => true, version: "" },
  };
  const ask = async (n: number) => {
    const before = reads;
    const dayStart = noon - n * day;
    await presence.of({ boxes, from: dayStart, dayStart, to: dayStart + day }, settings, new Set());
    return reads > before;
  };
  expect([await ask(0), await ask(0)]).toEqual([true, false]);
  expect([await ask(1), await ask(2), await ask(0)]).toEqual([true, true, true]);
});
