import type { EventFilter, EventReader } from "@gatepost/query";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

    it("lists the newest first and pages without gap or repetition while more arrives", async () => {
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

    it("finds an event by what its reports together tell, not by what the first one told", async () => {
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

    it("finds an event by any of its actions, and by a wanted action that is none", async () => {
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

    it("lists actions by their state, with the event they are of", async () => {
      await deps.index.upsert(upsert("a", { action: action("a", "1001") }));
      await deps.index.upsert(upsert("b", { action: action("b", "1001", { state: "withheld", reason: "too poor" }) }));
      const withheld = await deps.reader.actions("withheld", { limit: 10, cursor: null });
      expect(withheld.items).toEqual([
        {
          ...action("b", "1001", { state: "withheld", reason: "too poor" }),
          eventId: upsert("b").eventId,
          box: "gate-1",
        },
      ]);
      expect((await deps.reader.actions(null, { limit: 10, cursor: null })).items).toHaveLength(2);
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
      const { items } = await deps.reader.actions("pending", { limit: 20, cursor: null }, asked);
      expect(items.map(({ eventId }) => eventId).sort()).toEqual(wanted.toSorted());
    });

    it("refuses a cursor that it did not make", async () => {
      await expect(deps.reader.list({}, { limit: 5, cursor: "nonsense" })).rejects.toMatchObject({
        kind: "bad-request",
      });
    });
  });
}
