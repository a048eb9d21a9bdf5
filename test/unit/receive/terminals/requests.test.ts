import { hashToken } from "@gatepost/core/keys";
import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { CutPictures } from "../../../../packages/receive/src/decode/pictures.ts";
import { withoutKeys } from "../../../../packages/receive/src/deliver/kept.ts";
import { understand } from "../../../../packages/receive/src/deliver/understand.ts";
import { type Sent, send } from "../../../support/http.ts";
import type { MemoryPorts } from "../../../support/memory-ports.ts";
import { jpeg } from "../../../support/pictures.ts";
import { history } from "../../../support/reports.ts";
import { serial, terminalRequest } from "../../../support/terminals.ts";
import { gateInShanghai, token } from "./gate.ts";

let deps: MemoryPorts;
beforeEach(async () => {
  deps = await gateInShanghai();
});

const push = (body: string | Buffer, query: string, others: Sent = {}) =>
  send(deps, { path: "/iclock/cdata", query: `SN=${serial}&${query}`, body, ...others });
const attlog = "0042\t2026-11-24 08:01:18\t0\t15\n";

describe("a terminal of ZKTeco", () => {
  it("must keep its records if no key lists it, and is counted", async () => {
    const answer = await push(attlog, "table=ATTLOG", { query: "SN=OTHER1&table=ATTLOG" });
    expect(answer).toEqual({ status: 200, headers: { "content-type": "text/plain" }, body: "ERROR\n" });
    expect(deps.refusals.recent).toMatchObject([{ kind: "unknown-terminal", path: "/iclock/cdata/ATTLOG/OTHER1" }]);
    expect(await deps.unknownTerminals.list()).toMatchObject([{ serial: "OTHER1", count: 1 }]);
    expect(deps.events()).toEqual([]);
  });

  it("is let in until the key that lists it is revoked", async () => {
    const query = "SN=OTHER1&table=ATTLOG";
    const { id } = await deps.reads.keyAdmin.create({
      scope: "ingest",
      box: "gate-2",
      tokenHash: hashToken("other"),
      serials: ["OTHER1"],
    });
    expect((await push(attlog, "", { query })).body).toBe("OK: 1");
    await deps.reads.keyAdmin.revoke(id);
    expect((await push(attlog, "", { query })).body).toBe("ERROR\n");
  });

  it.each(["", "SN=", "SN=../../key", `SN=${"x".repeat(40)}`])("is none with the query “%s”", async (query) => {
    expect((await push(attlog, "", { query })).body).toBe("ERROR\n");
    expect((await push(attlog, "", { query, path: "/iclock" })).body).toBe("ERROR\n");
    expect(await deps.unknownTerminals.list()).toEqual([]);
  });

  it.each(["index", "keys"] as const)("keeps its records while %s fail, and is not told OK", async (port) => {
    deps.failing.set(port, new Error("down"));
    const answer = await push(attlog, "table=ATTLOG");
    expect([answer.status, answer.headers["content-type"], answer.body]).toEqual([200, "text/plain", "ERROR\n"]);
    deps.failing.clear();
    expect((await push(attlog, "table=ATTLOG")).body).toBe("OK: 1");
    expect(deps.events()).toHaveLength(1);
  });

  it("may have a key in its path as well", async () => {
    expect((await push(attlog, "table=ATTLOG", { path: `/${token}/iclock/cdata` })).body).toBe("OK: 1");
    const answer = await push(attlog, "table=ATTLOG", { path: "/gpi_nosuchkeynosuchkeynosuchkey/iclock/cdata" });
    expect(answer.body).toBe("ERROR\n");
  });

  it.each([
    ["POST", "/iclock/devicecmd", "OK"],
    ["POST", "/iclock/registry", `RegistryCode=${serial}\n`],
    ["GET", "/iclock/ping", "OK"],
    ["POST", "/iclock/fdata", "OK"],
  ])("is answered to %s %s, which is a sign of its box", async (method, path, body) => {
    expect((await push("", "", { method, path })).body).toBe(body);
    expect(deps.notes.of("gate-1")?.kinds.heartbeat?.count).toBe(1);
    expect(deps.reasons()).toEqual([]);
  });

  it("has a line without a time kept, and the others recorded, also in a replay", async () => {
    expect((await push(`${attlog}nonsense\n`, "table=ATTLOG")).body).toBe("OK: 2");
    expect(deps.reasons()).toEqual(["unknown-shape"]);
    expect(JSON.parse(Buffer.from(deps.lastRecord.body).toString())).toMatchObject({ line: "nonsense" });
    expect(deps.lastRecord.path).toBe(`/iclock/cdata/ATTLOG/${serial}`);
  });

  it("registers at a door, and is told so from then on", async () => {
    const query = `SN=${serial}&options=all&pushver=3.1.2&DeviceType=acc`;
    const shakeHands = async () => (await push("", "", { method: "GET", query })).body;
    expect(await shakeHands()).toBe("OK");
    expect((await push("DeviceType=acc", "", { path: "/iclock/registry" })).body).toBe(`RegistryCode=${serial}\n`);
    expect(await shakeHands()).toMatch(`registry=ok\nRegistryCode=${serial}\n`);
    expect(deps.notes.of("gate-1")?.kinds.heartbeat?.count).toBe(3);
  });

  it.each([
    ["GET", "/iclock/iclock/cdata", `SN=${serial}&options=all`],
    ["GET", "/iclock/cdata", `sn=${serial}&options=all`],
    ["PUT", "/iclock/cdata", `SN=${serial}&options=all`],
  ])("has its options by %s %s?%s", async (method, path, query) => {
    const { status, body } = await push("", "", { method, path, query });
    expect([status, body.split("\n")[0]]).toEqual([200, `GET OPTION FROM: ${serial}`]);
    expect(body).toContain("TimeZone=8");
  });

  it.each([
    ["PUT", "ATTLOG"],
    ["GET", "ATTLOG"],
    ["PUT", "rtlog"],
  ])("has lines recorded by %s, which without any asks for its options: %s", async (method, table) => {
    const line = table === "ATTLOG" ? attlog : "time=2026-11-24 08:01:18\tpin=0042\tevent=0\tinoutstatus=0\tindex=1";
    const asked = await push("", `table=${table}`, { method });
    expect([asked.body.split("\n")[0], deps.events()]).toEqual([`GET OPTION FROM: ${serial}`, []]);
    const [first, again] = [await push(line, `table=${table}`, { method }), await push(line, `table=${table}`)];
    expect(first.body).toBe(again.body);
    expect(deps.events().map(({ person }) => person.id)).toEqual(["0042"]);
  });

  it("has the time of UTC and the zone of its box", async () => {
    await deps.boxes.set("gate-1", { zone: "Asia/Kolkata" });
    const { body } = await push("", "type=time", { method: "GET", path: "/iclock/rtdata" });
    expect(body).toMatch(/^DateTime=\d{9},ServerTZ=\+0530$/);
  });

  it("is answered by the name and the number of lines of a table among several", async () => {
    const upload = async (query: string, body: string) => (await push(body, `table=tabledata&${query}`)).body;
    const users = "user uid=1\tpin=0042\tname=Wang\npin=0043\tname=Li\n";
    expect(await upload("tablename=user&count=2", users)).toBe("user=2");
    expect(await upload("tablename=biodata", "biodata pin=1\ttmp=SECRET\r\nbiodata pin=2\ttmp=SECRET\r\n")).toBe(
      "biodata=2",
    );
    expect(await upload("tablename=errorlog&count=1", "errcode=5\terrmsg=x")).toBe("errorlog=1");
    expect(await upload("tablename=user&count=0", "")).toBe("user=0");
    expect(await upload("", users)).toBe("OK");
    await push(attlog.replace("0042", "0043"), "table=ATTLOG");
    expect(deps.events()[0]?.person).toMatchObject({ id: "0043", name: "Li" });
    expect(deps.reasons()).toEqual([]);
    expect(deps.everything()).not.toContain("SECRET");
  });

  it("is kept by its path without the number of its lines, and answered with it", async () => {
    const line = "x=1\ty=2";
    for (const count of [1, 2]) {
      const { body } = await push(`${line}\n`.repeat(count), `table=tabledata&tablename=unknowns&count=${count}`);
      expect(body).toBe(`unknowns=${count}`);
    }
    expect(deps.lastRecord.path).toBe(`/iclock/cdata/tabledata/${serial}/unknowns`);
    expect(deps.records.size).toBe(1);
  });

  it("has the lines of an unknown table kept, and again when they are replayed", async () => {
    expect((await push("PIN=88\tTime=2026-11-30 10:00:01\tX=1", "table=RemoteAtt")).body).toBe("OK");
    const kept = Buffer.from(deps.lastRecord.body).toString();
    expect(JSON.parse(kept)).toEqual({
      pin: "88",
      time: "2026-11-30 10:00:01",
      x: "1",
      iclock: "REMOTEATT",
      SN: serial,
    });
    await replay(deps.lastRecord, deps);
    expect([deps.reasons(), Buffer.from(deps.lastRecord.body).toString()]).toEqual([["unknown-shape"], kept]);
  });

  it.each(["/iclock/cdata.aspx", "/iclock/anything"])("delivers to %s as well", async (path) => {
    expect((await push(attlog, "table=ATTLOG", { path })).body).toBe("OK: 1");
    expect(deps.events()).toHaveLength(1);
  });

  it("has two photos of strangers of one second as two events, once each", async () => {
    const photo = (note: string) => Buffer.concat([Buffer.from("PIN=20261124080104.jpg\0"), jpeg(note)]);
    for (const note of ["1", "2", "1", "2"]) await push(photo(note), "table=ATTPHOTO");
    expect(new Set(deps.events().map(({ pictures }) => pictures.face?.sha256)).size).toBe(2);
    expect(deps.events()).toHaveLength(2);
  });

  it("has a photo of another form kept as it was sent", async () => {
    const photo = Buffer.concat([Buffer.from("PIN=me.jpg\nCMD=uploadphoto\0"), jpeg("1")]);
    expect((await push(photo, "table=ATTPHOTO")).body).toBe("OK");
    expect(deps.reasons()).toEqual(["unknown-shape"]);
    expect(Buffer.from(deps.lastRecord.body)).toEqual(photo);
  });

  it("has a picture kept whole if some of its bytes are words of a template", async () => {
    const bytes = Buffer.from("\nFP\x80\xff\0\ntmp=\xfe\nface\x7f\xee\nUSER\x01\n", "latin1");
    const photo = Buffer.concat([Buffer.from("PIN=me.jpg\nCMD=uploadphoto\0"), jpeg("1"), bytes]);
    await push(photo, "table=ATTPHOTO");
    expect(Buffer.from(deps.lastRecord.body)).toEqual(photo);
  });

  it("has too many lines kept at first, and all recorded by a replay", async () => {
    const minute = (at: number) => `${attlog.slice(0, 16)}${new Date(at * 1000).toISOString().slice(11, 19)}\t0\t15\n`;
    const lines = Array.from({ length: 10_001 }, (_, at) => minute(at)).join("");
    expect((await push(lines, "table=ATTLOG")).body).toBe("OK: 10001");
    expect(deps.reasons()).toEqual(["too-many-reports"]);
    await replay(deps.lastRecord, deps);
    expect(deps.events()).toHaveLength(10_001);
  });

  it("may send JSON, which is read as such", async () => {
    const value = { iclock: "ATTLOG", SN: serial, pin: "7", time: "2026-11-24 08:01:18" };
    await push(JSON.stringify([value]), "table=ATTLOG");
    expect(deps.reasons()).toEqual([]);
  });

  it("has a body of too many lines kept without templates", async () => {
    await push(`FP PIN=1\tTMP=SECRET\n${"USER PIN=1\n".repeat(10_000)}`, "table=OPERLOG");
    expect(deps.reasons()).toEqual(["too-many-reports"]);
    expect(deps.everything()).not.toContain("SECRET");
  });

  it("has the names of its users in later passings, and the last name counts", async () => {
    const names = () => deps.events().map(({ person }) => [person.id, person.name]);
    const passes = (second: string) => push(attlog.replace("18", second), "table=ATTLOG");
    await passes("01");
    await push("USER PIN=0042\tName=Wang\tPasswd=1234\n", "table=OPERLOG");
    await passes("02");
    await push("USER PIN=0042\tName=Wang Fang\n", "table=OPERLOG");
    await passes("02");
    await passes("03");
    expect(
      names()
        .map(([, name]) => name)
        .sort(),
    ).toEqual(["Wang", "Wang Fang", null].sort());
    expect(deps.everything()).not.toContain("1234");
    const photo = Buffer.concat([Buffer.from("PIN=20261124080104-0042.jpg\0"), jpeg("1")]);
    await push(photo, "table=ATTPHOTO");
    expect(deps.events().find(({ pictures }) => pictures.face !== undefined)?.person.name).toBe("Wang Fang");
  });

  it("gives no names to another terminal", async () => {
    const key = { scope: "ingest", box: "gate-1", tokenHash: hashToken("two"), serials: ["OTHER1"] } as const;
    await deps.reads.keyAdmin.create(key);
    await push("USER PIN=0042\tName=Wang\n", "", { query: "SN=OTHER1&table=OPERLOG" });
    await push(attlog, "table=ATTLOG");
    expect(deps.events()[0]?.person).toMatchObject({ id: "0042", name: null });
  });

  it.each([
    ["OPERLOG", "USER PIN=1\tPasswd=SECRET\tCard=SECRET\tName=x\tViceCard=SECRET"],
    ["tabledata", "user uid=1\tcardno=SECRET\tpin=1\tpassword=SECRET\tname=x"],
    ["tabledata", "biophoto pin=1\tcontent=SECRET"],
    ["tabledata", "templatev10 pin=1\ttemplate=SECRET"],
  ])("has no secret of a user kept in a whole body of %s: %s", async (table, line) => {
    await push(`${line}\r\n`.repeat(10_001), `table=${table}`);
    expect(deps.reasons()).toEqual(["too-many-reports"]);
    expect(deps.everything()).not.toContain("SECRET");
  });

  it("has the times of records in the zone of its box", async () => {
    await deps.boxes.set("gate-1", { zone: "America/Sao_Paulo" });
    deps.now += 61_000;
    await push(attlog, "table=ATTLOG");
    expect(deps.events()[0]?.time).toBe("2026-11-24T11:01:18.000Z");
  });
});

