import { copyFile, open, readFile, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import { merge } from "@gatepost/protocol";
import { receiver } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { noon, picture, report, upsert } from "../../contract/samples.ts";
import { boxRequest } from "../../support/http.ts";
import { jpeg, sha256 } from "../../support/pictures.ts";
import { history, received } from "../../support/reports.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { openedByTests, temporaryFolder } from "./temporary.ts";

const { closers } = openedByTests();
const token = newToken("ingest");
const [face, scene] = [jpeg("face ".repeat(9)), jpeg("scene ".repeat(9))];
const whole = history({}, { recognize_face: face.toString("base64"), spot_pic: scene.toString("base64") });

let now = received;
let folder: string;
let pack: string;
let logged: { level: string; message: string; facts: unknown }[];
let runtime: Runtime;

beforeEach(async () => {
  now = received;
  const made = await temporaryFolder();
  closers.push(made.remove);
  folder = made.path;
  pack = join(folder, "pictures", `${new Date(received).toISOString().slice(0, 7)}.pack`);
  await start();
  closers.push(() => runtime.close());
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
  expect(await deliver(whole)).toBe(200);
});

async function start(): Promise<void> {
  logged = [];
  const collect = (level: string) => (message: string, facts?: unknown) => void logged.push({ level, message, facts });
  const log = { info: collect("info"), warn: collect("warn"), error: collect("error") };
  runtime = await openRuntime({ data: folder, clock: () => now, log });
  await runtime.lostPictures.flag();
}

/** Stops it, calls `change` on the folder, and starts it again. */
async function restart(change: () => Promise<unknown>): Promise<void> {
  await runtime.close();
  await change();
  await start();
}

async function deliver(body: unknown): Promise<number> {
  return (await receiver(runtime.ingest)(boxRequest({ path: `/${token}/HistoryEvent`, body }))).status;
}

const ask = (path: string, method = "GET") =>
  runtime.api.fetch(
    new Request(`http://gatepost${path}`, { method, headers: { authorization: `Bearer ${runtime.adminToken}` } }),
  );

async function events(filter = {}) {
  return (await runtime.reads.events.list(filter, { limit: 9, cursor: null })).items.map(merge);
}

/** The status of a picture of the first event, or its bytes. */
async function shown(kind: "face" | "scene"): Promise<number | Buffer> {
  const [event] = await events();
  const answer = await ask(event?.pictures[kind]?.href ?? "");
  return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : answer.status;
}

const flags = async () => (await events())[0]?.flags;
const bothLost = ["picture-lost:face", "picture-lost:scene"];
const position = async (data: Buffer) => (await readFile(pack)).indexOf(data);

/** Changes one byte of a picture in its pack. */
async function damage(data: Buffer): Promise<void> {
  const at = (await position(data)) + 20;
  await using file = await open(pack, "r+");
  await file.write(Buffer.from([data[20] === 0 ? 1 : 0]), 0, 1, at);
}

describe("a start without the folder pictures/", () => {
  const loss = () => restart(() => rm(join(folder, "pictures"), { recursive: true }));

  it("logs the number of lost pictures and the remedy until they are back", async () => {
    await loss();
    const month = new Date(received).toISOString().slice(0, 7);
    const line = {
      level: "warn",
      message: "pictures are lost",
      facts: { pictures: { [month]: 2 }, todo: expect.stringContaining("put the packs of the same backup there") },
    };
    expect(logged).toEqual([line]);
    await restart(async () => {});
    expect(logged).toEqual([line]);
    expect(await deliver(whole)).toBe(200);
    await restart(async () => {});
    expect(logged).toEqual([]);
  });

  it("answers 410 for its pictures, never other bytes, and flags the event", async () => {
    const [before] = await events();
    await loss();
    expect([await shown("face"), await shown("scene")]).toEqual([410, 410]);
    expect(await events()).toEqual([{ ...before, flags: bothLost }]);
    expect(await events({ flag: "picture-lost:face" })).toHaveLength(1);
    const { items } = await runtime.reads.feed.read(null, 9);
    expect(items.map(({ event }) => merge(event).flags)).toEqual([bothLost]);
  });

  it("stores a lost picture again when a report has it, and removes its flag", async () => {
    await loss();
    expect(await deliver(history({}, { recognize_face: face.toString("base64") }))).toBe(200);
    expect(await shown("face")).toEqual(face);
    expect(await flags()).toEqual(["picture-lost:scene"]);
    expect(await events({ flag: "picture-lost:face" })).toEqual([]);
    await restart(async () => {});
    expect(await shown("face")).toEqual(face);
    expect(await shown("scene")).toBe(410);
  });

  it("finds it in the month of the repeat, if the months differ", async () => {
    await loss();
    now += 40 * 24 * 60 * 60 * 1000;
    expect(await deliver(history({}, { recognize_face: face.toString("base64") }))).toBe(200);
    expect(await shown("face")).toEqual(face);
    expect(await flags()).toEqual(["picture-lost:scene"]);
    await runtime.lostPictures.flag();
    expect(await flags()).toEqual(["picture-lost:scene"]);
  });

  it("removes the flag from every event of a picture that is stored again", async () => {
    await runtime.ingest.index.upsert(
      upsert("other", {
        report: report({ receivedAt: received, pictures: { face: facts(face) } }),
        now: received,
        expiresAt: received * 2,
      }),
    );
    await loss();
    expect(await events({ flag: "picture-lost:face" })).toHaveLength(2);
    expect(await deliver(whole)).toBe(200);
    await runtime.lostPictures.flag();
    expect(await events({ flag: "picture-lost:face" })).toEqual([]);
  });

  it("flags any number of events, a batch at a time", async () => {
    const shows = report({ receivedAt: received, pictures: { face: facts(face) } });
    const times = { now: received, expiresAt: received * 2 };
    for (let n = 0; n < 120; n++) await runtime.ingest.index.upsert(upsert(`${n}`, { report: shows, ...times }));
    await loss();
    const flagged = await runtime.reads.events.list({ flag: "picture-lost:face" }, { limit: 200, cursor: null });
    expect(flagged.items).toHaveLength(121);
  });

  it("finds lost pictures once their pack is back, beside later ones", async () => {
    const away = `${folder}-away`;
    closers.push(() => rm(away, { force: true }));
    await copyFile(pack, away);
    await loss();
    await restart(() => copyFile(away, pack));
    expect([await shown("face"), await shown("scene")]).toEqual([face, scene]);
    await runtime.lostPictures.flag();
    expect(await flags()).toEqual([]);
    await restart(async () => {});
    expect(logged).toEqual([]);
    expect(await shown("scene")).toEqual(scene);
  });

  it("gives no bytes under another name, and an erasure overwrites no other picture", async () => {
    await loss();
    const next = jpeg("another passing of the same day");
    expect(await deliver(history({ timestamp: noon }, { recognize_face: next.toString("base64") }))).toBe(200);
    const lost = (await events({ flag: "picture-lost:face" }))[0];
    expect((await ask(`${lost?.pictures.face?.href}`)).status).toBe(410);
    expect((await ask(`/v1/events/${lost?.id}`, "DELETE")).status).toBe(204);
    expect(await shown("face")).toEqual(next);
    await restart(async () => {});
    expect(await shown("face")).toEqual(next);
  });

  it("erases the bytes of a returned picture, looked at or not", async () => {
    const away = `${folder}-away`;
    closers.push(() => rm(away, { force: true }));
    await copyFile(pack, away);
    await loss();
    await restart(() => copyFile(away, pack));
    const [event] = await events();
    expect(await position(face)).toBeGreaterThanOrEqual(0);
    await ask(`/v1/events/${event?.id}`, "DELETE");
    expect([await position(face), await position(scene)]).toEqual([-1, -1]);
  });
});

describe("a pack that is shorter than its rows", () => {
  it("loses only pictures behind its end", async () => {
    const [first, second] = [jpeg("first of two"), jpeg("second of two")];
    await deliver(history({ timestamp: noon }, { recognize_face: first.toString("base64") }));
    await deliver(history({ timestamp: noon + 1 }, { recognize_face: second.toString("base64") }));
    const end = await position(second);
    await restart(() => truncate(pack, end + 10));
    expect((await events({ flag: "picture-lost:face" })).map(({ pictures }) => pictures.face?.sha256)).toEqual([
      sha256(second),
    ]);
    expect((await stat(pack)).size).toBe(end + 10);
    expect(await deliver(history({ timestamp: noon + 1 }, { recognize_face: second.toString("base64") }))).toBe(200);
    expect(await shown("face")).toEqual(second);
    expect(await events({ flag: "picture-lost:face" })).toEqual([]);
    expect((await stat(pack)).size).toBe(end + second.length);
  });
});

describe("a picture whose bytes do not match its name", () => {
  it("is lost once it is read: 410, a flag, and a log line", async () => {
    await damage(face);
    expect(await shown("face")).toBe(410);
    const [month, hash] = [new Date(received).toISOString().slice(0, 7), sha256(face)];
    const line = {
      level: "error",
      message: "a picture is lost",
      facts: { month, sha256: hash, todo: expect.any(String) },
    };
    expect(logged.filter(({ level }) => level !== "info")).toEqual([line]);
    expect(await shown("face")).toBe(410);
    expect(logged.filter(({ level }) => level !== "info")).toHaveLength(1);
    await runtime.lostPictures.flag();
    expect(await flags()).toEqual(["picture-lost:face"]);
    expect(await shown("scene")).toEqual(scene);
  });

  it("is stored again by a report, and the damaged bytes are overwritten", async () => {
    await damage(face);
    expect(await shown("face")).toBe(410);
    const rest = face.subarray(21);
    expect(await deliver(whole)).toBe(200);
    expect(await shown("face")).toEqual(face);
    expect(await flags()).toEqual([]);
    await runtime.eraser.finish();
    expect((await readFile(pack)).indexOf(rest)).toBe((await position(face)) + 21);
    expect(await shown("face")).toEqual(face);
  });

  it("is overwritten if its event is erased", async () => {
    await damage(face);
    expect(await shown("face")).toBe(410);
    const [event] = await events();
    await ask(`/v1/events/${event?.id}`, "DELETE");
    expect((await readFile(pack)).indexOf(face.subarray(21))).toBe(-1);
  });
});

it("a present or never stored picture is not lost", async () => {
  const one = picture("one");
  await putPicture(runtime.ingest.pictures, "2026-11", "face", one);
  expect(await runtime.reads.pictures.get(pictureAt("2026-11", "face", one.sha256))).toEqual(one.data);
  expect(await runtime.reads.pictures.get(pictureAt("2026-11", "face", sha256("unknown")))).toBeNull();
  expect(logged.filter(({ level }) => level !== "info")).toEqual([]);
});

function facts(data: Buffer) {
  return { sha256: sha256(data), bytes: data.length, contentType: "image/jpeg" as const };
}
