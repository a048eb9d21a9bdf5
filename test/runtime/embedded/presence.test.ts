import { deviceKey } from "@gatepost/core/boxes";
import type { KnownPerson } from "@gatepost/core/people";
import { PresenceDays, readerOf } from "@gatepost/core/presence";
import { hourMs, idOf, minuteMs } from "@gatepost/protocol";
import { expect, it } from "vitest";
import { readPresence } from "../../../packages/api/src/people/presence.ts";
import { day, noon, report, upsert } from "../../contract/samples.ts";
import { seeded, seedOfRun } from "../../support/seeded.ts";
import { turnsOf } from "../../support/turns.ts";
import { temporaryRuntime } from "./temporary.ts";

it("a shared count of who is inside equals a new one after any changes", async () => {
  let now = noon;
  const { runtime, close } = await temporaryRuntime({ clock: () => now });
  const seed = seedOfRun("shared counts");
  const random = seeded(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const { reads } = runtime;
  const fresh = { presence: new PresenceDays(readerOf(reads.passings)) };
  const pickOf = <One>(...among: readonly One[]) => among[pick(among.length)] as One;
  const pass = (n: number, box: string, id: string) => {
    const own = pickOf({}, {}, { direction: "in" as const }, { direction: "out" as const });
    const device = { id: `d${pick(4)}`, ip: "10.0.0.7", ...own };
    // Some reports are late by days, and some clocks are ahead.
    const time = now - pick(pickOf(600, 9 * 24 * 60)) * minuteMs + pickOf(0, 0, 0, 0, day);
    const person = { id, name: `P${pick(3)}`, type: pickOf("employee" as const, "vip" as const, "stranger" as const) };
    const facts = { kind: pickOf("realtime" as const, "history" as const), time, receivedAt: now, device, person };
    return runtime.ingest.index.upsert(
      upsert(`e${n}`, { box, report: report(facts), expiresAt: now + (1 + pick(9)) * day }),
    );
  };
  const set = (box: string) => {
    const direction = pickOf("in" as const, "out" as const, "both" as const, "ignore" as const, null);
    return reads.boxes.writer.set(box, { device: { key: deviceKey(box, `d${pick(3)}`), direction } });
  };
  const leave = (library: string, key: string) => {
    const made = { by: "key_1", madeAt: now, reason: "Seen" };
    return reads.departures.add({
      site: "default",
      library,
      boxes: [library],
      key,
      leftAt: now - pick(40) * hourMs,
      ...made,
    });
  };
  const change = async () => {
    const n = pick(300);
    const [box, person] = [`gate-${1 + (n % 2)}`, `${pick(9)}`];
    const changes = [
      () => reads.eraser.erasePerson(person, box),
      () => reads.eraser.eraseEvent(idOf("evt", [`e${n}`])),
      () => set(box),
      () => leave(box, person),
    ];
    await (changes[pick(30)] ?? (() => pass(n, box, person)))();
  };
  const shown = async (at: number, deps = {}) => {
    const {
      zone: _,
      inside,
      departed,
      ...sums
    } = await readPresence("default", at, { ...reads, clock: () => now, ...deps });
    const people = inside.map(({ person, ...one }) => ({ ...one, of: person.library, ...person.facts }));
    return { ...sums, people, departed: departed.map(({ person, departure }) => [departure.id, person.facts]) };
  };
  let most = 0;
  for (let round = 0; round < 60; round++) {
    await Promise.all(Array.from({ length: 1 + pick(30) }, change));
    if (round % 20 === 10) await reads.sites.put("default", { sharesPeople: round % 40 === 10 });
    // The settings of devices are known for two seconds.
    now += 10_000 + pick(5) * hourMs;
    for (const at of [now, now - pick(40) * hourMs]) {
      const [shared, again] = await Promise.all([shown(at), shown(at)]);
      expect(shared, `round ${round} of seed ${seed}`).toEqual(await shown(at, fresh));
      expect(again).toEqual(shared);
      most = Math.max(most, shared.people.length);
    }
  }
  expect(most).toBeGreaterThan(3);
  await close();
});

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
    follow: () => () => [],
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