describe("a key with serials", () => {
  it("shares none with another live key", async () => {
    const another = { scope: "ingest", box: "gate-2", tokenHash: hashToken("x"), serials: [serial] } as const;
    await expect(deps.reads.keyAdmin.create(another)).rejects.toThrow("another live key lists the serial");
    expect(await deps.keys.find(hashToken("x"))).toBeNull();
  });
});

describe("a keep-alive of Dahua", () => {
  it.each([
    ["GET", "/EventHttpUpload/keepalive", 200],
    ["GET", "/PictureHttpUpload/keepalive", 200],
    ["HEAD", "/PictureHttpUpload/keepalive/", 200],
    ["GET", "/keepalive", 200],
    ["POST", "/PictureHttpUpload/keepalive", 401],
    ["GET", "/PictureHttpUpload/keepalive/more", 401],
    ["GET", "/Other/keepalive", 401],
    ["GET", "/EventHttpUpload/other", 401],
    ["GET", "/", 401],
  ])("%s %s is answered %s", async (method, path, status) => {
    const answer = await send(deps, { method, path });
    expect(answer.status).toBe(status);
    expect(deps.refusals.recent).toHaveLength(status === 200 ? 0 : 1);
  });

  it("is a sign of its box if it has the key", async () => {
    const answer = await send(deps, { method: "GET", path: `/${token}/notification/keepalive`, query: "a=1" });
    expect(answer).toMatchObject({ status: 200, body: '{"result":true}' });
    expect(deps.notes.of("gate-1")?.kinds.heartbeat?.count).toBe(1);
  });

  it("never opens a door", async () => {
    const { body } = await send(deps, terminalRequest("dahua-01-upload-face-entry", token));
    expect(body).not.toContain("auth");
  });
});

