import type { ActionReader } from "@gatepost/core/actions";
import type { EventEraser } from "@gatepost/core/erasure";
import type { EventFilter, EventIndex, EventReader } from "@gatepost/core/events";
import type { PictureStore } from "@gatepost/core/pictures";
import type { Acknowledgements, EventNotes, SeenMarks } from "@gatepost/core/seen";
import {
  BrokenRow,
  locatePicture,
  merge,
  monthOf,
  type Report,
  type ReportKind,
  reportKinds,
} from "@gatepost/protocol";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { rounds } from "../support/seeded.ts";
import { putPicture } from "../support/stored-pictures.ts";
import { action, day, noon, picture, report, upsert } from "./samples.ts";

export interface IndexUnderTest {
  index: EventIndex;
  reader: EventReader;
  actionReader: ActionReader;
  seen: SeenMarks;
  acknowledgements: Acknowledgements;
  notes: Pick<EventNotes, "add" | "list">;
  eraser: Pick<EventEraser, "eraseEvent">;
  pictures: PictureStore;
  /** The value of `told` of an action that was not announced: null if the runtime does not know what rules take. */
  told: boolean | null;
  /** Moves the clock that the reader goes by. */
  setClock(now: number): void;
  close(): Promise<void>;
}

/** The promises of every event index. */
export function eventIndexContract(name: string, open: () => Promise<IndexUnderTest>): void {
  describe(`${name} keeps the promises of an event index:`, () => {
    let deps: IndexUnderTest;
    beforeEach(async () => {
      deps = await open();
      deps.setClock(noon);
    });
    afterEach(() => deps.close());

    const stored = async (event: string) => {
      const found = await deps.reader.get(upsert(event).eventId);
      return found === null ? null : merge(found);
    };
    const idsOf = async (filter: EventFilter = {}, limit = 100) =>
      (await deps.reader.list(filter, { limit, cursor: null })).items.map(({ id }) => id);

    it("a hundred equal writes at once make one event and enqueue its action once", async () => {
      const entry = upsert("a", { action: action("a", "1001") });
      const written = await Promise.all(Array.from({ length: 100 }, () => deps.index.upsert(entry)));
      expect(written.filter(({ outcome }) => outcome === "created")).toHaveLength(1);
      expect(written.filter(({ outcome }) => outcome === "duplicate")).toHaveLength(99);
      expect(written.filter(({ enqueued }) => enqueued)).toHaveLength(1);
      expect(await idsOf()).toEqual([entry.eventId]);
      expect((await stored("a"))?.actions).toEqual([entry.action]);
    });

    it.each([
      ["a kind of person that is none", { person: { id: "1", name: null, type: "king" } }],
      ["a score that is a text", { score: "high" }],
    ])("refuses a report that it could not read again, with %s", async (_, broken) => {
      const unreadable: Report = JSON.parse(JSON.stringify({ ...report(), ...broken }));
      await expect(deps.index.upsert(upsert("a", { report: unreadable }))).rejects.toBeInstanceOf(BrokenRow);
      expect(await stored("a")).toBeNull();
      expect((await deps.index.upsert(upsert("a"))).outcome).toBe("created");
      const later: Report = { ...unreadable, kind: "realtime", dialect: "se3-realtime" };
      await expect(deps.index.upsert(upsert("a", { report: later }))).rejects.toBeInstanceOf(BrokenRow);
      expect((await stored("a"))?.reports).toHaveLength(1);
    });

    it("a report of another kind joins the event", async () => {
      await deps.index.upsert(upsert("a", { report: report({ kind: "realtime", dialect: "se3-realtime" }) }));
      const written = await deps.index.upsert(
        upsert("a", { report: report({ score: [0.9, 1] }), fingerprint: "face-b" }),
      );
      expect(written.outcome).toBe("merged");
      expect(await stored("a")).toMatchObject({ score: 0.9, reports: [{ kind: "history" }, { kind: "realtime" }] });
    });

    it("the first report of a kind stays, and a repetition does not change it", async () => {
      await deps.index.upsert(upsert("a", { report: report({ score: [0.1, 1] }) }));
      const written = await deps.index.upsert(
        upsert("a", { report: report({ score: [0.9, 1], receivedAt: noon + 5 }) }),
      );
      expect(written.outcome).toBe("duplicate");
      expect(await stored("a")).toMatchObject({ score: 0.1, receivedAt: new Date(noon).toISOString() });
    });

    it("another face by the same kind of report is refused and changes nothing", async () => {
      await deps.index.upsert(upsert("a"));
      const before = await stored("a");
      const other = upsert("a", {
        fingerprint: "face-b",
        action: action("a", "1002"),
        report: report({ score: [1, 1] }),
      });
      expect(await deps.index.upsert(other)).toEqual({ outcome: "conflict", enqueued: false, event: null });
      expect(await stored("a")).toEqual(before);
    });

    it("one of two faces written at once is kept, and one is refused", async () => {
      const faces = Array.from({ length: 20 }, (_, i) =>
        upsert("a", { fingerprint: i % 2 === 0 ? "face-a" : "face-b" }),
      );
      const outcomes = (await Promise.all(faces.map((entry) => deps.index.upsert(entry)))).map(
        ({ outcome }) => outcome,
      );
      const count = (outcome: string) => outcomes.filter((other) => other === outcome).length;
      expect([count("created"), count("duplicate"), count("conflict")]).toEqual([1, 9, 10]);
    });

    const facts = (seed: string) => {
      const { data: _, ...rest } = picture(seed);
      return rest;
    };
    const stores = (...seeds: string[]) =>
      Promise.all(seeds.map((seed) => putPicture(deps.pictures, monthOf(noon), "scene", picture(seed))));

    it("a repeat adds missing values of the held report: a picture, its flag, a value", async () => {
      await stores("scene");
      await deps.index.upsert(upsert("a", { report: report({ flags: ["picture-unreadable:scene"] }) }));
      const repeat = report({ receivedAt: noon + 5, score: [0.7, 1], pictures: { scene: facts("scene") } });
      expect(await deps.index.upsert(upsert("a", { report: repeat }))).toMatchObject({
        outcome: "filled",
        enqueued: false,
        event: null,
      });
      const filled = await stored("a");
      expect(filled).toMatchObject({ score: 0.7, flags: [], receivedAt: new Date(noon).toISOString() });
      expect(filled?.pictures.scene).toMatchObject(facts("scene"));
      expect((await deps.index.upsert(upsert("a", { report: repeat }))).outcome).toBe("duplicate");
      expect(await idsOf({ flag: "picture-unreadable:scene" })).toEqual([]);
    });

    it("a repeat that calls the face unfit is remembered, and the held values stay", async () => {
      const judged = (registrable: boolean) => ({ report: report({ quality: { registrable } }) });
      await deps.index.upsert(upsert("a", judged(true)));
      expect((await deps.index.upsert(upsert("a", judged(false)))).outcome).toBe("filled");
      expect((await deps.index.upsert(upsert("a", judged(false)))).outcome).toBe("duplicate");
      const wanted = upsert("a", { ...judged(true), action: action("a", "1001") });
      expect((await deps.index.upsert(wanted)).event?.reports).toMatchObject([
        { quality: { registrable: true }, unfit: true },
      ]);
    });

    it("a repeat keeps its flags, except those about a picture that the event has", async () => {
      const kept = ["charset", "picture-unreadable:scene"];
      await stores("scene");
      await putPicture(deps.pictures, monthOf(noon), "registered", picture("registered"));
      const flagged = (flags: string[], pictures = {}) => upsert("a", { report: report({ flags, pictures }) });
      await deps.index.upsert(flagged(["charset"], { registered: facts("registered") }));
      const repeat = flagged([...kept, "picture-unreadable:registered"]);
      expect((await deps.index.upsert(repeat)).outcome).toBe("filled");
      expect((await stored("a"))?.flags).toEqual(kept);
      const other = report({ kind: "realtime", dialect: "se3-realtime", pictures: { scene: facts("scene") } });
      await deps.index.upsert(upsert("a", { report: other }));
      expect((await stored("a"))?.flags).toEqual(["charset"]);
    });

    it("a repeat that adds values brings its action, too", async () => {
      await deps.index.upsert(upsert("a"));
      const repeat = upsert("a", { report: report({ score: [0.7, 1] }), action: action("a", "1001") });
      expect(await deps.index.upsert(repeat)).toMatchObject({
        outcome: "filled",
        enqueued: true,
        event: { actions: [{}] },
      });
    });

    it("a repeat that first names the person makes the event found by that person", async () => {
      await deps.index.upsert(upsert("a", { report: report({ person: { type: "vip" } }) }));
      await deps.index.upsert(upsert("a", { report: report({ person: { type: "vip", id: "7" } }) }));
      expect(await idsOf({ person: "7" })).toEqual([upsert("a").eventId]);
    });

    it("no value of many simultaneous repeats is lost", async () => {
      await deps.index.upsert(upsert("a", { report: report({ extra: {} }) }));
      const repeats = [1, 2, 3, 4].map((n) => upsert("a", { report: report({ extra: { [`m${n}`]: n } }) }));
      await Promise.all(repeats.map((entry) => deps.index.upsert(entry)));
      expect((await stored("a"))?.extra).toEqual({ m1: 1, m2: 2, m3: 3, m4: 4 });
    });

    it("a picture that is filled in is found in the month of its receipt", async () => {
      const later = Date.UTC(2026, 11, 2);
      await putPicture(deps.pictures, monthOf(later), "scene", picture("scene"));
      await deps.index.upsert(upsert("a"));
      await deps.index.upsert(
        upsert("a", { report: report({ receivedAt: later, pictures: { scene: facts("scene") } }) }),
      );
      const found = await deps.reader.get(upsert("a").eventId);
      expect(found && locatePicture(found, "scene")).toMatchObject({ month: "2026-12" });
    });

    it("a replay only adds values, with or without the same face", async () => {
      await deps.index.upsert(upsert("a", { fingerprint: "digest", report: report({ person: { id: "1" } }) }));
      const replay = upsert("a", {
        fingerprint: "face-a",
        replaces: "digest",
        report: report({ score: [0.7, 1], person: { id: "1", name: "later" } }),
      });
      expect((await deps.index.upsert(replay)).outcome).toBe("filled");
      expect(await stored("a")).toMatchObject({ score: 0.7, person: { name: "later" } });
      const damaged = upsert("a", {
        replaces: "face-a",
        report: report({ score: [0.1, 1], person: { id: "1", name: "damaged" } }),
      });
      expect((await deps.index.upsert(damaged)).outcome).toBe("duplicate");
      expect(await stored("a")).toMatchObject({ score: 0.7, person: { name: "later" } });
    });

    it("a report that an older build stored by its digest is repeated by it", async () => {
      await deps.index.upsert(upsert("a", { fingerprint: "digest" }));
      const repeat = (earlierFingerprint: string, more: Partial<Report> = {}) =>
        upsert("a", { fingerprint: "facts", earlierFingerprint, report: report(more) });
      expect((await deps.index.upsert(repeat("digest"))).outcome).toBe("duplicate");
      expect((await deps.index.upsert(repeat("another digest"))).outcome).toBe("conflict");
      expect((await deps.index.upsert(repeat("digest", { extra: { retry: 1 } }))).outcome).toBe("filled");
      expect((await deps.index.upsert(repeat("another digest"))).outcome).toBe("duplicate");
    });

    it("one of two simultaneous replays fills the report, and the other is another face", async () => {
      await deps.index.upsert(upsert("a", { fingerprint: "digest" }));
      const replays = ["face-a", "face-b"].map((fingerprint) =>
        upsert("a", { fingerprint, replaces: "digest", report: report({ score: [0.5, 1] }) }),
      );
      const written = await Promise.all(replays.map((entry) => deps.index.upsert(entry)));
      expect(written.map(({ outcome }) => outcome).sort()).toEqual(["conflict", "filled"]);
    });

    it("one report enqueues an action that all kinds of report request at once", async () => {
      const entries = reportKinds.map((kind) => upsert("a", { report: report({ kind }), action: action("a", "1001") }));
      const written = await Promise.all(entries.map((entry) => deps.index.upsert(entry)));
      expect(written.filter(({ enqueued }) => enqueued)).toHaveLength(1);
      expect((await stored("a"))?.reports).toHaveLength(reportKinds.length);
    });

    it("one of many simultaneous repetitions with an action enqueues it", async () => {
      await deps.index.upsert(upsert("a"));
      const entry = upsert("a", { action: action("a", "1001") });
      const written = await Promise.all(Array.from({ length: 20 }, () => deps.index.upsert(entry)));
      expect(written.filter(({ enqueued }) => enqueued)).toHaveLength(1);
    });

    it("an action keeps its reason, or its lack of one, despite other reports", async () => {
      const live = report({ kind: "live" });
      await deps.index.upsert(upsert("a", { action: action("a", "1001") }));
      const withheld = action("a", "1001", { state: "withheld", reason: "too poor" });
      await deps.index.upsert(upsert("a", { report: live, action: withheld }));
      expect((await stored("a"))?.actions).toEqual([action("a", "1001")]);
    });

    it("a second, different action is separate, and a repeat resets neither", async () => {
      await deps.index.upsert(upsert("a", { action: action("a", "1001") }));
      const second = await deps.index.upsert(upsert("a", { action: action("a", "1002") }));
      const again = await deps.index.upsert(upsert("a", { action: action("a", "1001", { state: "withheld" }) }));
      expect(second).toMatchObject({ outcome: "duplicate", enqueued: true, event: { actions: [{}, {}] } });
      expect(again.enqueued).toBe(false);
      expect((await stored("a"))?.actions.map(({ wantAction, state }) => [wantAction, state])).toEqual([
        ["1001", "pending"],
        ["1002", "pending"],
      ]);
    });

    it("an event that expired is absent: not read, not listed, and written again", async () => {
      await deps.index.upsert(upsert("a", { expiresAt: noon + day, action: action("a", "1001") }));
      deps.setClock(noon + day);
      expect(await stored("a")).toBeNull();
      expect(await idsOf()).toEqual([]);
      const later = { now: noon + day, expiresAt: noon + 2 * day };
      const anew = upsert("a", { ...later, fingerprint: "face-b", report: report({ score: [0.5, 1] }) });
      expect((await deps.index.upsert(anew)).outcome).toBe("created");
      expect(await stored("a")).toMatchObject({ score: 0.5, actions: [] });
    });

    it("a report of another kind does not join an expired event, nor inherit from it", async () => {
      await deps.index.upsert(upsert("a", { expiresAt: noon + day, action: action("a", "1001") }));
      deps.setClock(noon + day);
      const later = { now: noon + day, expiresAt: noon + 2 * day };
      const anew = upsert("a", { ...later, report: report({ kind: "live" }), action: action("a", "1002") });
      expect(await deps.index.upsert(anew)).toMatchObject({ outcome: "created", enqueued: true });
      expect(await stored("a")).toMatchObject({ reports: [{ kind: "live" }], actions: [{ wantAction: "1002" }] });
    });

    it("one of many simultaneous writes replaces an expired event and enqueues its action", async () => {
      await deps.index.upsert(upsert("a", { expiresAt: noon + day }));
      deps.setClock(noon + day);
      const anew = upsert("a", { now: noon + day, expiresAt: noon + 2 * day, action: action("a", "1001") });
      const written = await Promise.all(Array.from({ length: 20 }, () => deps.index.upsert(anew)));
      expect(written.filter(({ outcome }) => outcome === "created")).toHaveLength(1);
      expect(written.filter(({ enqueued }) => enqueued)).toHaveLength(1);
    });

    it("a later report does not put the expiry off", async () => {
      await deps.index.upsert(upsert("a", { expiresAt: noon + day }));
      await deps.index.upsert(upsert("a", { report: report({ kind: "live" }), expiresAt: noon + 9 * day }));
      deps.setClock(noon + day);
      expect(await stored("a")).toBeNull();
    });

    it.each([
      ["joins it", report({ kind: "live", receivedAt: noon - day })],
      ["repeats one of its reports", report({ receivedAt: noon - day })],
    ])("expires by the earliest receipt, even if a replay brought that and %s", async (_, early) => {
      await deps.index.upsert(upsert("a"));
      await deps.index.upsert(upsert("a", { report: early, expiresAt: noon + 20 * day }));
      await deps.index.upsert(upsert("a", { report: early, expiresAt: noon + 40 * day }));
      deps.setClock(noon + 20 * day - 1);
      expect(await stored("a")).not.toBeNull();
      deps.setClock(noon + 20 * day);
      expect(await stored("a")).toBeNull();
      expect(await idsOf()).toEqual([]);
    });

    it("does not end by a replayed report whose time is over", async () => {
      await deps.index.upsert(upsert("a"));
      await deps.index.upsert(upsert("a", { report: report({ kind: "live" }), expiresAt: noon - day }));
      expect((await stored("a"))?.reports).toHaveLength(2);
    });

    it("reports merge to the same event in every order and with every repetition", async () => {
      let run = 0;
      const kinds = fc.array(fc.constantFrom(...reportKinds), { minLength: 1, maxLength: 8 });
      await fc.assert(
        fc.asyncProperty(kinds, async (order) => {
          run += 1;
          const name = `order-${run}`;
          for (const kind of order) await deps.index.upsert(upsert(name, { report: distinct(kind) }));
          const expected = merge({
            id: upsert(name).eventId,
            box: "gate-1",
            isSecondFace: false,
            reports: [...new Set(order)].map(distinct),
            actions: [],
          });
          expect(await stored(name)).toEqual(expected);
        }),
        { numRuns: rounds(25) },
      );
    });

    it("keeps every value of a report: huge texts of digits, empty keys, odd names", async () => {
      const extra = JSON.parse(
        '{"":1,"__proto__":{"a":[null]},"constructor":"x","n":"123456789012345678901234567890"}',
      );
      const face = picture("kept");
      await putPicture(deps.pictures, monthOf(noon), "face", face);
      const { data: _, ...facts } = face;
      await deps.index.upsert(upsert("a", { report: report({ extra, pictures: { face: facts } }) }));
      const found = await stored("a");
      expect(JSON.stringify(found?.extra)).toBe(JSON.stringify(extra));
      expect(found?.pictures.face).toMatchObject(facts);
    });

    it("returns the event only to the writes that made it or enqueued its action", async () => {
      const first = await deps.index.upsert(upsert("a"));
      const repeated = await deps.index.upsert(upsert("a"));
      const enqueuing = await deps.index.upsert(upsert("a", { action: action("a", "1001") }));
      const joining = await deps.index.upsert(upsert("a", { report: report({ kind: "realtime" }) }));
      expect(first.event).toEqual({
        id: upsert("a").eventId,
        box: "gate-1",
        isSecondFace: false,
        reports: [report()],
        actions: [],
      });
      expect(enqueuing.event).toMatchObject({ reports: [report()], actions: [action("a", "1001")] });
      expect([repeated.event, joining.event]).toEqual([null, null]);
    });
  });
}

function distinct(kind: ReportKind): Report {
  const rank = reportKinds.indexOf(kind);
  return report({ kind, receivedAt: noon + rank, score: [rank / 10, 1], person: { id: "1", name: `by ${kind}` } });
}
