import { DatabaseSync } from "node:sqlite";
import type { EventFilter } from "@gatepost/core/events";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import type { Report } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { day, noon, report, upsert } from "../../contract/samples.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { temporaryDataFolder } from "./temporary.ts";

/** So many events are put into the indexes together, and some are new after that. */
const together = 512;
const numbers = Array.from({ length: together + 8 }, (_, n) => n);

let folder: Awaited<ReturnType<typeof temporaryDataFolder>>;
let runtime: Runtime;
let now: number;

const quiet = { info() {}, warn() {}, error() {} };
const open = () => openRuntime({ data: folder.path, clock: () => now, log: quiet });

beforeEach(async () => {
  now = noon;
  folder = await temporaryDataFolder();
  runtime = await open();
  await Promise.all(numbers.map((n) => write(n)));
});

afterEach(async () => {
  await runtime.close();
  await folder.remove();
});

/** Every second event is of another box, and expires a day later; each has one of four devices and persons. */
function write(n: number, changes: Partial<Report> = {}) {
  const sent = report({
    kind: "realtime",
    device: { ip: `10.0.0.${n % 4}` },
    person: { id: `${n % 4}`, name: `visitor ${n % 4}`, type: n % 4 === 3 ? "employee" : "vip" },
    wantAction: n % 4 === 0 ? "1001" : "0",
    time: noon - n,
    ...(n % 4 === 1 ? { flags: ["odd"] } : {}),
    ...changes,
  });
  const expiresAt = noon + day + (n % 2) * day;
  return runtime.ingest.index.upsert(upsert(`${n}`, { box: `gate-${n % 2}`, report: sent, expiresAt }));
}

const grace: Partial<Report> = { kind: "history", person: { id: "9", name: "Grace" } };

const idOf = (n: number) => upsert(`${n}`).eventId;
const idsOf = (chosen: (n: number) => boolean) => numbers.filter(chosen).map(idOf);

/** Every event of a filter, page by page. */
async function paged(filter: EventFilter): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await runtime.reads.events.list(filter, { limit: 50, cursor });
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === null) return ids;
    cursor = page.next;
  }
}

const more = (count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => runtime.ingest.index.upsert(upsert(`more ${n}`))));

/** How many events are in the indexes, and how many are new. */
function places(): [listed: unknown, fresh: unknown] {
  using database = new DatabaseSync(runtime.folder.database, { readOnly: true });
  const one = (sql: string) => database.prepare(sql).get()?.["n"];
  const boundary = "made > (SELECT made FROM indexed_events)";
  expect(one(`SELECT count(*) AS n FROM events WHERE (is_indexed = 1) = (${boundary})`)).toBe(0);
  return [
    one("SELECT count(*) AS n FROM events WHERE is_indexed = 1"),
    one(`SELECT count(*) AS n FROM events WHERE ${boundary}`),
  ];
}

const range = { from: noon - day, to: noon + day };

