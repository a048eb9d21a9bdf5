import { DatabaseSync } from "node:sqlite";
import type { EventFilter } from "@gatepost/core/events";
import type { Report } from "@gatepost/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { gramsIn, gramsOf } from "../../../packages/embedded/src/db/functions.ts";
import { Statements } from "../../../packages/embedded/src/db/statements.ts";
import { conditionsOf, listingQuery, listsFor } from "../../../packages/embedded/src/events/listing.ts";
import { eventColumns } from "../../../packages/embedded/src/events/row.ts";
import { noon, report, upsert } from "../../contract/samples.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { isWhole } from "../../support/seeded.ts";
import { temporaryRuntime } from "./temporary.ts";

let deps: Awaited<ReturnType<typeof temporaryRuntime>>;
beforeEach(async () => {
  deps = await temporaryRuntime({ clock: () => noon });
});
afterEach(() => deps.close());

const write = (name: string, changes: Partial<Report> = {}, overrides = {}) =>
  deps.runtime.ingest.index.upsert(upsert(name, { ...overrides, report: report(changes) }));

async function list(filter: EventFilter, limit = 100): Promise<{ ids: string[]; next: string | null }> {
  const { items, next } = await deps.runtime.reads.events.list(filter, { limit, cursor: null });
  return { ids: items.map(({ id }) => id), next };
}

/** All pages of it. */
async function all(filter: EventFilter, limit: number): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: { items: { id: string }[]; next: string | null } = await deps.runtime.reads.events.list(filter, {
      limit,
      cursor,
    });
    ids.push(...page.items.map(({ id }) => id));
    if (page.next === null) return ids;
    cursor = page.next;
  }
}

describe("a page", () => {
  it("passes over hundreds of non-matching events, and has a next page", async () => {
    for (let n = 0; n < 600; n++) await write(`vip ${n}`, { time: noon - n });
    await write("visitor", { time: noon - 600, person: { id: "666666", type: "visitor" } });
    const filter: EventFilter = { person: "666666", type: "visitor" };
    expect(await list(filter)).toEqual({ ids: [], next: expect.any(String) });
    expect(await all(filter, 100)).toEqual([upsert("visitor").eventId]);
  });
});