describe("signs of life", () => {
  const heartbeat = { macAddress: "m", eventType: "heartBeat", dateTime: "2026-11-24T08:05:00+08:00" };

  it("are counted each, written once a minute, and kept nowhere", async () => {
    for (let sent = 0; sent < 5; sent++) await send(deps, { path: `/${token}/HikEvent`, body: heartbeat });
    expect(deps.notes.of("gate-1")?.kinds.heartbeat?.count).toBe(5);
    expect([...deps.boxStatuses.values()].map(({ kind, report }) => [kind, report])).toEqual([["heartbeat", {}]]);
    expect(deps.reasons()).toEqual([]);
  });
});

it("a failure of a picture ends the reading of a report", async () => {
  class Broken extends CutPictures {
    override find(): never {
      throw new Error("no picture");
    }
  }
  const sent = { read: { value: history({ reg_pic: "x" }), flags: [] }, cut: new Broken(), isOfBatch: false };
  const origin = { box: "gate-1", path: "/", headers: {}, receivedAt: deps.now, event: null };
  const masked = await withoutKeys({ ...sent, source: () => Buffer.alloc(0) });
  const reading = understand(masked, origin, {
    settings: deps.settings,
    zone: async () => null,
    mappings: async () => [],
  });
  await expect(reading).rejects.toThrow("no picture");
});
