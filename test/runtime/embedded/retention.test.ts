import { cp, open, readdir } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { openRuntime } from "@gatepost/embedded";
import { Body, deliver } from "@gatepost/receive";
import { Reader } from "@gatepost/sqlite";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Pack } from "../../../packages/embedded/src/pictures/pack.ts";
import { PicturePacks } from "../../../packages/embedded/src/pictures/store.ts";
import { action, day, noon, picture, report, upsert } from "../../contract/samples.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { filesWith } from "../../support/files-with.ts";
import { photo } from "../../support/pictures.ts";
import { history, realtime } from "../../support/reports.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { maxInOneTurn } from "../../support/turns.ts";
import { temporaryFolder, temporaryRuntime } from "./temporary.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start() {
  let now = noon;
  const { runtime, folder, close } = await temporaryRuntime({ clock: () => now, settings: { retentionDays: 30 } });
  closers.push(close);
  const sweepAt = async (time: number) => {
    now = time;
    await runtime.retention.sweep(time);
  };
  return { runtime, folder, sweepAt, packs: () => readdir(runtime.folder.packs) };
}

const shown = ({ data: _, ...facts }: ReturnType<typeof picture>) => report({ pictures: { face: facts } });

describe("retention", () => {
  it("removes an expired event, its action, and its month's unused pack", async () => {
    const { runtime, sweepAt, packs } = await start();
    const [old, young] = [picture("old"), picture("young")];
    for (const face of [old, young]) await putPicture(runtime.ingest.pictures, "2026-11", "face", face);
    await runtime.ingest.index.upsert(upsert("old", { report: shown(old), action: action("old", "1002") }));
    await runtime.ingest.index.upsert(upsert("young", { report: shown(young), expiresAt: noon + 40 * day }));
    await sweepAt(noon + 30 * day);
    expect((await runtime.reads.events.list({}, { limit: 9, cursor: null })).items).toHaveLength(1);
    expect((await runtime.reads.actionReader.list({}, { limit: 9, cursor: null })).items).toEqual([]);
    expect(await packs()).toEqual(["2026-11.pack"]);
    await sweepAt(noon + 40 * day);
    expect(await packs()).toEqual([]);
    expect(await runtime.reads.pictures.get(pictureAt("2026-11", "face", young.sha256))).toBeNull();
  });

  it("removes the mark of a seen event with the event", async () => {
    const { runtime, sweepAt } = await start();
    const { eventId } = upsert("old");
    await runtime.ingest.index.upsert(upsert("old"));
    await runtime.reads.seen.mark(eventId, { id: "key_1", name: null });
    using database = new DatabaseSync(runtime.folder.database, { readOnly: true });
    const marks = () => database.prepare("SELECT event_id, box FROM seen").all();
    await sweepAt(noon + 30 * day - 1);
    expect(marks()).toEqual([{ event_id: eventId, box: "gate-1" }]);
    await sweepAt(noon + 30 * day);
    expect(marks()).toEqual([]);
  });

  it.each([
    ["makes an event", null],
    ["joins an event that came later", noon + 14 * day],
  ])("counts a replayed report by its first receipt, if it %s", async (_, joinedAt) => {
    const { runtime, sweepAt, packs } = await start();
    const late = history({ timestamp: noon }, { recognize_face: photo("late") });
    const kept = { id: "qrt_late", box: "gate-1", path: "/HistoryEvent", reason: "unknown-shape", receivedAt: noon };
    const body = Buffer.from(JSON.stringify(late));
    await runtime.ingest.quarantine.put({ ...kept, headers: {}, event: null, body });
    const names = { box: "gate-1", path: ["RealTimeEvent"] };
    if (joinedAt !== null) {
      await sweepAt(joinedAt);
      const early = Buffer.from(JSON.stringify(realtime({ timestamp: noon })));
      await deliver({ method: "POST", headers: {}, body: new Body(early), address: "" }, names, runtime.ingest);
    }
    await sweepAt(noon + 20 * day);
    const headers = { authorization: `Bearer ${runtime.adminToken}` };
    const asked = new Request("http://gatepost/v1/quarantine/qrt_late/replay", { method: "POST", headers });
    expect((await runtime.api.fetch(asked)).status).toBe(200);
    expect(await runtime.reads.quarantine.get("qrt_late")).toBeNull();
    const shownEvents = async () => (await runtime.reads.events.list({}, { limit: 9, cursor: null })).items;
    await sweepAt(noon + 30 * day - 1);
    expect(await shownEvents()).toMatchObject([{ reports: joinedAt === null ? [{}] : [{}, {}] }]);
    await sweepAt(noon + 30 * day);
    expect(await shownEvents()).toEqual([]);
    expect(await packs()).toEqual([]);
  });

  it("removes the pack of a month also if the process ended before", async () => {
    const { runtime, folder, sweepAt, packs } = await start();
    const face = picture("old");
    await putPicture(runtime.ingest.pictures, "2026-11", "face", face);
    vi.spyOn(PicturePacks.prototype, "remove").mockRejectedValueOnce(new Error("the process ended"));
    await expect(sweepAt(noon + 60 * day)).rejects.toThrow("the process ended");
    expect(await packs()).toEqual(["2026-11.pack"]);
    const left = await temporaryFolder();
    closers.push(left.remove);
    await cp(folder, left.path, { recursive: true });
    const next = await openRuntime({ data: left.path });
    expect(await readdir(next.folder.packs)).toEqual([]);
    await next.retention.sweep(noon + 60 * day);
    await putPicture(next.ingest.pictures, "2026-11", "face", face);
    expect(await next.reads.pictures.get(pictureAt("2026-11", "face", face.sha256))).toEqual(face.data);
    await next.close();
  });

  it("notes a pack for removal with its last rows, also a whole batch", async () => {
    const { runtime, sweepAt, packs } = await start();
    const pictures = Array.from({ length: 1000 }, (_, number) => picture(`of passing ${number}.`));
    await Promise.all(pictures.map((one) => putPicture(runtime.ingest.pictures, "2026-11", "face", one)));
    using database = new DatabaseSync(runtime.folder.database, { readOnly: true });
    const look = database.prepare(
      "SELECT (SELECT count(*) FROM pictures) AS rows, (SELECT count(*) FROM erasures) AS noted",
    );
    await expect.poll(() => look.get()?.["rows"]).toBe(1000);
    const seen = new Set<string>();
    const swept = sweepAt(noon + 60 * day);
    await maxInOneTurn(() => {
      const { rows, noted } = look.get() ?? {};
      return seen.add(`${rows} ${noted}`).size;
    }, swept);
    expect([...seen]).toEqual(["1000 0", "500 0", "0 1", "0 0"]);
    expect(await packs()).toEqual([]);
  });

  it("overwrites pictures replayed during the removal of their pack and erased again", async () => {
    const { runtime, sweepAt } = await start();
    await putPicture(runtime.ingest.pictures, "2026-11", "face", picture("old"));
    const [face, other] = [picture("replayed"), picture("stays")];
    const { remove } = PicturePacks.prototype;
    vi.spyOn(PicturePacks.prototype, "remove").mockImplementationOnce(async function (this: PicturePacks, month) {
      for (const one of [face, other]) {
        await this.put(month, one);
        await runtime.ingest.index.upsert(upsert(one.sha256, { report: shown(one), expiresAt: noon + 90 * day }));
      }
      await remove.call(this, month);
      vi.spyOn(Pack.prototype, "erase").mockRejectedValueOnce(new Error("the disk fails"));
      await expect(runtime.eraser.eraseEvent(upsert(face.sha256).eventId)).rejects.toThrow("the disk fails");
    });
    await sweepAt(noon + 60 * day);
    await runtime.eraser.finish();
    const packed = async (text: string) => (await filesWith(text.repeat(9), runtime.folder.packs)).length;
    expect([await packed("replayed"), await packed("stays")]).toEqual([0, 1]);
  });

  it("removes erased data from unused parts of pages, too", async () => {
    const { runtime, folder, sweepAt } = await start();
    const person = { id: "id-of-erased", name: "", type: "vip" as const };
    await runtime.ingest.index.upsert(upsert("erased", { report: report({ person }) }));
    await runtime.ingest.index.upsert(upsert("stays"));
    await sweepAt(noon);
    await erasePerson(runtime.eraser, "id-of-erased", null);
    // As SQLite does if it has moved a row before it was erased.
    const file = await open(runtime.folder.database, "r+");
    closers.push(() => file.close());
    const { size } = await file.stat();
    const page = Buffer.alloc(4096);
    let left = 0;
    for (let at = 4096; at < size; at += page.length) {
      await file.read(page, 0, page.length, at);
      const free = page.readUInt16BE(5) - 100;
      if (page[0] !== 13 || free < 8 + 2 * page.readUInt16BE(3)) continue;
      await file.write(person.id, at + free);
      left += 1;
    }
    expect([left > 0, (await filesWith(person.id, folder)).length]).toEqual([true, 1]);
    await sweepAt(noon + 1);
    expect(await filesWith(person.id, folder)).toEqual([]);
    await runtime.ingest.index.upsert(upsert("later"));
    expect((await runtime.reads.events.list({}, { limit: 9, cursor: null })).items).toHaveLength(2);
    using database = new DatabaseSync(runtime.folder.database, { readOnly: true });
    expect(database.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
  });

  it("overwrites nothing in a month after its pack was removed", async () => {
    const { runtime, sweepAt } = await start();
    const [first, second, replayed] = [picture("first"), picture("second"), picture("replayed")];
    const eventOf = async (one: typeof first, expiresAt: number) => {
      await putPicture(runtime.ingest.pictures, "2026-11", "face", one);
      await runtime.ingest.index.upsert(upsert(one.sha256, { report: shown(one), expiresAt }));
      return upsert(one.sha256).eventId;
    };
    const ids = [await eventOf(first, noon + day), await eventOf(second, noon + day)];
    await eventOf(picture("expires"), noon + day);
    const erase = vi.spyOn(Pack.prototype, "erase");
    for (const id of ids) {
      erase.mockRejectedValueOnce(new Error("the disk fails"));
      await expect(runtime.eraser.eraseEvent(id)).rejects.toThrow("the disk fails");
    }
    erase.mockImplementationOnce(async () => {
      await sweepAt(noon + 60 * day);
      for (const text of ["a", "b", "c"]) await eventOf(picture(`${text} replayed`), noon + 90 * day);
      await eventOf(replayed, noon + 90 * day);
    });
    await runtime.eraser.finish();
    const month = "2026-11";
    for (const one of [replayed, ...["a", "b", "c"].map((text) => picture(`${text} replayed`))])
      expect(await runtime.reads.pictures.get(pictureAt(month, "face", one.sha256))).toEqual(one.data);
  });

  it("keeps the pack of a month if an event shows its picture meanwhile", async () => {
    const { runtime, sweepAt, packs } = await start();
    const [gone, face] = [picture("gone"), picture("replayed")];
    for (const one of [gone, face]) await putPicture(runtime.ingest.pictures, "2026-11", "face", one);
    const { allFirst } = Reader.prototype;
    vi.spyOn(Reader.prototype, "allFirst").mockImplementationOnce(async function (this: Reader, sql, values) {
      const months = await allFirst.call(this, sql, values);
      await runtime.ingest.index.upsert(upsert("replayed", { report: shown(face), expiresAt: noon + 90 * day }));
      return months;
    });
    await sweepAt(noon + 60 * day);
    expect(await packs()).toEqual(["2026-11.pack"]);
    expect(await runtime.reads.pictures.get(pictureAt("2026-11", "face", face.sha256))).toEqual(face.data);
    expect(await runtime.reads.pictures.get(pictureAt("2026-11", "face", gone.sha256))).toBeNull();
    await sweepAt(noon + 90 * day);
    expect(await packs()).toEqual([]);
  });

  it("leaves the pack of the present month, also without events yet", async () => {
    const { runtime, sweepAt, packs } = await start();
    await putPicture(runtime.ingest.pictures, "2026-11", "face", picture("just stored"));
    await sweepAt(noon);
    expect(await packs()).toEqual(["2026-11.pack"]);
  });

  it("removes more than one batch of expired rows", async () => {
    const { runtime, sweepAt } = await start();
    await Promise.all(Array.from({ length: 1100 }, (_, i) => runtime.ingest.index.upsert(upsert(`many ${i}`))));
    await sweepAt(noon + 31 * day);
    await sweepAt(noon - day);
    expect((await runtime.reads.events.list({}, { limit: 9, cursor: null })).items).toEqual([]);
  });

  it("keeps a report in quarantine no longer than an event", async () => {
    const { runtime, sweepAt } = await start();
    const record = { box: "gate-1", path: "/", reason: "not-json", headers: {}, body: Buffer.from("{"), event: null };
    await runtime.ingest.quarantine.put({ ...record, id: "qrt_old", receivedAt: noon });
    await runtime.ingest.quarantine.put({ ...record, id: "qrt_young", receivedAt: noon + day });
    await sweepAt(noon + 30 * day);
    const { items } = await runtime.reads.quarantine.list(null, { limit: 9, cursor: null });
    expect(items.map(({ id }) => id)).toEqual(["qrt_young"]);
  });

  it("removes entries about boxes, notes of erasures and items in time", async () => {
    const { runtime, sweepAt } = await start();
    using database = new DatabaseSync(runtime.folder.database);
    const puts = [
      "INSERT INTO deliveries (rule, entry_id, detail_type, state, since, due_at) VALUES (?2, ?2, 'Box Silent', ?2, ?1, ?1)",
      "INSERT INTO items (pk, ttl, item) VALUES ('alert ' || ?2, ?1 / 1000, '{}')",
      "INSERT INTO suppressed (name, at) VALUES (?2, ?1)",
    ].map((sql) => database.prepare(sql));
    for (const name of ["delivered", "dead", "waiting"]) for (const put of puts) put.run(noon, name);
    const left = () =>
      ["deliveries", "items", "suppressed"].map((table) =>
        Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]),
      );
    await sweepAt(noon - 1);
    expect(left()).toEqual([3, 3, 3]);
    await sweepAt(noon);
    expect(left()).toEqual([3, 0, 3]);
    await sweepAt(noon + 30 * day - 1);
    expect(left()).toEqual([3, 0, 3]);
    await sweepAt(noon + 30 * day);
    expect(left()).toEqual([1, 0, 3]);
    await sweepAt(noon + 400 * day - 1);
    expect(left()).toEqual([1, 0, 3]);
    await sweepAt(noon + 400 * day);
    expect(left()).toEqual([1, 0, 0]);
  });

  it("leaves no byte of expired data in any file of the folder", async () => {
    const { runtime, folder, sweepAt } = await start();
    const mark = "Ada Lovelace 4711";
    const person = { id: "4711", name: mark, type: "vip" as const };
    await runtime.ingest.index.upsert(upsert("hers", { report: report({ person }) }));
    await runtime.ingest.boxStatus.put({ box: "gate-1", kind: "mq-result", receivedAt: noon, report: { name: mark } });
    const record = { id: "qrt_1", box: "gate-1", path: "/", reason: "not-json", headers: {}, event: null };
    await runtime.ingest.quarantine.put({ ...record, receivedAt: noon, body: Buffer.from(mark) });
    expect(await filesWith(mark, folder)).not.toEqual([]);
    await sweepAt(noon + 30 * day);
    expect(await filesWith(mark, folder)).toEqual([]);
  });
});
