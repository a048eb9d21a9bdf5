import { DatabaseSync } from "node:sqlite";
import { bucketOf } from "@gatepost/core/events";
import { countedOf, type HalfHourRange } from "@gatepost/core/statistics";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import { type FaceEvent, idOf, merge } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { day, noon, report, upsert } from "../../contract/samples.ts";
import { openedByTests, temporaryDataFolder } from "./temporary.ts";

const always: HalfHourRange = { from: 0, to: 8e15, boxes: null };

const { closers, openRuntimeHere } = openedByTests();

async function countsOf({ reads }: Runtime): Promise<[string, number][]> {
  const counts = new Map<string, number>();
  const add = (of: unknown, count: number) =>
    counts.set(JSON.stringify(of), (counts.get(JSON.stringify(of)) ?? 0) + count);
  for await (const { halfHours, match } of reads.statistics.read(always)) {
    for (const { box, start, type, count } of halfHours) add([box, start, type], count);
    for (const { type, bucket, count } of match) add([type, bucket], count);
  }
  return [...counts].sort();
}

function expectedOf(events: readonly FaceEvent[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const event of events) {
    const counted = countedOf(event);
    if (counted === null) continue;
    const { start, type, bucket } = counted;
    for (const of of [[event.box.id, start, type], ...(bucket === null ? [] : [[type, bucket]])])
      counts.set(JSON.stringify(of), (counts.get(JSON.stringify(of)) ?? 0) + 1);
  }
  return [...counts].sort();
}

async function eventsOf({ reads }: Runtime): Promise<FaceEvent[]> {
  return (await reads.events.list({}, { limit: 500, cursor: null })).items.map(merge);
}

describe("counts of one machine", () => {
  it("match the events, after any changes", async () => {
    const { path, remove } = await temporaryDataFolder();
    closers.push(remove);
    const options = { data: path, clock: () => noon };
    const scores: [number, number | null][] = [
      [0, 1],
      [0.05, 1],
      [0.29, 1],
      [0.58, 1],
      [0.95, 1],
      [1, 1],
      [82.05, 100],
      [99.99, 100],
      [50, 100],
      [150, 100],
      [1, null],
      [0.57, 1],
      [7, 9],
    ];
    const first = await openRuntime(options);
    for (const [n, score] of scores.entries()) {
      const facts = { time: noon + n * 7 * 60_000, score };
      await first.ingest.index.upsert(upsert(`${n}`, { report: report(facts) }));
    }
    // The history has another score than the earlier real-time report.
    await first.ingest.index.upsert(upsert("both", { report: report({ kind: "realtime", score: [0.1, 1] }) }));
    await first.ingest.index.upsert(upsert("both", { report: report({ score: [0.9, 1] }) }));
    await first.ingest.index.upsert(upsert("check", { box: "gatepost-check" }));
    expect(await countsOf(first)).toEqual(expectedOf(await eventsOf(first)));
    expect(bucketOf(0.29, 1)).toBe(5);
    await first.close();
  });

  it("are kept for the chosen number of days", async () => {
    let now = noon;
    const { runtime } = await openRuntimeHere({ clock: () => now, statisticsDays: 2 });
    await runtime.ingest.index.upsert(upsert("a", { report: report({ time: noon - day }) }));
    await runtime.ingest.index.upsert(upsert("b", { box: "lobby" }));
    now += day + 1;
    expect((await countsOf(runtime)).filter(([of]) => of.includes("gate-1"))).toEqual([]);
    await runtime.retention.sweep(now);
    const beside = new DatabaseSync(runtime.folder.database, { readOnly: true });
    expect(beside.prepare("SELECT box FROM half_hours").all()).toEqual([{ box: "lobby" }]);
    beside.close();
  });

  it("contain no data of a person after the person's erasure", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    await runtime.ingest.index.upsert(upsert("a"));
    await runtime.eraser.eraseEvent(idOf("evt", ["a"]));
    const beside = new DatabaseSync(runtime.folder.database, { readOnly: true });
    const [row = {}] = beside.prepare("SELECT * FROM half_hours").all();
    beside.close();
    expect(Object.entries(row).filter(([name]) => !name.startsWith("match_"))).toEqual([
      ["box", "gate-1"],
      ["start", noon],
      ["type", "vip"],
      ["count", 1],
    ]);
  });

  it("are one row for one half-hour and type", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    for (let n = 0; n < 40; n++)
      await runtime.ingest.index.upsert(upsert(`${n}`, { report: report({ score: [n, 40] }) }));
    const beside = new DatabaseSync(runtime.folder.database, { readOnly: true });
    expect(beside.prepare("SELECT count, match_0, match_19 FROM half_hours").all()).toEqual([
      { count: 40, match_0: 2, match_19: 2 },
    ]);
    beside.close();
  });
});