describe("events, of which some are in no index yet,", () => {
  it.each<[EventFilter, (n: number) => boolean]>([
    [{}, () => true],
    [{ from: noon - together - 4, to: noon - together + 6 }, (n) => n > together - 6 && n <= together + 4],
    [{ box: "gate-1" }, (n) => n % 2 === 1],
    [{ box: ["gate-0", "gate-1"] }, () => true],
    [{ boxes: ["gate-0"] }, (n) => n % 2 === 0],
    [{ device: "10.0.0.3" }, (n) => n % 4 === 3],
    [{ person: "2" }, (n) => n % 4 === 2],
    [{ person: ["2", "3"], box: "gate-0" }, (n) => n % 4 === 2],
    [{ ...range, type: "employee" }, (n) => n % 4 === 3],
    [{ action: "1001" }, (n) => n % 4 === 0],
    [{ ...range, flag: "odd" }, (n) => n % 4 === 1],
    [{ ...range, q: "visitor 3" }, (n) => n % 4 === 3],
  ])("are listed and counted by %j", async (filter, isMeant) => {
    await expect.poll(places).toEqual([together, 8]);
    const expected = idsOf(isMeant);
    expect(await paged(filter)).toEqual(expected);
    expect(await runtime.reads.events.count(filter, 1000)).toEqual({ count: expected.length, isExact: true });
  });

  it("are neighbours in lists, and show their boxes and devices", async () => {
    const beside = await runtime.reads.events.neighbours({ id: idOf(together), timestamp: noon - together }, {});
    expect(beside).toEqual({ newer: idOf(together - 1), older: idOf(together + 1) });
    await runtime.ingest.index.upsert(upsert("new", { box: "gate-9", report: report({ device: { id: "cam-9" } }) }));
    expect((await runtime.reads.devices.devices()).sort()).toEqual(
      ["10.0.0.0", "10.0.0.1", "10.0.0.2", "10.0.0.3", "cam-9"].sort(),
    );
    expect((await runtime.reads.devices.devices(["gate-0"])).sort()).toEqual(["10.0.0.0", "10.0.0.2"]);
  });

  it("are all in the feed of changes, in its order", async () => {
    await write(3, grace);
    await write(together + 3, grace);
    const ids: string[] = [];
    let after: string | null = null;
    for (let isEnd = false; !isEnd; ) {
      const page = await runtime.reads.feed.read(after, 100);
      ids.push(...page.items.map(({ event }) => event.id));
      [after, isEnd] = [page.next, page.isEnd];
    }
    const changed = [3, together + 3];
    expect(ids).toEqual([...idsOf((n) => !changed.includes(n)), ...changed.map(idOf)]);
  });

  it("are found by their current facts, before they are indexed and after", async () => {
    for (const n of [5, together + 1]) await write(n, grace);
    const ofGrace = async () => [await paged({ person: "9" }), await paged({ ...range, q: "grace" })];
    const both = [idOf(5), idOf(together + 1)];
    expect(await ofGrace()).toEqual([both, both]);
    await more(together - 8);
    await expect.poll(places).toEqual([2 * together, 0]);
    expect(await ofGrace()).toEqual([both, both]);
    expect(await paged({ person: "1" })).toEqual(idsOf((n) => n % 4 === 1 && n !== 5 && n !== together + 1));
  });

  it("are removed with a person, and so are their unshared texts", async () => {
    const expected = idsOf((n) => n % 4 === 2);
    expect(await erasePerson(runtime.eraser, "2", null)).toBe(expected.length);
    expect(await paged({})).toEqual(idsOf((n) => n % 4 !== 2));
    using database = new DatabaseSync(runtime.folder.database, { readOnly: true });
    const kept = database.prepare("SELECT text FROM texts WHERE text LIKE 'visitor%' ORDER BY text").all();
    expect(kept.map(({ text }) => text)).toEqual(["visitor0\n0", "visitor1\n1", "visitor3\n3"]);
    expect(database.prepare("SELECT count(*) AS n FROM reports").get()?.["n"]).toBe(numbers.length - expected.length);
  });

  it("keep texts that another event has", async () => {
    for (const n of numbers.filter((one) => one % 4 === 2 && one < together)) await runtime.eraser.eraseEvent(idOf(n));
    expect(await paged({ ...range, q: "visitor 2" })).toEqual(idsOf((n) => n % 4 === 2 && n >= together));
  });

  it("expire", async () => {
    now = noon + day;
    await runtime.retention.sweep(now);
    using database = new DatabaseSync(runtime.folder.database, { readOnly: true });
    expect(database.prepare("SELECT count(*) AS n FROM events").get()?.["n"]).toBe(numbers.length / 2);
    expect(await paged({})).toEqual(idsOf((n) => n % 2 === 1));
  });

  it("are also put into the indexes by the next process", async () => {
    await runtime.close();
    runtime = await open();
    await more(together - 9);
    await expect.poll(places).toEqual([together, together - 1]);
    await runtime.ingest.index.upsert(upsert("last"));
    await expect.poll(places).toEqual([2 * together, 0]);
  });
});
