import { once } from "node:events";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { exportPictures } from "@gatepost/embedded";
import type { Picture, Report } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { noon, picture, report, upsert } from "../../contract/samples.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { openedByTests, temporaryFolder } from "./temporary.ts";

const { closers, openRuntimeHere } = openedByTests();
const month = "2026-11";
const factsOf = ({ data: _, ...facts }: Picture) => facts;

/** A folder with pictures, and events that show them, by their names. */
async function storing(pictures: readonly Picture[], events: Record<string, Partial<Report>> = {}) {
  const { runtime, folder } = await openRuntimeHere({ clock: () => noon });
  for (const picture of pictures) await putPicture(runtime.ingest.pictures, month, "face", picture);
  for (const [name, changes] of Object.entries(events)) {
    await runtime.ingest.index.upsert(upsert(name, { report: report(changes) }));
  }
  const into = await temporaryFolder();
  closers.push(into.remove);
  return { data: folder, into: into.path, pack: join(runtime.folder.packs, `${month}.pack`) };
}

const exported = (into: string) => readdir(join(into, month)).then((names) => names.sort());

describe("an exported picture", () => {
  it("is named by time, box, person and kind of the first event", async () => {
    const [face, scene] = [picture("face"), picture("scene")];
    const { data, into } = await storing([face, scene], {
      later: { time: noon + 1000, pictures: { registered: factsOf(face) } },
      first: { pictures: { face: factsOf(face), scene: factsOf(scene) } },
    });
    expect(await exportPictures(data, into)).toEqual({ pictures: 2, failures: [] });
    const name = (kind: string, { sha256 }: Picture) =>
      `2026-11-20T12-00-00-000Z_gate-1_666666_${kind}_${sha256.slice(0, 16)}.jpg`;
    expect(await exported(into)).toEqual([name("face", face), name("scene", scene)].sort());
    const path = join(into, month, name("face", face));
    expect(await readFile(path)).toEqual(face.data);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it("is named accordingly for a stranger or without an event", async () => {
    const [face, alone] = [picture("face"), picture("alone")];
    const stranger = { person: { id: "1772366400.25", type: "stranger" as const }, pictures: { face: factsOf(face) } };
    const { data, into } = await storing([face, alone], { stranger });
    await exportPictures(data, into);
    const [known, unknown] = await exported(into);
    expect(known).toContain("_gate-1_stranger_face_");
    expect(unknown).toBe(`no-event_${alone.sha256.slice(0, 16)}.jpg`);
  });

  it.each([
    ["../../etc/passwd", "-etc-passwd"],
    ['CON:<>"/\\|?* .', "CON-"],
    ["王小明\u0000\n", "王小明-"],
    ["x".repeat(5000), "x".repeat(60)],
    ["明".repeat(5000), "明".repeat(20)],
    ["👤", "-"],
  ])("has a name that every system accepts, also for person %j", async (id, shown) => {
    const face = picture("face");
    const person = { id, type: "employee" as const };
    const { data, into } = await storing([face], { one: { person, pictures: { face: factsOf(face) } } });
    await exportPictures(data, into);
    expect(await exported(into)).toEqual([expect.stringContaining(`Z_gate-1_${shown}_face_`)]);
    const [name = ""] = await exported(into);
    expect(name).toMatch(/^[\p{L}\p{N}_.-]+$/u);
    expect(Buffer.byteLength(name)).toBeLessThan(255);
  });

  it("has a unique name if two differ only in their bytes", async () => {
    const faces = [picture("a"), picture("b")];
    const [one, other] = faces.map((face) => ({ pictures: { face: factsOf(face) } }));
    const { data, into } = await storing(faces, { ...(one && { one }), ...(other && { other }) });
    await exportPictures(data, into);
    expect(await exported(into)).toHaveLength(2);
  });
});

describe("an export continues after a picture that cannot be read, and names it:", () => {
  it("damaged bytes, and bytes missing in the pack", async () => {
    const [first, good, last] = [picture("first"), picture("good"), picture("last")];
    const { data, into, pack } = await storing([first, good, last]);
    await using file = await open(pack, "r+");
    await file.write(Buffer.from("damaged"), 0, 7, 50);
    await file.truncate(599);
    const { pictures, failures } = await exportPictures(data, into);
    expect(pictures).toBe(1);
    expect(failures.sort((a, b) => (a.reason < b.reason ? -1 : 1))).toEqual([
      { picture: `${month}/${first.sha256}`, reason: "its bytes are damaged" },
      { picture: `${month}/${last.sha256}`, reason: "its pack ends before it" },
    ]);
    expect(await exported(into)).toEqual([`no-event_${good.sha256.slice(0, 16)}.jpg`]);
  });

  it("all pictures of a pack that cannot be opened, without calling them missing", async () => {
    const { data, into, pack } = await storing([picture("a")]);
    await rm(pack);
    // A socket cannot be opened as a file.
    await using socket = createServer();
    await once(socket.listen(pack), "listening");
    const { pictures, failures } = await exportPictures(data, into);
    expect(pictures).toBe(0);
    expect(failures).toMatchObject([{ reason: expect.stringMatching(/^its pack cannot be opened: ENXIO/) }]);
  });

  it("all pictures of a missing pack", async () => {
    const { data, into, pack } = await storing([picture("a"), picture("b")]);
    await rm(pack);
    const { pictures, failures } = await exportPictures(data, into);
    expect([pictures, failures.map(({ reason }) => reason)]).toEqual([0, Array(2).fill("its pack is missing")]);
  });
});