describe("a text", () => {
  it("is found by any part of it, also by one or two characters", async () => {
    await write("a", { person: { id: "1", name: "小明" } });
    await write("b", { person: { id: "2", name: "王芳" } });
    const { eventId } = upsert("a");
    for (const q of ["小明", "明", "小"]) expect((await list({ q })).ids).toEqual([eventId]);
    expect((await list({ q: "明芳" })).ids).toEqual([]);
  });

  it("is removed with the last event that has it", async () => {
    await write("a", { person: { id: "1", name: "Ada Lovelace" } });
    await write("b", { person: { id: "1", name: "Ada Lovelace" } });
    const database = new DatabaseSync(deps.runtime.folder.database, { readOnly: true });
    const kept = () =>
      database
        .prepare("SELECT text FROM texts")
        .all()
        .map(({ text }) => text);
    const grams = () => database.prepare("SELECT count(*) AS n FROM text_grams").get()?.["n"];
    await deps.runtime.eraser.eraseEvent(upsert("a").eventId);
    expect(kept()).toContain("adalovelace\n1");
    await erasePerson(deps.runtime.eraser, "1", null);
    expect([kept(), grams()]).toEqual([[], 0]);
    database.close();
  });

  it("is removed with its last event also after its block was indexed", async () => {
    const names = Array.from({ length: 1100 }, (_, n) => `visitor ${n}`);
    await Promise.all(names.map((name, n) => write(name, { time: noon - n, person: { id: `p${n}`, name } })));
    const database = new DatabaseSync(deps.runtime.folder.database, { readOnly: true });
    const grams = (gram: string) =>
      database.prepare("SELECT count(*) AS n FROM text_grams WHERE gram = ?").get(gram)?.["n"];
    await expect.poll(() => database.prepare("SELECT id FROM indexed_texts").get()).toEqual({ id: 1024 });
    for (const n of [0, 511, 512, 1023, 1024, 1099]) {
      expect((await list({ q: `visitor ${n}`, person: `p${n}` })).ids).toHaveLength(1);
      expect((await list({ q: `p${n}` })).ids).toContain(upsert(`visitor ${n}`).eventId);
    }
    expect(grams("p51")).toBeGreaterThan(0);
    for (let n = 510; n < 520; n++) await erasePerson(deps.runtime.eraser, `p${n}`, null);
    await erasePerson(deps.runtime.eraser, "p51", null);
    expect([grams("p51"), (await list({ q: "p512" })).ids]).toEqual([0, []]);
    database.close();
  });

  it("is removed when a later report corrects it", async () => {
    await write("a", { kind: "realtime", person: { id: "1", name: "Ada" } });
    await write("a", { kind: "history", person: { id: "1", name: "Grace" } });
    expect([(await list({ q: "ada" })).ids, (await list({ q: "grace" })).ids.length]).toEqual([[], 1]);
    const database = new DatabaseSync(deps.runtime.folder.database, { readOnly: true });
    expect(database.prepare("SELECT 1 FROM texts WHERE text LIKE '%ada%'").all()).toEqual([]);
    database.close();
  });

  it("is found completely if many events have it", async () => {
    const names = Array.from({ length: 1200 }, (_, n) => `visitor ${n}`);
    await Promise.all(names.map((name, n) => write(name, { time: noon - n, person: { id: `p${n}`, name } })));
    expect(await all({ q: "visitor" }, 500)).toHaveLength(1200);
    expect((await list({ q: "visitor 1199" })).ids).toEqual([upsert("visitor 1199").eventId]);
  });
});

it("a search gives up a page early, and the next one continues", async () => {
  const rare = { person: { id: "7", type: "vip" as const } };
  const writes = Array.from({ length: 700 }, (_, n) =>
    write(`${n}`, { time: noon - n, person: {}, ...(n > 650 ? rare : {}) }),
  );
  await Promise.all(writes);
  const first = await list({ box: "gate-1", type: "vip" });
  expect([first.ids, typeof first.next]).toEqual([[], "string"]);
  expect(await all({ box: "gate-1", type: "vip" }, 20)).toHaveLength(49);
});

describe("the grams of a text", () => {
  it("are the three characters at each place of its lines", () => {
    expect(gramsOf("ab\n小明王x").sort()).toEqual(["ab", "b", "小明王", "明王x", "王x", "x"].sort());
    expect(gramsOf("")).toEqual([]);
  });

  it("begin with each sequence of a text that it contains", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "小", "明", "😀", "\n"), maxLength: 12 });
    fc.assert(
      fc.property(text, text, text, (before, sought, after) => {
        fc.pre(sought !== "" && !sought.includes("\n"));
        const grams = gramsOf(before + sought + after);
        for (const one of gramsIn(sought)) expect(grams.filter((gram) => gram.startsWith(one))).not.toEqual([]);
      }),
    );
  });
});

