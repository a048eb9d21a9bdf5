import { readdir, rename, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime } from "@gatepost/embedded";
import { receiver } from "@gatepost/receive";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openDatabase } from "../../../packages/embedded/src/db/database.ts";
import { noon, picture, report, upsert } from "../../contract/samples.ts";
import { openedByTests, temporaryFolder } from "../../runtime/embedded/temporary.ts";
import { Box, Client } from "../../support/client.ts";
import { fileHandles } from "../../support/file-handles.ts";
import { startGatepost } from "../../support/gatepost-process.ts";
import { boxRequest } from "../../support/http.ts";
import { jpeg, photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";

const { closers, openRuntimeHere } = openedByTests();
afterEach(() => vi.restoreAllMocks());

async function deliverer(runtime: Awaited<ReturnType<typeof openRuntime>>) {
  const token = newToken("ingest");
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
  const receive = receiver(runtime.ingest);
  return (body: unknown) => receive(boxRequest({ path: `/${token}/HistoryEvent`, body }));
}

describe("an acknowledgement", () => {
  it("waits until the picture's bytes are synced", async () => {
    const { runtime } = await openRuntimeHere();
    const deliver = await deliverer(runtime);
    await deliver(history({}, { recognize_face: photo("opens the pack") }));
    const disk = Promise.withResolvers<void>();
    const synced = vi.spyOn(await fileHandles(), "datasync").mockImplementation(() => disk.promise);
    let acknowledged = false;
    const answer = deliver(history({ timestamp: noon }, { recognize_face: photo("next") })).then((result) => {
      acknowledged = true;
      return result;
    });
    await expect.poll(() => synced).toHaveBeenCalledOnce();
    await new Promise(setImmediate);
    expect(acknowledged).toBe(false);
    disk.resolve();
    expect((await answer).status).toBe(200);
  });

  it("is not given if the sync fails; a later repeat is accepted", async () => {
    const { runtime, logged } = await openRuntimeHere();
    const deliver = await deliverer(runtime);
    const body = history({}, { recognize_face: photo("one") });
    vi.spyOn(await fileHandles(), "datasync").mockRejectedValue(new Error("EIO: i/o error"));
    const refused = await deliver(body);
    expect(refused).toMatchObject({ status: 503, headers: { "retry-after": "5" } });
    expect(logged).toMatchObject([
      { level: "error", message: "nothing can be stored" },
      { level: "error", message: "report not stored" },
    ]);
    expect((await runtime.reads.events.list({}, { limit: 9, cursor: null })).items).toEqual([]);
    vi.restoreAllMocks();
    expect((await deliver(body)).status).toBe(200);
    const [event] = (await runtime.reads.events.list({}, { limit: 9, cursor: null })).items;
    expect(event?.reports[0]?.pictures).toHaveProperty("face");
  });

  it("is not given if the disk takes only a part of a picture", async () => {
    const { runtime } = await openRuntimeHere();
    const deliver = await deliverer(runtime);
    vi.spyOn(await fileHandles(), "writev").mockResolvedValue({ bytesWritten: 10, buffers: [] });
    expect((await deliver(history({}, { recognize_face: photo("one") }))).status).toBe(503);
  });

  it("is not given while the database is locked or the folder is gone", async () => {
    const { runtime, folder } = await openRuntimeHere();
    const deliver = await deliverer(runtime);
    const other = new DatabaseSync(join(folder, "gatepost.db"));
    other.exec("BEGIN IMMEDIATE");
    expect((await deliver(history())).status).toBe(503);
    other.exec("ROLLBACK");
    other.close();
    expect((await deliver(history())).status).toBe(200);
    await rename(folder, `${folder}-away`);
    expect((await deliver(history({ timestamp: noon }))).status).toBe(503);
    await rename(`${folder}-away`, folder);
    expect((await deliver(history({ timestamp: noon }))).status).toBe(200);
  });

  it("is not given on a full disk, and is given again when there is room", async () => {
    const { path, remove } = await temporaryFolder();
    closers.push(remove);
    const server = await startGatepost(path);
    closers.push(() => server.stop());
    const client = new Client(server);
    const box = new Box(server.url, (await client.createKey("gate-1")).token);
    server.setFileSizeLimit(600 * 1024);
    const body = (n: number) => {
      const face = Buffer.concat([jpeg(n), Buffer.alloc(40_000, n)]).toString("base64");
      return history({ timestamp: noon + n }, { recognize_face: face });
    };
    const answers: number[] = [];
    for (let n = 0; n < 30; n++) answers.push((await box.postOnce("/HistoryEvent", body(n))).status);
    expect(new Set(answers)).toEqual(new Set([200, 503]));
    const stored = await client.events();
    expect(stored).toHaveLength(answers.filter((status) => status === 200).length);
    for (const event of stored) expect((await client.picture(event, "face")).length).toBe(event.pictures.face?.bytes);
    server.setFileSizeLimit("unlimited");
    for (let n = 0; n < 30; n++) expect((await box.post("/HistoryEvent", body(n))).status).toBe(200);
    expect(await client.events()).toHaveLength(30);
  });
});

describe("a data folder", () => {
  it("is readable by its owner only", async () => {
    const { runtime, folder } = await openRuntimeHere();
    const deliver = await deliverer(runtime);
    await deliver(history({}, { recognize_face: photo("one") }));
    const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);
    const { path, packs, database, lock } = runtime.folder;
    expect(await Promise.all([path, packs].map(modeOf))).toEqual(["700", "700"]);
    // Not by the clock: the month may have changed since.
    const names = await readdir(packs);
    expect(names).toEqual([expect.stringMatching(/^\d{4}-\d{2}\.pack$/)]);
    const files = [database, `${database}-wal`, `${database}-shm`, lock, ...names.map((name) => join(packs, name))];
    expect(await Promise.all(files.map(modeOf))).toEqual(files.map(() => "600"));
    expect(folder).toBe(path);
  });

  it("uses full syncs in all settings of its database", async () => {
    const { path, remove } = await temporaryFolder();
    closers.push(remove);
    const database = openDatabase(join(path, "gatepost.db"));
    closers.push(async () => database.close());
    const setting = (name: string) => database.prepare(`PRAGMA ${name}`).get()?.[name];
    const full = 2;
    expect([setting("journal_mode"), setting("synchronous")]).toEqual(["wal", full]);
  });

  it("refuses a second process, and is free once the first has left", async () => {
    const { path, remove } = await temporaryFolder();
    closers.push(remove);
    const first = await openRuntime({ data: path });
    await expect(openRuntime({ data: path })).rejects.toThrow(/another Gatepost uses/);
    await first.close();
    await (await openRuntime({ data: path })).close();
  });

  it("refuses a database of a newer version", async () => {
    const { path, remove } = await temporaryFolder();
    closers.push(remove);
    await (await openRuntime({ data: path })).close();
    const database = new DatabaseSync(join(path, "gatepost.db"));
    database.exec("PRAGMA user_version = 999");
    database.close();
    await expect(openRuntime({ data: path })).rejects.toThrow(/newer Gatepost/);
  });

  it("cuts off a torn tail of a pack when opened, and continues behind the rest", async () => {
    const { path, remove } = await temporaryFolder();
    closers.push(remove);
    const before = await openRuntime({ data: path });
    const [whole, next] = [picture("whole", 500), picture("next", 300)];
    await putPicture(before.ingest.pictures, "2026-11", "face", whole);
    await before.close();
    const pack = join(path, "pictures", "2026-11.pack");
    await truncate(pack, 777);
    const after = await openRuntime({ data: path });
    closers.push(() => after.close());
    await putPicture(after.ingest.pictures, "2026-11", "face", next);
    expect((await stat(pack)).size).toBe(800);
    for (const { sha256, data } of [whole, next]) {
      expect(await after.reads.pictures.get(pictureAt("2026-11", "face", sha256))).toEqual(data);
    }
  });

  it("refuses a picture if its pack was replaced", async () => {
    const { runtime } = await openRuntimeHere();
    await putPicture(runtime.ingest.pictures, "2026-11", "face", picture("one"));
    const pack = join(runtime.folder.packs, "2026-11.pack");
    await rename(pack, `${pack}.away`);
    await writeFile(pack, "");
    await expect(putPicture(runtime.ingest.pictures, "2026-11", "face", picture("two"))).rejects.toThrow(/replaced/);
  });
});

describe("writes that arrive together", () => {
  it("are stored without the one that fails", async () => {
    const { runtime } = await openRuntimeHere();
    const nowhere = { sha256: "0".repeat(64), bytes: 1, contentType: "image/jpeg" as const };
    const lost = upsert("lost", { report: report({ pictures: { face: nowhere } }) });
    const results = await Promise.allSettled(
      [upsert("a"), lost, upsert("b")].map((entry) => runtime.ingest.index.upsert(entry)),
    );
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await runtime.reads.events.list({}, { limit: 9, cursor: null })).items).toHaveLength(2);
  });
});
