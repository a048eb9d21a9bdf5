import type { ActionFilter, ListedAction } from "@gatepost/core/actions";
import type { EventFilter, EventReader } from "@gatepost/core/events";
import { maxPageBytes, type Page, type PageRequest } from "@gatepost/core/lists";
import type { Report, WantAction } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readPage } from "../../packages/api/src/page.ts";
import type { IndexUnderTest } from "./event-index.ts";
import { action, day, noon, report, upsert } from "./samples.ts";

/** What every reader of events promises. */
export function eventReaderContract(name: string, open: () => Promise<IndexUnderTest>): void {
  describe(`${name} keeps the promises of a reader of events:`, () => {
    let deps: IndexUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const idsOf = async (filter: EventFilter = {}, limit = 100) =>
      (await deps.reader.list(filter, { limit, cursor: null })).items.map(({ id }) => id);

    it("lists the newest first and pages without gap or repetition while more arrive", async () => {
      const at = (minute: number) => report({ time: noon - minute * 60_000 });
      for (let minute = 0; minute < 25; minute++) await deps.index.upsert(upsert(`e${minute}`, { report: at(minute) }));
      const read: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<EventReader["list"]>> = await deps.reader.list({}, { limit: 4, cursor });
        read.push(...page.items.map(({ id }) => id));
        cursor = page.next;
        await deps.index.upsert(upsert(`new${read.length}`, { report: at(-read.length) }));
        await deps.index.upsert(upsert(`old${read.length}`, { report: at(100 + read.length) }));
      } while (cursor !== null && read.length < 60);
      const existed = Array.from({ length: 25 }, (_, minute) => upsert(`e${minute}`).eventId);
      expect(read.filter((id) => existed.includes(id))).toEqual(existed);
      expect(new Set(read).size).toBe(read.length);
    });

    it("ends a page before its events have more than 4 MB of JSON", async () => {
      const large = { extra: { note: "x".repeat(65_000) } };
      const names = Array.from({ length: 140 }, (_, n) => `large ${n}`);
      for (const [n, name] of names.entries()) {
        await deps.index.upsert(upsert(name, { report: report({ ...large, time: noon - n }) }));
      }
      const read: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<EventReader["list"]>> = await deps.reader.list({}, { limit: 500, cursor });
        expect(Buffer.byteLength(JSON.stringify(page.items))).toBeLessThanOrEqual(maxPageBytes);
        expect(page.items.length === 0 && page.next !== null).toBe(false);
        read.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== null);
      expect(read).toEqual(names.map((name) => upsert(name).eventId));
      const small = await deps.reader.list({}, { limit: 500, cursor: null, maxBytes: 1 });
      expect([small.items.length, small.next !== null]).toEqual([1, true]);
    });

    it("fills a page of a filter that few events match", async () => {
      const passed = (n: number, name: string) =>
        deps.index.upsert(upsert(`${name} ${n}`, { report: report({ time: noon - n, person: { id: `${n}`, name } }) }));
      for (let n = 0; n < 1100; n += 10) {
        await Promise.all(Array.from({ length: 10 }, (_, more) => passed(n + more, "李明")));
      }
      for (let n = 1100; n < 1140; n++) await passed(n, `王芳${n}`);
      const asked = { q: "王", from: noon - 5000, to: noon + 1, limit: 3 };
      const list = (filter: EventFilter, page: PageRequest) => deps.reader.list(filter, page);
      const { items, next } = await readPage("events", asked, list, { cursorSecret: Buffer.alloc(32), cpuMs: () => 0 });
      expect(items.map(({ reports: [first] }) => first?.person?.name)).toEqual(["王芳1100", "王芳1101", "王芳1102"]);
      expect(next).not.toBeNull();
    });

    it("finds an event by its merged reports, not by the first one", async () => {
      const ahead = report({ kind: "realtime", time: noon + 2 * day, person: { id: "16026", type: "stranger" } });
      await deps.index.upsert(upsert("a", { report: ahead }));
      expect(await idsOf({ from: noon, to: noon + 1 })).toEqual([upsert("a").eventId]);
      const known = report({ time: noon + 2 * day, receivedAt: noon + 2 * day, person: { id: "7", type: "vip" } });
      await deps.index.upsert(upsert("a", { report: known }));
      expect(await idsOf({ from: noon, to: noon + 1 })).toEqual([]);
      expect(await idsOf({ from: noon + 2 * day })).toEqual([upsert("a").eventId]);
      expect(await idsOf({ person: "7" })).toEqual([upsert("a").eventId]);
    });

    it("finds a person by an id however long and odd", async () => {
      const ids = ["x".repeat(5000), "Ω".repeat(300), "a#0", "\u0000", "\ud800"];
      for (const [n, id] of ids.entries())
        await deps.index.upsert(upsert(`p${n}`, { report: report({ person: { id } }) }));
      for (const [n, id] of ids.entries()) expect(await idsOf({ person: id })).toEqual([upsert(`p${n}`).eventId]);
    });

    it("finds a person by an id with blanks or invisible characters at its ends", async () => {
      const ids = ["7", "7 ", "\u200b7\u0000", "07"];
      for (const [n, id] of ids.entries())
        await deps.index.upsert(upsert(`p${n}`, { report: report({ time: noon - n, person: { id } }) }));
      const found = ["p0", "p1", "p2"].map((name) => upsert(name).eventId);
      for (const id of ids.slice(0, 3)) expect(await idsOf({ person: id })).toEqual(found);
      expect(await idsOf({ person: "07" })).toEqual([upsert("p3").eventId]);
    });

    it("narrows by every filter, alone and together", async () => {
      await deps.index.upsert(
        upsert("vip", { report: report({ time: noon - 1, device: { id: "d-1", ip: "10.0.0.1" } }) }),
      );
      const stranger = report({ person: { id: "16026", type: "stranger", name: "stranger" }, wantAction: "1001" });
      await deps.index.upsert(
        upsert("stranger", { report: { ...stranger, time: noon }, action: action("stranger", "1001") }),
      );
      const elsewhere = report({ time: noon + 1, device: { endpoint: "AKO__10.0.0.9" }, flags: ["odd"] });
      await deps.index.upsert(upsert("elsewhere", { box: "gate-2", report: elsewhere }));
      const [vip, unknown, other] = ["vip", "stranger", "elsewhere"].map((event) => upsert(event).eventId);
      expect(await idsOf({ from: noon })).toEqual([other, unknown]);
      expect(await idsOf({ to: noon })).toEqual([vip]);
      expect(await idsOf({ box: "gate-2" })).toEqual([other]);
      expect(await idsOf({ device: "d-1" })).toEqual([vip]);
      expect(await idsOf({ device: "10.0.0.1" })).toEqual([vip]);
      expect(await idsOf({ device: "AKO__10.0.0.9" })).toEqual([other]);
      expect(await idsOf({ person: "666666" })).toEqual([other, vip]);
      expect(await idsOf({ person: "16026" })).toEqual([]);
      expect(await idsOf({ type: "stranger" })).toEqual([unknown]);
      expect(await idsOf({ action: "1001" })).toEqual([unknown]);
      expect(await idsOf({ flag: "odd", from: noon - day, to: noon + day })).toEqual([other]);
      expect(await idsOf({ q: "小明", from: noon - day, to: noon + day })).toEqual([other, vip]);
      expect(await idsOf({ q: "GATE-2", from: noon - day, to: noon + day })).toEqual([other]);
      expect(await idsOf({ person: "666666", box: "gate-1" })).toEqual([vip]);
      expect(await idsOf({ person: "666666", to: noon, box: "gate-2" })).toEqual([]);
    });

    it("finds by any of several values of one filter", async () => {
      const add = (name: string, at: number, overrides: Partial<Report>, box = "gate-1") =>
        deps.index.upsert(upsert(name, { box, report: report({ time: noon + at, ...overrides }) }));
      await add("vip", 3, { device: { ip: "10.0.0.1" }, flags: ["odd"] });
      await add("stranger", 2, { person: { id: "1", type: "stranger" }, device: { ip: "10.0.0.2" } }, "gate-2");
      await add("visitor", 1, { person: { id: "7", type: "visitor" }, flags: ["even"] }, "gate-3");
      const [vip, stranger, visitor] = ["vip", "stranger", "visitor"].map((name) => upsert(name).eventId);
      const range = { from: noon, to: noon + day };
      expect(await idsOf({ ...range, type: ["stranger", "vip"] })).toEqual([vip, stranger]);
      expect(await idsOf({ box: ["gate-2", "gate-3"] })).toEqual([stranger, visitor]);
      expect(await idsOf({ box: ["gate-1", "gate-2", "gate-3", "a", "b", "c"] })).toEqual([vip, stranger, visitor]);
      expect(await idsOf({ person: ["7", "666666", "1"] })).toEqual([vip, visitor]);
      expect(await idsOf({ ...range, device: ["10.0.0.1", "10.0.0.2"] })).toEqual([vip, stranger]);
      expect(await idsOf({ ...range, flag: ["odd", "even"], type: ["visitor"] })).toEqual([visitor]);
      expect(await idsOf({ ...range, flag: ["odd", "even"], box: ["gate-1", "gate-2"] })).toEqual([vip]);
      expect(await idsOf({ box: [] })).toEqual([]);
    });

    it("finds by whether the door opened, also after a later report changed it", async () => {
      const add = (name: string, at: number, overrides: Partial<Report>) =>
        deps.index.upsert(upsert(name, { report: report({ time: noon + at, ...overrides }) }));
      await add("denied", 3, { result: "denied" });
      await add("granted", 2, { result: "granted" });
      await add("silent", 1, {});
      const [denied, granted, silent] = ["denied", "granted", "silent"].map((name) => upsert(name).eventId);
      const range = { from: noon, to: noon + day };
      expect(await idsOf({ ...range, result: ["denied"] })).toEqual([denied]);
      expect(await idsOf({ ...range, result: ["granted"] })).toEqual([granted]);
      expect(await idsOf({ ...range, result: ["granted", "denied"] })).toEqual([denied, granted]);
      await add("silent", 1, { kind: "backfill", result: "granted" });
      expect(await idsOf({ ...range, result: ["granted"] })).toEqual([granted, silent]);
    });

    it("counts the events of a filter, as far as it looks", async () => {
      for (let n = 0; n < 7; n++) {
        const person = n % 2 === 0 ? { id: "7", type: "visitor" as const } : { id: "8" };
        await deps.index.upsert(upsert(`e${n}`, { report: report({ time: noon + n, person }) }));
      }
      const range = { from: noon, to: noon + day };
      const count = (filter: EventFilter, max = 100) => deps.reader.count(filter, max);
      expect(await count({})).toEqual({ count: 7, isExact: true });
      expect(await count({}, 7)).toEqual({ count: 7, isExact: true });
      expect(await count({}, 6)).toEqual({ count: 6, isExact: false });
      expect(await count({ ...range, type: "visitor" })).toEqual({ count: 4, isExact: true });
      expect(await count({ person: "8" })).toEqual({ count: 3, isExact: true });
      expect(await count({ person: ["7", "8"] })).toEqual({ count: 7, isExact: true });
      expect(await count({ from: noon + 1, to: noon + 3 })).toEqual({ count: 2, isExact: true });
      expect(await count({ ...range, q: "nobody at all" })).toEqual({ count: 0, isExact: true });
      expect(await count({ box: "gate-9" })).toEqual({ count: 0, isExact: true });
      deps.setClock(noon + 31 * day);
      expect((await count({})).count).toBe(0);
    });

    it("finds the neighbours of an event in the list of a filter", async () => {
      for (let n = 0; n < 5; n++) {
        const person = n % 2 === 0 ? { id: "7", type: "visitor" as const } : { id: "8" };
        const box = n === 4 ? "gate-2" : "gate-1";
        await deps.index.upsert(upsert(`e${n}`, { box, report: report({ time: noon + n, person }) }));
      }
      const id = (n: number | null) => (n === null ? null : upsert(`e${n}`).eventId);
      const beside = (n: number, filter: EventFilter = {}) =>
        deps.reader.neighbours({ id: id(n) ?? "", timestamp: noon + n }, filter);
      const range = { from: noon, to: noon + day };
      expect(await beside(2)).toEqual({ newer: id(3), older: id(1) });
      expect(await beside(4)).toEqual({ newer: null, older: id(3) });
      expect(await beside(0)).toEqual({ newer: id(1), older: null });
      expect(await beside(2, { ...range, type: "visitor" })).toEqual({ newer: id(4), older: id(0) });
      expect(await beside(1, { person: "7", box: "gate-1" })).toEqual({ newer: id(2), older: id(0) });
      expect(await beside(2, { box: ["gate-1", "gate-2"] })).toEqual({ newer: id(3), older: id(1) });
      expect(await beside(4, { from: noon, to: noon + 2 })).toEqual({ newer: null, older: id(1) });
      expect(await beside(2, { ...range, q: "nobody" })).toEqual({ newer: null, older: null });
    });

    it("tells events of the same time apart by their ids", async () => {
      const ids = ["a", "b", "c"].map((event) => upsert(event).eventId).sort();
      for (const event of ["a", "b", "c"]) await deps.index.upsert(upsert(event));
      const beside = await deps.reader.neighbours({ id: ids[1] ?? "", timestamp: noon }, {});
      expect(beside).toEqual({ newer: ids[2], older: ids[0] });
    });

    it("finds an event by any of its actions, and by an invalid wanted action", async () => {
      await deps.index.upsert(
        upsert("both", { report: report({ wantAction: "1001" }), action: action("both", "1001") }),
      );
      await deps.index.upsert(
        upsert("both", { report: report({ wantAction: "1001" }), action: action("both", "1002") }),
      );
      const late = report({ kind: "realtime", wantAction: "1002", time: noon - 1 });
      await deps.index.upsert(
        upsert("late", { report: report({ time: noon - 1, wantAction: "1001" }), action: action("late", "1001") }),
      );
      await deps.index.upsert(upsert("late", { report: late, action: action("late", "1002") }));
      await deps.index.upsert(upsert("one", { report: report({ time: noon - 2 }), action: action("one", "1002") }));
      await deps.index.upsert(upsert("none", { report: report({ time: noon - 3, wantAction: "7" }) }));
      const [both, two, one, none] = ["both", "late", "one", "none"].map((name) => upsert(name).eventId);
      expect(await idsOf({ action: "1001" })).toEqual([both, two]);
      expect(await idsOf({ action: "1002" })).toEqual([both, two, one]);
      expect(await idsOf({ action: "1002", box: "gate-1", to: noon - 1 })).toEqual([one]);
      expect(await idsOf({ action: "7" })).toEqual([none]);
    });

    it("lists actions by their state, with their events", async () => {
      await deps.index.upsert(upsert("a", { action: action("a", "1001") }));
      await deps.index.upsert(upsert("b", { action: action("b", "1001", { state: "withheld", reason: "too poor" }) }));
      const withheld = await deps.actionReader.list({ states: ["withheld"] }, { limit: 10, cursor: null });
      const made = action("b", "1001", { state: "withheld", reason: "too poor" });
      const listed = {
        ...made,
        eventId: upsert("b").eventId,
        box: "gate-1",
        approval: null,
        decline: null,
        told: deps.told,
        history: [{ state: "withheld", at: made.at, reason: "too poor" }],
      };
      expect(withheld.items).toEqual([listed]);
      expect(await deps.actionReader.get(made.id)).toEqual(listed);
      expect(await deps.actionReader.ofEvent(listed.eventId)).toEqual([listed]);
      expect((await deps.actionReader.list({}, { limit: 10, cursor: null })).items).toHaveLength(2);
    });

    it("filters actions by states, wanted actions and boxes, alone and together, in pages", async () => {
      const add = (event: string, wantAction: WantAction, box: string, overrides = {}) =>
        deps.index.upsert(upsert(event, { box, action: action(event, wantAction, overrides) }));
      await add("a", "1001", "gate-1", { at: new Date(noon + 1).toISOString() });
      await add("b", "1002", "gate-1", { at: new Date(noon + 2).toISOString() });
      await add("c", "1001", "gate-2", { state: "withheld", reason: "too poor", at: new Date(noon + 3).toISOString() });
      await add("d", "1001", "gate-3", { at: new Date(noon + 4).toISOString() });
      const found = async (filter: ActionFilter, limit = 10) => {
        const names: string[] = [];
        for (let cursor: string | null = null; ; ) {
          const page: Page<ListedAction> = await deps.actionReader.list(filter, { limit, cursor });
          names.push(...page.items.map(({ eventId }) => eventId));
          cursor = page.next;
          if (cursor === null) return names.map((id) => "abcd".split("").find((one) => upsert(one).eventId === id));
        }
      };
      expect(await found({})).toEqual(["d", "c", "b", "a"]);
      expect(await found({}, 1)).toEqual(["d", "c", "b", "a"]);
      expect(await found({ states: ["pending"] })).toEqual(["d", "b", "a"]);
      expect(await found({ states: ["withheld", "pending"] }, 2)).toEqual(["d", "c", "b", "a"]);
      expect(await found({ wants: ["1002"] }, 1)).toEqual(["b"]);
      expect(await found({ boxes: ["gate-2", "gate-3"] }, 1)).toEqual(["d", "c"]);
      expect(await found({ states: ["pending"], wants: ["1001"], boxes: ["gate-1", "gate-2"] })).toEqual(["a"]);
      expect(await found({ states: ["done"] })).toEqual([]);
      expect(await found({ boxes: [] })).toEqual([]);
    });

    it("reads several events at once, and leaves out missing ones", async () => {
      await deps.index.upsert(upsert("a"));
      await deps.index.upsert(upsert("old", { expiresAt: noon + 1000 }));
      deps.setClock(noon + 2000);
      const ids = ["a", "old", "never", "a"].map((event) => upsert(event).eventId);
      const read = await deps.reader.getAll([...ids, "no id"]);
      expect([...read.keys()]).toEqual([upsert("a").eventId]);
      expect(read.get(upsert("a").eventId)).toEqual(await deps.reader.get(upsert("a").eventId));
      expect((await deps.reader.getAll([])).size).toBe(0);
    });

    it("knows no action of an event that is unknown or has expired", async () => {
      await deps.index.upsert(upsert("a", { action: action("a", "1001") }));
      expect(await deps.actionReader.get("act_nonsense")).toBeNull();
      expect(await deps.actionReader.get(action("a", "1002").id)).toBeNull();
      expect(await deps.actionReader.ofEvent("no id")).toEqual([]);
      deps.setClock(noon + 31 * day);
      expect(await deps.actionReader.get(action("a", "1001").id)).toBeNull();
      expect(await deps.actionReader.ofEvent(upsert("a").eventId)).toEqual([]);
      expect((await deps.actionReader.list({}, { limit: 10, cursor: null })).items).toEqual([]);
    });

    it("finds the events and the actions of several boxes, page by page", async () => {
      const boxes = ["gate-1", "gate-2", "gate-3"];
      for (let n = 0; n < 9; n++) {
        const entry = { box: boxes[n % 3] ?? "", report: report({ time: noon - n, person: { id: "7", type: "vip" } }) };
        await deps.index.upsert(upsert(`b${n}`, { ...entry, action: action(`b${n}`, "1001") }));
      }
      const wanted = [0, 2, 3, 5, 6, 8].map((n) => upsert(`b${n}`).eventId);
      const asked = ["gate-1", "gate-3", "nowhere"];
      const read: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<EventReader["list"]>> = await deps.reader.list(
          { boxes: asked },
          { limit: 4, cursor },
        );
        read.push(...page.items.map(({ id }) => id));
        cursor = page.next;
      } while (cursor !== null && read.length < 20);
      expect(read).toEqual(wanted);
      expect(await idsOf({ boxes: asked, type: "vip", from: noon - 5, to: noon + 1 })).toEqual(wanted.slice(0, 4));
      expect(await idsOf({ boxes: asked, person: "7" })).toEqual(wanted);
      expect(await idsOf({ boxes: [] })).toEqual([]);
      const many = Array.from({ length: 60 }, (_, n) => `gate-${n + 3}`);
      expect(await idsOf({ boxes: many })).toEqual([2, 5, 8].map((n) => upsert(`b${n}`).eventId));
      const { items } = await deps.actionReader.list(
        { states: ["pending"], boxes: asked },
        { limit: 20, cursor: null },
      );
      expect(items.map(({ eventId }) => eventId).sort()).toEqual(wanted.toSorted());
    });

    it("refuses a cursor that it did not make", async () => {
      await expect(deps.reader.list({}, { limit: 5, cursor: "nonsense" })).rejects.toMatchObject({
        kind: "bad-request",
      });
    });
  });
}
