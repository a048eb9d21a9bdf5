import { DatabaseSync } from "node:sqlite";
import type { StoredPassing } from "@gatepost/core/people";
import { idOf, minuteMs } from "@gatepost/protocol";
import { expect, it } from "vitest";
import { day, noon, report, upsert } from "../../contract/samples.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { seeded, seedOfRun } from "../../support/seeded.ts";
import { temporaryRuntime } from "./temporary.ts";

const range = { boxes: ["gate-1"], from: 0, to: noon + 1, of: "known" as const };

/** Events that are written in one transaction. */
const batchSize = 128;

async function put(
  runtime: Awaited<ReturnType<typeof temporaryRuntime>>["runtime"],
  count: number,
  from = 0,
  timeOf = (n: number) => noon - n * minuteMs,
) {
  const all = Array.from({ length: count }, (_, n) => from + n);
  for (let done = 0; done < count; done += batchSize) {
    await Promise.all(
      all.slice(done, done + batchSize).map((n) => {
        const person = { id: `${n % 7}`, name: `P${n % 7}`, type: "employee" as const };
        return runtime.ingest.index.upsert(upsert(`e${n}`, { report: report({ time: timeOf(n), person }) }));
      }),
    );
  }
}

async function read(passings: AsyncIterable<StoredPassing[]>): Promise<StoredPassing[]> {
  const found: StoredPassing[] = [];
  for await (const some of passings) found.push(...some);
  return found;
}

it("passings are the same in the indexes and before", async () => {
  const { runtime, close } = await temporaryRuntime({ clock: () => noon });
  const { passings } = runtime.reads;
  await put(runtime, 600);
  const own = { ...range, of: { key: "3" } };
  await expect.poll(async () => isIndexed(runtime.folder.database)).toBe(true);
  await put(runtime, 50, 600);
  expect((await read(passings.read(range))).map(({ event }) => event).sort()).toEqual(
    Array.from({ length: 650 }, (_, n) => idOf("evt", [`e${n}`])).sort(),
  );
  const times = (await read(passings.read(own))).map(({ time }) => (noon - time) / minuteMs);
  expect(times).toEqual(Array.from({ length: 93 }, (_, n) => 3 + 7 * n));
  const known = await passings.known(["gate-1"]);
  expect(known.map(({ key, name }) => `${key} ${name}`).sort()).toEqual([..."0123456"].map((key) => `${key} P${key}`));
  await close();
});

it("reads passings of a busy box once each, also many of the same ms", async () => {
  const { runtime, close } = await temporaryRuntime({ clock: () => noon });
  await put(runtime, 2700, 0, (n) => noon - Math.floor(n / 900));
  await expect.poll(async () => isIndexed(runtime.folder.database, 2500)).toBe(true);
  const found = await read(runtime.reads.passings.read(range));
  expect(found).toHaveLength(2700);
  expect(new Set(found.map(({ event }) => event)).size).toBe(2700);
  await close();
});

it("an expired passing is not read, even if nothing has changed since", async () => {
  let now = noon;
  const { runtime, close } = await temporaryRuntime({ clock: () => now });
  for (const days of [1, 2]) {
    await runtime.ingest.index.upsert(upsert(`e${days}`, { report: report(), expiresAt: noon + days * day }));
  }
  const count = async () => (await read(runtime.reads.passings.read(range))).length;
  expect(await count()).toBe(2);
  now = noon + day;
  expect(await count()).toBe(1);
  now = noon + 2 * day;
  expect(await count()).toBe(0);
  await close();
});

it("a passing of an earlier build is read from its reports", async () => {
  const { runtime, close } = await temporaryRuntime({ clock: () => noon });
  await put(runtime, 3);
  const before = await read(runtime.reads.passings.read(range));
  const database = new DatabaseSync(runtime.folder.database);
  database.exec("UPDATE events SET passing = NULL");
  database.close();
  expect(await read(runtime.reads.passings.read(range))).toEqual(before);
  await close();
});

