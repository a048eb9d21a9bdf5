import { cp, open, readFile } from "node:fs/promises";
import { join } from "node:path";
import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime } from "@gatepost/embedded";
import { receiver } from "@gatepost/receive";
import { afterEach, describe, expect, it, vi } from "vitest";
import { action, noon, picture, report, upsert } from "../../contract/samples.ts";
import { erasePerson } from "../../support/erase-person.ts";
import { fileHandles } from "../../support/file-handles.ts";
import { filesWith } from "../../support/files-with.ts";
import { boxRequest } from "../../support/http.ts";
import { history } from "../../support/reports.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { openedByTests, temporaryFolder } from "./temporary.ts";

const { closers, openRuntimeHere } = openedByTests();
afterEach(() => vi.restoreAllMocks());

describe("erasure", () => {
  const erased = (bytes: number) => Buffer.alloc(bytes);

  it("removes an event's rows and quarantine, and overwrites its unshared pictures", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    const [own, shared] = [picture("own", 400), picture("shared", 300)];
    for (const face of [own, shared]) await putPicture(runtime.ingest.pictures, "2026-11", "face", face);
    const facts = ({ data: _, ...rest }: typeof own) => rest;
    const shows = (face: typeof own, scene: typeof own) =>
      report({ pictures: { face: facts(face), scene: facts(scene) } });
    await runtime.ingest.index.upsert(upsert("gone", { report: shows(own, shared), action: action("gone", "1002") }));
    await runtime.ingest.index.upsert(upsert("stays", { report: shows(shared, shared) }));
    const event = { id: upsert("gone").eventId, fingerprint: "face-a" };
    await runtime.ingest.quarantine.put({
      id: "qrt_1",
      box: "gate-1",
      path: "/",
      reason: "picture",
      receivedAt: noon,
      headers: {},
      body: own.data,
      event,
    });
    expect(await runtime.eraser.eraseEvent(event.id)).toBe(true);
    expect(await runtime.eraser.eraseEvent(event.id)).toBe(false);
    expect(await runtime.reads.events.get(event.id)).toBeNull();
    expect(await runtime.reads.quarantine.get("qrt_1")).toBeNull();
    expect((await runtime.reads.actionReader.list({}, { limit: 9, cursor: null })).items).toEqual([]);
    expect(await runtime.reads.pictures.get(pictureAt("2026-11", "face", own.sha256))).toBeNull();
    expect(await runtime.reads.pictures.get(pictureAt("2026-11", "face", shared.sha256))).toEqual(shared.data);
    await using pack = await open(join(runtime.folder.packs, "2026-11.pack"));
    expect((await pack.read(Buffer.alloc(400), 0, 400, 0)).buffer).toEqual(erased(400));
  });

  it("of a person waits for the reports that are being stored when it begins", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    const late = upsert("late");
    const id = late.report.person?.id ?? "";
    const held = await runtime.ingest.suppression.of(late.box);
    const erasing = erasePerson(runtime.eraser, id, late.box);
    // Writes take turns: an erasure that waits for nothing has ended by then.
    for (let other = 0; other < 40; other++) {
      const report = { ...late.report, person: { id: "9" } };
      await runtime.ingest.index.upsert(upsert(`other-${other}`, { report }));
    }
    await runtime.ingest.index.upsert(late);
    held[Symbol.dispose]();
    expect(await erasing).toBe(1);
    expect(await runtime.reads.events.get(late.eventId)).toBeNull();
  });

  it("accepts the longest id of a person that an address allows", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    const [id, token] = ["身份".repeat(512), newToken("ingest")];
    await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
    const send = () =>
      receiver(runtime.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body: history({ identity_id: id }) }));
    expect((await send()).status).toBe(200);
    const ask = async (method: string, path: string) => {
      const headers = { authorization: `Bearer ${runtime.adminToken}` };
      return (await runtime.api.request(path, { method, headers })).json();
    };
    const person = encodeURIComponent(id);
    expect(await ask("GET", `/v1/people?id=${person}`)).toMatchObject({ people: [{ events: 1 }] });
    expect(await ask("DELETE", `/v1/people?id=${person}&all=1`)).toMatchObject({ erased: 1 });
    await send();
    expect(await ask("GET", "/v1/events")).toMatchObject({ events: [] });
  });

  it("leaves no byte of a picture stored by a killed process and sent again", async () => {
    const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
    const [lost, next] = [picture("lost", 400), picture("next", 300)];
    const facts = ({ data: _, ...rest }: typeof lost) => rest;
    const shows = (face: typeof lost) => ({ report: report({ pictures: { face: facts(face) } }) });
    for (const face of [lost, next]) await putPicture(runtime.ingest.pictures, "2026-11", "face", face);
    await runtime.ingest.index.upsert(upsert("next", shows(next)));
    const left = await temporaryFolder();
    closers.push(left.remove);
    await cp(folder, left.path, { recursive: true });
    const after = await openRuntime({ data: left.path, clock: () => noon });
    closers.push(() => after.close());
    await putPicture(after.ingest.pictures, "2026-11", "face", lost);
    await after.ingest.index.upsert(upsert("lost", shows(lost)));
    expect(await after.reads.pictures.get(pictureAt("2026-11", "face", lost.sha256))).toEqual(lost.data);
    await after.eraser.eraseEvent(upsert("lost").eventId);
    const pack = await readFile(join(after.folder.packs, "2026-11.pack"));
    expect(pack.includes(lost.data.subarray(0, 100))).toBe(false);
    expect(pack.includes(next.data)).toBe(true);
  });

  it("removes all events of a person at one box, or at all", async () => {
    const { runtime } = await openRuntimeHere({ clock: () => noon });
    for (const box of ["gate-1", "gate-2", "gate-3"]) await runtime.ingest.index.upsert(upsert(box, { box }));
    const other = report({ person: { id: "777777" } });
    await runtime.ingest.index.upsert(upsert("other", { report: other }));
    expect(await erasePerson(runtime.eraser, "666666", "gate-1")).toBe(1);
    expect(await erasePerson(runtime.eraser, "666666", null)).toBe(2);
    const left = (await runtime.reads.events.list({}, { limit: 9, cursor: null })).items;
    expect(left.map(({ id }) => id)).toEqual([upsert("other").eventId]);
  });

  it("leaves no byte of a person in any file of the data folder", async () => {
    const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
    const mark = "Ada Lovelace 4711";
    const face = picture(mark, 400);
    const { data: _, ...facts } = face;
    const person = { id: "4711", name: mark, type: "vip" as const };
    await putPicture(runtime.ingest.pictures, "2026-11", "face", face);
    await runtime.ingest.index.upsert(upsert("hers", { report: report({ person, pictures: { face: facts } }) }));
    await runtime.ingest.boxStatus.put({
      box: "gate-1",
      kind: "mq-result",
      receivedAt: noon,
      report: { method: "add_users", extend_params: { identity_id: person.id, name: mark } },
    });
    await runtime.ingest.quarantine.put({
      id: "qrt_1",
      box: "gate-1",
      path: "/",
      reason: "picture",
      receivedAt: noon,
      headers: {},
      body: Buffer.from(mark),
      event: { id: upsert("hers").eventId, fingerprint: "face-a" },
    });
    expect(await filesWith(mark, folder)).not.toEqual([]);
    await erasePerson(runtime.eraser, person.id, "gate-1");
    expect(await filesWith(mark, folder)).toEqual([]);
    expect(await filesWith(mark.toLowerCase(), folder)).toEqual([]);
  });

  it("leaves no byte of a person in a batch kept as a whole", async () => {
    const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
    const token = newToken("ingest");
    await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
    const bad = Array.from({ length: 101 }, (_, n) => n);
    const good = Array.from({ length: 2500 }, (_, n) => history({ timestamp: noon - n }));
    const body = JSON.stringify([...bad, ...good, history({ identity_id: "ada-4711" })]);
    const answer = await receiver(runtime.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body }));
    expect(answer.status).toBe(200);
    expect(await filesWith("ada-4711", folder)).not.toEqual([]);
    expect(await erasePerson(runtime.eraser, "ada-4711", null)).toBe(1);
    expect(await filesWith("ada-4711", folder)).toEqual([]);
  });

  it("leaves nothing in the log after the next start if the process was killed", async () => {
    const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
    const mark = "Ada Lovelace 4711";
    const person = { id: "4711", name: mark, type: "vip" as const };
    await runtime.ingest.index.upsert(upsert("hers", { report: report({ person }) }));
    vi.spyOn(runtime.eraser, "finish").mockRejectedValue(new Error("power cut"));
    await expect(runtime.eraser.eraseEvent(upsert("hers").eventId)).rejects.toThrow("power cut");
    const left = await temporaryFolder();
    closers.push(left.remove);
    await cp(folder, left.path, { recursive: true });
    expect(await filesWith(mark, left.path)).not.toEqual([]);
    const after = await openRuntime({ data: left.path, clock: () => noon });
    closers.push(() => after.close());
    expect(await filesWith(mark, left.path)).toEqual([]);
  });

  it("is finished by the next start if the process ended before overwriting", async () => {
    const { path, remove } = await temporaryFolder();
    closers.push(remove);
    const before = await openRuntime({ data: path, clock: () => noon });
    const face = picture("face", 400);
    await putPicture(before.ingest.pictures, "2026-11", "face", face);
    const { data: _, ...facts } = face;
    await before.ingest.index.upsert(upsert("gone", { report: report({ pictures: { face: facts } }) }));
    vi.spyOn(await fileHandles(), "writev").mockRejectedValue(new Error("power cut"));
    await expect(before.eraser.eraseEvent(upsert("gone").eventId)).rejects.toThrow("power cut");
    vi.restoreAllMocks();
    await before.close();
    const after = await openRuntime({ data: path, clock: () => noon });
    closers.push(() => after.close());
    await using pack = await open(join(path, "pictures", "2026-11.pack"));
    expect((await pack.read(Buffer.alloc(400), 0, 400, 0)).buffer).toEqual(erased(400));
  });
});