describe("the way to a page", () => {
  const filters: EventFilter[] = [
    {},
    { from: noon - 1, to: noon },
    { box: "gate-1" },
    { device: "cam-1" },
    { person: "77" },
    { type: "vip" },
    { action: "1001" },
    { flag: "clock" },
    { flag: "clock", type: "vip", from: noon },
  ];

  it.each([...filters.map((filter) => [filter, null] as const), [{ q: "ada" }, [1, 2, 3]] as const])(
    "uses an index in its order for %j",
    (filter, texts) => {
      const database = new DatabaseSync(deps.runtime.folder.database, { readOnly: true });
      const range = [
        { sql: "time < ?", values: [noon] },
        { sql: "(time, id) < (?, ?)", values: [noon, "evt_x"] },
      ];
      const conditions = [{ sql: "events.expires_at > ?", values: [noon] }, ...conditionsOf(filter)];
      const page = listingQuery(listsFor(filter, texts), { range, conditions, columns: eventColumns, minRows: 300 });
      const plan = database.prepare(`EXPLAIN QUERY PLAN ${page.sql}`).all(...page.values);
      // New events are looked through, and put in order.
      const ofNew = plan.find(({ detail }) => detail === "SEARCH events USING INTEGER PRIMARY KEY (rowid>?)")?.[
        "parent"
      ];
      expect(ofNew === undefined).toBe("flag" in filter);
      // Statements are kept by their text: one for every size of a page would be many.
      const longer = listingQuery(listsFor(filter, texts), { range, conditions, columns: eventColumns, minRows: 301 });
      expect(longer.sql).toBe(page.sql);
      const others = plan.filter(({ parent, detail }) => parent !== ofNew && detail !== "SCAN indexed_events");
      const steps = others.map(({ detail }) => String(detail));
      expect(steps.filter((step) => /^SCAN (?!walk$)|TEMP B-TREE/.test(step))).toEqual([]);
      expect(steps.some((step) => /^SEARCH (events|event_flags) USING COVERING INDEX/.test(step))).toBe(true);
      database.close();
    },
  );
});

describe("long texts", () => {
  /** Characters in which hardly any sequence of three occurs twice. */
  const anyText = (seed: number, length: number) =>
    Array.from({ length }, (_, i) =>
      String.fromCharCode(0x4e00 + ((seed * 7919 + i * i * 31 + i * 104_729) % 20_000)),
    ).join("");
  const long = (seed: number) => anyText(seed, 2500);

  it("are found by their beginning, however long the search text is", async () => {
    const name = long(1);
    await write("a", { person: { id: "1", name } });
    const { eventId } = upsert("a");
    for (const length of [1, 3, 63, 64, 65, 256, 2500]) {
      expect((await list({ q: name.slice(0, length) })).ids).toEqual([eventId]);
    }
    expect((await list({ q: name.slice(32, 64) })).ids).toEqual([eventId]);
    expect((await list({ q: name.slice(64, 70) })).ids).toEqual([]);
  });

  it("are cut between characters, also if these take two units", async () => {
    const name = "😀".repeat(100);
    await write("a", { person: { id: "1", name } });
    expect((await list({ q: name })).ids).toEqual([upsert("a").eventId]);
  });

  it.runIf(isWhole)("add few rows to the index, and little to the file", async () => {
    const database = new DatabaseSync(deps.runtime.folder.database, { readOnly: true });
    const count = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
    const bytes = () => count("PRAGMA page_count") * count("PRAGMA page_size");
    const before = bytes();
    let sent = 0;
    for (let i = 0; i < 300; i++) {
      const [name, id, endpoint, device, ip, serial] = [0, 1, 2, 3, 4, 5].map((n) => long(i * 6 + n));
      if (!name || !id || !endpoint || !device || !ip || !serial) throw new Error("no texts");
      const facts = { person: { id, name }, device: { id: device, ip, endpoint, name }, serial };
      sent += Buffer.byteLength(JSON.stringify(facts));
      await write(`${i}`, facts);
    }
    await expect.poll(() => count("SELECT id FROM indexed_texts")).toBe(512);
    expect(count("SELECT count(*) FROM text_grams")).toBeLessThanOrEqual(300 * 512);
    expect(bytes() - before).toBeLessThan(8 * sent);
    database.close();
  });
});

describe("prepared statements", () => {
  it("are kept for the most recent filters, with any number of them", () => {
    const database = new DatabaseSync(":memory:");
    const statements = new Statements(database);
    const first = statements.prepare("SELECT 0");
    for (let i = 1; i < 1000; i++) {
      statements.prepare(`SELECT ${i}`);
      expect(statements.prepare("SELECT 0")).toBe(first);
    }
    expect(statements.size).toBe(64);
    expect(statements.prepare("SELECT 1").get()).toEqual({ 1: 1 });
    database.close();
  });
});