it("a passing that has another person now does not count for its earlier person", async () => {
  const { runtime, close } = await temporaryRuntime({ clock: () => noon });
  const { passings } = runtime.reads;
  const passes = (name: string, id: string, kind: "realtime" | "history") =>
    runtime.ingest.index.upsert(upsert(name, { report: report({ kind, person: { id, type: "employee" } }) }));
  const keys = async () => (await passings.known(["gate-1"])).map(({ key }) => key).sort();
  await passes("e1", "1", "realtime");
  await passes("e2", "2", "realtime");
  expect(await keys()).toEqual(["1", "2"]);
  await passes("e2", "3", "history");
  await passes("e1", "2", "history");
  expect(await keys()).toEqual(["2", "3"]);
  await close();
});

it("after any changes a scan finds the same latest passings and names of people", async () => {
  let now = noon;
  const { runtime, close } = await temporaryRuntime({ clock: () => now });
  const seed = seedOfRun("the latest passings");
  const random = seeded(seed);
  const pick = (count: number) => Math.floor(random() * count);
  const boxes = ["gate-1", "gate-2"];
  const { passings, eraser } = runtime.reads;
  // Half of the people have a name now and then, and half of the boxes' reports have none.
  const personOf = () => {
    const id = pick(9);
    return { id: `${id}`, type: "employee" as const, ...(pick(2) * (id % 2) === 1 && { name: `P${id} ${pick(3)}` }) };
  };
  const change = async () => {
    const [n, box] = [pick(400), pick(boxes.length)];
    // Some clocks are ahead, and some reports late.
    const time = noon - pick(50) * minuteMs + (pick(10) === 0 ? 2 * day : 0);
    const facts = { time, receivedAt: noon + pick(3) * minuteMs, person: personOf() };
    if (pick(12) === 0) return erasePerson(eraser, `${pick(9)}`, boxes[box] ?? null);
    if (pick(12) === 0) return eraser.eraseEvent(idOf("evt", [`e${n}`]));
    const kind = pick(3) === 0 ? "realtime" : "history";
    const expiresAt = noon + (1 + pick(20)) * day;
    return runtime.ingest.index.upsert(
      upsert(`e${n}`, { box: `gate-${1 + (n % 2)}`, report: report({ ...facts, kind }), expiresAt }),
    );
  };
  for (let round = 0; round < 40; round++) {
    await Promise.all(Array.from({ length: 1 + pick(60) }, change));
    if (pick(8) === 0) now += day;
    const [scanned, named] = [new Map<string, StoredPassing>(), new Map<string, StoredPassing>()];
    for (const one of await read(passings.read({ boxes, from: 0, to: now + 9 * day, of: "known" }))) {
      const key = `${one.box} ${one.person?.key}`;
      scanned.set(key, later(scanned.get(key), one));
      if (one.person?.name != null) named.set(key, later(named.get(key), one));
    }
    const nameOf = (key: string) => named.get(key)?.person?.name ?? null;
    if (pick(4) === 0) await passings.forget();
    const asked = Array.from({ length: pick(9) }, (_, key) => ({ key: `${key}`, boxes: [boxes[pick(2)] ?? ""] }));
    const what = `round ${round} of seed ${seed}`;
    expect(await passings.named(asked), what).toEqual(asked.map(({ key, boxes: [box] }) => nameOf(`${box} ${key}`)));
    if (pick(3) === 0) continue;
    const wanted = [...scanned].map(([key, { at, score }]) => [key, at, score, nameOf(key)]);
    const found = (await passings.known(boxes)).map(({ box, key, at, score, name }) => [
      `${box} ${key}`,
      at,
      score,
      name,
    ]);
    expect(found.sort(), what).toEqual(wanted.sort());
  }
  await close();
});

function isIndexed(path: string, count = 512): boolean {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("SELECT count(*) AS n FROM events WHERE is_indexed = 1").get();
  database.close();
  return Number(row?.["n"]) >= count;
}

function later(held: StoredPassing | undefined, one: StoredPassing): StoredPassing {
  const isLater = held === undefined || one.at > held.at || (one.at === held.at && one.event > held.event);
  return isLater ? one : held;
}
