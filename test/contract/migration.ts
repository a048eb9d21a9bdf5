import { truncate } from "node:fs/promises";
import type { StorePorts } from "@gatepost/api";
import { relayOutbox } from "@gatepost/core/actions";
import { deviceKey } from "@gatepost/core/boxes";
import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime } from "@gatepost/embedded";
import { dayMs, type FaceEvent, locatePicture, mappingSchema, merge, type PictureKind } from "@gatepost/protocol";
import { type Ports, receiver } from "@gatepost/receive";
import { afterEach, describe, expect, it, vi } from "vitest";
import { migrate } from "../../packages/cli/src/imports/migrate.ts";
import { MigrationProgress } from "../../packages/cli/src/imports/progress.ts";
import { MigrationTarget } from "../../packages/cli/src/imports/target.ts";
import { LeavingStore } from "../../packages/embedded/src/backup/migration.ts";
import { serve } from "../../packages/embedded/src/http/server.ts";
import { temporaryDataFolder } from "../runtime/embedded/temporary.ts";
import { erasePerson } from "../support/erase-person.ts";
import { boxRequest } from "../support/http.ts";
import { jpeg, sha256 } from "../support/pictures.ts";
import { history, noon, realtime, received, stranger } from "../support/reports.ts";

export interface TargetUnderTest {
  url: string;
  admin: string;
  ingest: Ports;
  reads: Pick<
    StorePorts,
    "events" | "actionReader" | "keyAdmin" | "quarantine" | "pictures" | "statistics" | "boxes" | "sites" | "mappings"
  >;
  /** What went over the bus or to the live feed so far. */
  told(): unknown[];
  /** Waits until the counts of the store have caught up. */
  settle(): Promise<void>;
  close(): Promise<void>;
}

const quiet = () => {};
const log = { info: quiet, warn: quiet, error: quiet };
const minute = 60_000;

