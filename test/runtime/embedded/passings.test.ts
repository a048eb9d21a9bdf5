import { DatabaseSync } from "node:sqlite";
import type { StoredPassing } from "@gatepost/core/people";
import { idOf, minuteMs } from "@gatepost/protocol";
import { expect, it } from "vitest";
import { noon, report, upsert } from "../../contract/samples.ts";
import { temporaryRuntime } from "./temporary.ts";

const range = { boxes: ["gate-1"], from: 0, to: noon + 1, of: "known" as const };

async function put(
  runtime: Awaited<ReturnType<typeof temporaryRuntime>>["runtime"],
  count: number,
  from = 0,
  timeOf = (n: number) => noon - n * minuteMs,
) {
  for (let n = from; n < from + count; n++) {
    const facts = {
      time: timeOf(n),
      person: { id: `${n % 7}`, name: `P${n % 7}`, type: "employee" as const },
    };
    await runtime.ingest.index.upsert(upsert(`e${n}`, { report: report(facts) }));
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

function isIndexed(path: string, count = 512): boolean {
  const database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare("SELECT count(*) AS n FROM events WHERE is_indexed = 1").get();
  database.close();
  return Number(row?.["n"]) >= count;
}