/** The promises of a migration to any store. */
export function migrationContract(name: string, open: (clock: () => number) => Promise<TargetUnderTest>): void {
  describe(`a migration to ${name}`, () => {
    const closers: (() => Promise<unknown>)[] = [];
    afterEach(async () => {
      for (const close of closers.splice(0).reverse()) await close();
    });

    async function begun() {
      const folder = await temporaryDataFolder();
      closers.push(folder.remove);
      let now = received;
      const clock = () => now;
      const source = await openRuntime({ data: folder.path, log, clock });
      let isOpen = true;
      const stop = async () => {
        if (isOpen) await source.close();
        isOpen = false;
      };
      closers.push(stop);
      const token = newToken("ingest");
      const key = await source.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
      const target = await open(clock);
      closers.push(target.close);
      const to = async (ports: Ports, body: unknown, path = "/HistoryEvent") =>
        (await receiver(ports)(boxRequest({ path: `/${token}${path}`, body }))).status;
      return {
        source,
        stop,
        key,
        target,
        token,
        to,
        deliver: (body: unknown, path?: string) => to(source.ingest, body, path),
        advance(ms: number) {
          now += ms;
        },
        async go({ isLast = false } = {}) {
          await using leaving = new LeavingStore(folder.path, { isAlone: isLast });
          using progress = new MigrationProgress(folder.path, target.url);
          const through = new MigrationTarget({ url: target.url, token: target.admin, store: leaving.store, say() {} });
          return await migrate({ source: leaving, target: through, progress, clock }, { isLast });
        },
        here: () => eventsIn(source.reads.events),
        there: () => eventsIn(target.reads.events),
      };
    }

    it("takes over reports, times, pictures, expiry, actions, quarantine and keys unchanged, and balances", async () => {
      const { deliver, advance, source, stop, target, go, here, there, to, token } = await begun();
      expect(await deliver(realtime(), "/RealTimeEvent")).toBe(200);
      advance(minute);
      expect(await deliver(history({ want_action: "1002" }, photos("first")))).toBe(200);
      expect(await deliver(stranger({ timestamp: noon + 1, want_action: "1001" }, photos("second")))).toBe(200);
      expect(await deliver(history({ timestamp: noon + 2, identity_id: "9" }, photos("third")))).toBe(200);
      expect(await deliver("no JSON")).toBe(200);
      await relayOutbox(source.ingest);
      const [done] = (await source.reads.actionReader.list({}, { limit: 9, cursor: null })).items;
      await source.ingest.actions.settle(done?.id ?? "", "done", "registered", "key_1");
      const [before, told] = [await here(), target.told().length];
      await go();
      await stop();
      const migrated = await go({ isLast: true });
      expect(migrated).toMatchObject({ conflicts: [], left: 0, balance: { events: 3, wrong: 0, faults: [] } });
      expect(await there()).toEqual(before);
      for (const event of await there())
        for (const kind of Object.keys(event.pictures) as PictureKind[])
          expect(await pictureOf(target, event, kind)).toBe(true);
      const records = (await target.reads.quarantine.list(null, { limit: 9, cursor: null })).items;
      expect(records).toMatchObject([{ reason: "not-json", receivedAt: received + minute }]);
      const actions = (await target.reads.actionReader.list({}, { limit: 9, cursor: null })).items;
      const settled = actions.find(({ state }) => state === "done");
      expect(settled?.history.map(({ state }) => state)).toEqual(
        done?.history.map(({ state }) => state).concat("done"),
      );
      await relayOutbox(target.ingest);
      expect(target.told().length).toBe(told);
      // Its key opens there, and a repeated report is known there.
      expect(await to(target.ingest, history({ want_action: "1002" }, photos("first")))).toBe(200);
      expect(await there()).toHaveLength(3);
      expect(target.told().length).toBe(told);
      expect(token).toMatch(/^gpi_/);
    });

    it("takes over sites, and the names of boxes and devices", async () => {
      const { source, target, go } = await begun();
      const { boxes, sites, keyAdmin } = source.reads;
      const site = await sites.put("hq", { name: "HQ", zone: "Europe/Berlin", holidays: ["2026-10-01"] });
      const device = { key: deviceKey("gate-1", "10.0.0.7"), label: "Gate S1", direction: "both" as const };
      await boxes.writer.set("gate-1", { site: "hq", name: "South gate", device });
      await keyAdmin.create({ scope: "read", box: null, people: true, tokenHash: hashToken(newToken("read")) });
      await go();
      expect(await target.reads.sites.get("hq")).toEqual(site);
      const { name: called, site: at, deviceSettings } = await target.reads.boxes.writer.set("gate-1", {});
      const { key, ...settings } = device;
      expect([called, at, deviceSettings]).toEqual(["South gate", "hq", { [key]: { ...settings, counts: true } }]);
      expect((await target.reads.keyAdmin.list()).flatMap(({ people }) => people ?? [])).toEqual([true]);
    });

    it("takes over mappings, and records of quarantine that are not set aside", async () => {
      const { source, target, deliver, go } = await begun();
      const { mappings, quarantine } = source.reads;
      const draft = { name: "Gate", when: { is: { op: "pass" } }, fields: { "person.id": { at: "uid" } } };
      const made = await mappings.add(mappingSchema().parse(draft));
      const changed = await mappings.put(made.id, made.rev, { ...made, name: "North" });
      for (const hello of [1, 2]) await deliver({ hello });
      const [aside, kept] = (await quarantine.list(null, { limit: 9, cursor: null })).items;
      await quarantine.setAside(aside?.id ?? "", { events: [], until: (aside?.receivedAt ?? 0) + 7 * dayMs });
      await go();
      await go();
      expect(await target.reads.mappings.list()).toEqual([changed]);
      expect((await target.reads.quarantine.list(null, { limit: 9, cursor: null })).items).toMatchObject([
        { id: kept?.id },
      ]);
    });

    describe("of replays", () => {
      const taught = (uid: string, { op = "pass", length = 0 } = {}) =>
        JSON.stringify({ op, uid, ts: noon / 1000 }).padEnd(length, " ");
      const none = { gone: 0, joined: 0 };

      /** Reports of an unknown format here, and a mapping of it. */
      async function taughtHere(reports: readonly unknown[]) {
        const moving = await begun();
        const { source, target, deliver } = moving;
        for (const report of reports) {
          await deliver(report);
          moving.advance(1000);
        }
        const fields = { time: { at: "ts" }, "person.id": { at: "uid" } };
        const teach = (op = "pass", kind = "history") =>
          source.reads.mappings.add(mappingSchema().parse({ name: op, when: { is: { op } }, kind, fields }));
        const server = await serve(source, { host: "127.0.0.1", port: 0 });
        closers.push(() => server.close());
        const admin = newToken("admin");
        await source.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
        const asking = (url: string, token: string) => async (method: string, path: string) => {
          const answer = await fetch(url + path, { method, headers: { authorization: `Bearer ${token}` } });
          expect(answer.status).toBe(200);
          return answer.json();
        };
        const askHere = asking(`http://127.0.0.1:${server.port}`, admin);
        const recordsIn = async ({ quarantine }: Pick<StorePorts, "quarantine">) => {
          const { items } = await quarantine.list(null, { limit: 9, cursor: null }, { order: "ascending" });
          return Promise.all(
            items.map(async ({ id }) => {
              const { body, ...record } = (await quarantine.get(id)) ?? expect.fail();
              return { ...record, body: sha256(body) };
            }),
          );
        };
        return {
          ...moving,
          teach,
          askHere,
          askThere: asking(target.url, target.admin),
          async replay() {
            for (const record of await recordsIn(source.reads))
              await askHere("POST", `/v1/quarantine/${record.id}/replay`);
          },
          recordsHere: () => recordsIn(source.reads),
          recordsThere: () => recordsIn(target.reads),
        };
      }

      it("lets an undo there erase the events of a replay, and put its records back", async () => {
        const reports = [taught("7"), { hello: 1 }, taught("8", { length: 1_500_000 }), taught("9")];
        const { teach, replay, go, here, there, askThere, advance, ...at } = await taughtHere(reports);
        await go();
        const before = await at.recordsHere();
        expect(await at.recordsThere()).toEqual(before);
        const { id } = await teach();
        advance(minute);
        await replay();
        await go();
        await go();
        expect(await there()).toEqual(await here());
        expect((await there()).map(({ person }) => person.id).sort()).toEqual(["7", "8", "9"]);
        expect(await at.recordsThere()).toEqual([before[1]]);
        const numbers = { events: 3, records: 3, stay: none };
        expect(await askThere("GET", `/v1/mappings/${id}/undo`)).toEqual({ ...numbers, isExact: true });
        expect(await askThere("POST", `/v1/mappings/${id}/undo`)).toMatchObject({ ...numbers, isDone: true });
        expect([await there(), await at.recordsThere()]).toEqual([[], before]);
      });

      it("lets no undo there be later than it may be here", async () => {
        const { teach, replay, go, there, askThere, advance, ...at } = await taughtHere([taught("7")]);
        const { id } = await teach();
        await replay();
        advance(4 * dayMs);
        await go();
        expect(await askThere("GET", `/v1/mappings/${id}/undo`)).toMatchObject({ events: 1, records: 1 });
        advance(3 * dayMs + minute);
        expect(await askThere("POST", `/v1/mappings/${id}/undo`)).toMatchObject({
          events: 0,
          records: 0,
          isDone: true,
        });
        expect([await there(), await at.recordsThere()]).toMatchObject([[{ person: { id: "7" } }], []]);
      });

      it("sends a record again that is in quarantine again", async () => {
        const { teach, replay, go, askHere, askThere, ...at } = await taughtHere([taught("7")]);
        const before = await at.recordsHere();
        await go();
        const { id } = await teach();
        await replay();
        expect(await go()).toMatchObject({ mappingsThere: [] });
        expect(await at.recordsThere()).toEqual([]);
        expect(await askHere("POST", `/v1/mappings/${id}/undo`)).toMatchObject({ events: 1, records: 1 });
        expect(await go()).toMatchObject({ mappingsThere: [id] });
        expect(await at.recordsThere()).toEqual(before);
        expect(await askThere("POST", `/v1/mappings/${id}/undo`)).toMatchObject({ events: 1, records: 1 });
        expect(await at.recordsThere()).toEqual(before);
      });

      it("lets an undo there erase an event of two mappings, if the undo of the other one was here", async () => {
        const reports = [taught("7"), taught("7", { op: "live" })];
        const { teach, replay, go, there, askHere, askThere, ...at } = await taughtHere(reports);
        const before = await at.recordsHere();
        const [one, other] = [await teach(), await teach("live", "realtime")];
        await replay();
        const stay = { ...none, joined: 1 };
        expect(await askHere("POST", `/v1/mappings/${one.id}/undo`)).toMatchObject({ events: 0, records: 1, stay });
        await go();
        expect(await askThere("POST", `/v1/mappings/${other.id}/undo`)).toMatchObject({
          events: 1,
          records: 1,
          stay: none,
        });
        expect([await there(), await at.recordsThere()]).toEqual([[], before]);
      });

      it("names the events of a record that is too large there", async () => {
        const { source, teach, replay, go, askThere, ...at } = await taughtHere([taught("7")]);
        const body = Buffer.from(taught("8", { length: 7_000_000 }));
        const [record = expect.fail()] = await at.recordsHere();
        await source.reads.quarantine.put({ ...record, id: "qrt_large", receivedAt: received + 9, body });
        const { id } = await teach();
        await replay();
        expect(await go()).toMatchObject({ replays: 1, replaysLeft: 1, quarantineLeft: 0 });
        const numbers = { events: 1, records: 1, stay: { ...none, gone: 1 } };
        expect(await askThere("GET", `/v1/mappings/${id}/undo`)).toEqual({ ...numbers, isExact: true });
        expect(await askThere("POST", `/v1/mappings/${id}/undo`)).toMatchObject(numbers);
        expect(await at.recordsThere()).toEqual([record]);
      });
    });

    it("done twice changes nothing, and counts nothing twice", async () => {
      const { deliver, target, go, there } = await begun();
      for (let n = 0; n < 30; n++)
        await deliver(history({ timestamp: noon + n * 1000, identity_id: `${n}` }, photos(`${n}`)));
      expect((await go()).events).toBe(30);
      await target.settle();
      const counted = await countsOf(target);
      const first = await there();
      expect((await go()).events).toBe(0);
      await target.settle();
      expect(await there()).toEqual(first);
      expect(await countsOf(target)).toEqual(counted);
      expect(counted).toBe(30);
    });

    it("continues while boxes deliver, first to the source and then to the target", async () => {
      const { deliver, stop, target, go, there, to } = await begun();
      const body = (n: number) => history({ timestamp: noon + n * 1000, identity_id: `${n}` }, photos(`${n}`));
      for (let n = 0; n < 5; n++) await deliver(body(n));
      await go();
      for (let n = 3; n < 8; n++) await deliver(body(n));
      await go();
      for (let n = 6; n < 12; n++) expect(await to(target.ingest, body(n))).toBe(200);
      await stop();
      expect((await go({ isLast: true })).balance).toMatchObject({ events: 8, wrong: 0 });
      expect(await there()).toHaveLength(12);
    });

    it("waits for announcements by the source, and lets the target announce the rest once", async () => {
      const { deliver, advance, source, stop, target, go, there } = await begun();
      const announce = source.ingest.bus.put;
      source.ingest.bus.put = () => Promise.reject(new Error("away"));
      for (const n of [1, 2])
        await deliver(history({ timestamp: noon + n * 1000, want_action: "1002" }, photos(`${n}`)));
      source.ingest.bus.put = announce;
      expect(await go()).toMatchObject({ held: 2, events: 0 });
      expect(await there()).toEqual([]);
      const [first] = (await source.reads.actionReader.list({}, { limit: 9, cursor: null })).items;
      await source.ingest.actions.markAnnounced(first?.id ?? "", true);
      expect(await go()).toMatchObject({ events: 1 });
      await stop();
      const told = target.told().length;
      expect((await go({ isLast: true })).balance).toMatchObject({ events: 2, wrong: 0 });
      advance(5 * minute);
      await relayOutbox(target.ingest);
      await relayOutbox(target.ingest);
      expect(target.told().length - told).toBe(1);
      // On AWS the queues of the bus keep it, and nothing says whether someone took it.
      expect((await target.reads.actionReader.get(first?.id ?? ""))?.told).toBe(name === "AWS" ? null : true);
    });

    it("takes no erased event over, erases moved ones, and lets none return", async () => {
      const { deliver, advance, source, stop, go, there, to, target } = await begun();
      const body = (n: number) => history({ timestamp: noon + n * 1000, identity_id: `person ${n}` }, photos(`${n}`));
      for (const n of [1, 2, 3]) await deliver(body(n));
      await erasePerson(source.eraser, "person 1", "gate-1");
      await go();
      expect((await there()).map(({ person }) => person.id).sort()).toEqual(["person 2", "person 3"]);
      await erasePerson(source.eraser, "person 2", null);
      expect(await go()).toMatchObject({ erasedThere: 1 });
      // A process on AWS may not know of an erasure for half a minute.
      advance(minute);
      for (const n of [1, 2]) expect(await to(target.ingest, body(n))).toBe(200);
      expect((await there()).map(({ person }) => person.id)).toEqual(["person 3"]);
      await stop();
      expect((await go({ isLast: true })).balance).toMatchObject({ events: 1, wrong: 0 });
    });

    it("keeps expired events at the target unless they or their person were erased", async () => {
      const { deliver, advance, source, go, there } = await begun();
      for (const n of [1, 2, 3, 4])
        await deliver(history({ timestamp: noon + n * 1000, identity_id: `person ${n}` }, photos(`${n}`)));
      await go();
      await source.reads.retentionEditor.set({ eventDays: 30, quarantineDays: 30, sceneDays: null });
      await source.retention.applyDays();
      const fourth = (await there()).find(({ person }) => person.id === "person 4");
      advance(40 * 24 * 60 * minute);
      await source.eraser.eraseEvent(fourth?.id ?? "");
      await source.retention.sweep(received + 40 * 24 * 60 * minute);
      await erasePerson(source.eraser, "person 2", null);
      expect(await go()).toMatchObject({ erasedThere: 2 });
      expect((await there()).map(({ person }) => person.id).sort()).toEqual(["person 1", "person 3"]);
      expect(await go()).toMatchObject({ erasedThere: 0 });
    });

    it("moves scenes with the days that are left to them, and none that have ended", async () => {
      const { deliver, advance, source, go, there, target } = await begun();
      await source.reads.retentionEditor.set({ eventDays: 90, quarantineDays: 90, sceneDays: 10 });
      const scenes = (seed: string) => ({ ...photos(seed), spot_pic: jpeg(`scene ${seed}`).toString("base64") });
      await deliver(history({ timestamp: noon, identity_id: "ended" }, scenes("first")));
      advance(5 * 24 * 60 * minute);
      await deliver(history({ timestamp: noon + 1, identity_id: "kept" }, scenes("second")));
      advance(5 * 24 * 60 * minute);
      expect(await go()).toMatchObject({ left: 0, conflicts: [] });
      const others = ["face", "registered"];
      const shown = async () =>
        Object.fromEntries((await there()).map(({ person, pictures }) => [person.id, Object.keys(pictures).sort()]));
      expect(await shown()).toEqual({ ended: others, kept: [...others, "scene"] });
      const kept = (await there()).find(({ person }) => person.id === "kept");
      if (kept === undefined) throw new Error("an event was not moved");
      expect(await pictureOf(target, kept, "scene")).toBe(true);
      advance(5 * 24 * 60 * minute);
      expect(await shown()).toEqual({ ended: others, kept: others });
      expect((await go({ isLast: false })).conflicts).toEqual([]);
    });

    it("erases a person's event at the target though a clock was ahead at receipt", async () => {
      const { deliver, advance, source, go, there } = await begun();
      advance(30 * 24 * 60 * minute);
      await deliver(history({ timestamp: 0, identity_id: "person 1" }, photos("1")));
      advance(-29 * 24 * 60 * minute);
      await go();
      await erasePerson(source.eraser, "person 1", "gate-1");
      expect(await go()).toMatchObject({ erasedThere: 1 });
      expect(await there()).toEqual([]);
    });

    it("erases an event that moved before an interruption, if the source then erased it", async () => {
      const { deliver, source, go, there } = await begun();
      await deliver(history({ timestamp: noon, identity_id: "person 1" }, photos("1")));
      const { note } = MigrationProgress.prototype;
      const noted = vi.spyOn(MigrationProgress.prototype, "note").mockImplementation(function (
        this: MigrationProgress,
        events,
        revision,
      ) {
        if (revision > this.revision) throw new Error("killed");
        note.call(this, events, revision);
      });
      await expect(go()).rejects.toThrow("killed");
      noted.mockRestore();
      expect(await there()).toHaveLength(1);
      await erasePerson(source.eraser, "person 1", null);
      await go();
      expect(await there()).toEqual([]);
    });

    it("makes or refuses a second key of one id, and makes equal keys once", async () => {
      const { target } = await begun();
      const through = new MigrationTarget({
        url: target.url,
        token: target.admin,
        store: "0123456789abcdef",
        say() {},
      });
      const sent = { scope: "ingest", box: "gate-2", createdAt: noon, lastUsedAt: null, revokedAt: null };
      const [one, other] = [newToken("ingest"), newToken("ingest")];
      const keyWith = (token: string) => ({ ...sent, id: "key_both", tokenHash: hashToken(token) });
      const bring = async (...tokens: string[]) => (await through.bring({ keys: tokens.map(keyWith) })).taken;
      const [first, second] = await bring(one, other);
      expect([first?.outcome, ["made", "conflict"].includes(second?.outcome ?? "")]).toEqual(["made", true]);
      const opened = async (token: string) =>
        (await receiver(target.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body: history() }))).status;
      expect(await opened(one)).toBe(200);
      expect(await opened(other)).toBe(second?.outcome === "made" ? 200 : 401);
      const another = newToken("ingest");
      const many = await Promise.all(
        Array.from({ length: 20 }, () => through.bring({ keys: [{ ...keyWith(another), id: "key_another" }] })),
      );
      const outcomes = many.map(({ taken }) => taken[0]?.outcome);
      expect(outcomes.sort()).toEqual([...Array(19).fill("known"), "made"]);
    });

    it("revokes a key that the source revoked, and flags a picture that it lost", async () => {
      const { deliver, source, stop, key, target, go, there, to } = await begun();
      await deliver(history({}, photos("gone")));
      const [event] = await eventsIn(source.reads.events);
      await truncate(`${source.folder.packs}/${event?.receivedAt.slice(0, 7)}.pack`, 0);
      await go();
      expect(await to(target.ingest, history({ timestamp: noon + 1 }, photos("x")))).toBe(200);
      await source.reads.keyAdmin.revoke(key.id);
      await stop();
      expect((await go({ isLast: true })).left).toBeLessThanOrEqual(1);
      const moved = (await there()).find(({ id }) => id === event?.id);
      expect(moved?.flags).toContain("picture-lost:face");
      const [listed] = (await target.reads.keyAdmin.list()).filter(({ box }) => box === "gate-1");
      expect(listed?.revokedAt).not.toBeNull();
    });
  });
}

function photos(name: string) {
  return { recognize_face: jpeg(`face ${name}`).toString("base64"), reg_pic: jpeg(`reg ${name}`).toString("base64") };
}

async function eventsIn(reader: StorePorts["events"]): Promise<FaceEvent[]> {
  const found = (await reader.list({}, { limit: 500, cursor: null })).items.map(merge);
  return found.sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Whether the bytes of a picture of an event can be read. */
export async function pictureOf({ reads }: TargetUnderTest, event: FaceEvent, kind: PictureKind): Promise<boolean> {
  const stored = await reads.events.get(event.id);
  const picture = stored && locatePicture(stored, kind);
  return picture !== null && (await reads.pictures.get(picture)) !== null;
}

async function countsOf({ reads }: TargetUnderTest): Promise<number> {
  const day = 24 * 60 * minute;
  const totals = await reads.statistics.totals({ from: noon - day, to: noon + day, boxes: null });
  return [...totals.values()].reduce((sum, count) => sum + count, 0);
}
