import type { JsonObject } from "@gatepost/protocol";
import { countLines, notTaken, piecesOfTable, readTable, requested, taken } from "@gatepost/protocol/terminals";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { jpeg, sha256 } from "../../../support/pictures.ts";
import { arrival } from "../../../support/reports.ts";
import { meaningsOf, passingOf, readTerminal, signsIn } from "../../../support/terminal-values.ts";

const serial = "SN1";
const bytesOf = (text: string | Buffer) => (Buffer.isBuffer(text) ? text : Buffer.from(text));
const readOf = (table: string, text: string | Buffer, tableName = "-") =>
  readTable(bytesOf(text), { table, tableName, serial });
function valuesOf(table: string, text: string | Buffer, tableName?: string): JsonObject[] {
  const read = readOf(table, text, tableName);
  return "unreadable" in read ? [] : read;
}
const line = (table: string, text: string): JsonObject => valuesOf(table, text)[0] ?? {};
const attlog = (text: string) => passingOf(line("ATTLOG", text));
const rtlog = (text: string) => passingOf(line("rtlog", text));
const photo = (head: string) => Buffer.concat([Buffer.from(`${head}\0`), jpeg("zk")]);

describe("a line of ATTLOG", () => {
  it.each([
    ["0", "in"],
    ["1", "out"],
    ["2", "out"],
    ["3", "in"],
    ["4", "in"],
    ["5", "out"],
    ["255", undefined],
  ])("one with the status %s goes %s", (status, direction) => {
    expect(attlog(`42\t2026-11-24 08:01:18\t${status}\t15`).report.device?.direction).toBe(direction);
  });

  it.each([
    ["15", "face"],
    ["1", "fingerprint"],
    ["0", "password"],
    ["2", "card"],
    ["4", "card"],
    ["3", "password"],
    ["99", undefined],
  ])("one with the verification %s is by %s", (verify, method) => {
    expect(attlog(`42\t2026-11-24 08:01:18\t0\t${verify}`).report.method).toBe(method);
  });

  it("has mask and temperature, and none that cannot be", () => {
    const report = (mask: string, degrees: string) =>
      attlog(`42\t2026-11-24 08:01:18\t0\t15\t0\t0\t0\t${mask}\t${degrees}`);
    expect(report("1", "36.6").report.attributes).toEqual({ mask: "yes", temperature: 36.6 });
    expect(report("9", "255").report.attributes).toBeUndefined();
  });

  it("may be of a terminal without a serial", () => {
    const value = { iclock: "ATTLOG", pin: "42", time: "2026-11-24 08:01:18" };
    expect(passingOf(value).report.device).toEqual({ type: "access-control" });
  });

  it("may name its members", () => {
    const { report } = attlog(
      "time=2026-11-24 08:01:18\tpin=0042\tinoutstatus=1\tverifytype=15\tcardno=77\tmaskflag=1\t=x\tx",
    );
    expect(report.attributes).toEqual({ mask: "yes" });
    expect(report).toMatchObject({ person: { id: "0042" }, device: { direction: "out" }, method: "face", card: "77" });
  });

  it("is another event by another status, and keeps its name", () => {
    const [first, second] = ["0", "1"].map((status) => attlog(`42\t2026-11-24 08:01:18\t${status}\t15`));
    expect(second?.eventId).toBe(first?.eventId);
    expect(second?.fingerprint).not.toBe(first?.fingerprint);
  });

  it("has the same identity in each zone, also on a clock that was never set", () => {
    const value = line("ATTLOG", "42\t2000-01-01 00:00:07\t0\t15");
    const idIn = (zone: string | null) => {
      const read = readTerminal(value, { ...arrival, zone });
      return "passing" in read ? read.passing.eventId : null;
    };
    expect(idIn("Asia/Shanghai")).toBe(idIn(null));
  });

  it("ends its texts before the rest of a buffer", () => {
    expect(attlog("42\t2026-11-24 08:01:18\t0\t15\0\0").report.method).toBe("face");
  });

  it.each(["no line", "42\tyesterday\t0\t15", "\t\t"])("%s without a time is kept as it is", (text) => {
    expect(signsIn(line("ATTLOG", `${text}.`))).toEqual(["unknown-shape"]);
  });
});

describe("a line of rtlog", () => {
  const at = "time=2026-11-24 08:01:18";

  it.each([
    [`${at}\tpin=42\tcardno=0\tevent=0\tinoutstatus=0\tverifytype=15`, "granted", undefined],
    [`${at}\tpin=42\tcardno=9\tevent=23`, "denied", "no permission"],
    [`${at}\tpin=42\tevent=77`, undefined, undefined],
    [`${at}\tpin=0\tevent=4\tverifytype=3`, "granted", undefined],
    [`${at}\tpin=42\tevent=101`, "granted", undefined],
  ])("%s is %s", (text, result, reason) => {
    expect([rtlog(text).report.result, rtlog(text).report.reason]).toEqual([result, reason]);
  });

  it.each([
    ["0", "in"],
    ["1", "out"],
    ["2", undefined],
    ["255", undefined],
  ])("one with the in-out status %s goes %s", (inoutstatus, direction) => {
    expect(rtlog(`${at}\tpin=42\tevent=0\tinoutstatus=${inoutstatus}`).report.device?.direction).toBe(direction);
  });

  it.each([
    ["pin=0\tcardno=77\tevent=0\tverifytype=4", "unknown"],
    ["pin=0\tcardno=0\tevent=0\tverifytype=1", "unknown"],
    ["pin=0\tcardno=0\tevent=0\tverifytype=15", "stranger"],
  ])("%s, of a person without a number, is of the type %s", (members, type) => {
    expect(rtlog(`${at}\t${members}`).report.person).toEqual({ type });
  });

  it("names a stranger for an unknown card", () => {
    const { report } = rtlog(`${at}\tpin=0\tcardno=77\tevent=27`);
    expect(report).toMatchObject({ person: { type: "stranger" }, card: "77", result: "denied" });
    expect(rtlog(`${at}\tpin=0\tevent=27`).eventId).not.toBe(rtlog(`${at}\tpin=0\tcardno=77\tevent=27`).eventId);
  });

  it("joins the photo of a stranger without a card", () => {
    const { eventId } = rtlog(`${at}\tpin=0\tcardno=0\tevent=27\tindex=5`);
    expect(passingOf(valuesOf("ATTPHOTO", photo("PIN=20261124080118.jpg"))[0] ?? {}).eventId).toBe(eventId);
  });

  it("tells two strangers of one second apart by its index", () => {
    const [first, again, second] = [5, 5, 6].map((index) => rtlog(`${at}\tpin=0\tevent=27\tindex=${index}`));
    expect(again?.fingerprint).toBe(first?.fingerprint);
    expect(second?.fingerprint).not.toBe(first?.fingerprint);
  });

  it("about a door alone is a sign of life", () => {
    expect(signsIn(line("rtlog", `${at}\tpin=0\tcardno=0\tevent=200`))).toEqual(["door"]);
  });
});

describe("a photo", () => {
  it("joins the record of its person and time", () => {
    const { eventId, report } = attlog("0042\t2026-11-24 08:01:18\t0\t15");
    const pictured = passingOf(
      valuesOf("ATTPHOTO", photo("PIN=20261124080118-0042.jpg\nSN=SN1\nCMD=uploadphoto"))[0] ?? {},
    );
    expect(pictured.eventId).toBe(eventId);
    expect([report.kind, pictured.report.kind]).toEqual(["history", "realtime"]);
    expect(pictured.report.pictures?.face?.sha256).toBe(sha256(jpeg("zk")));
  });

  it("is denied if it shows a person who was not recognised", () => {
    const [value = {}] = valuesOf("-", photo("PIN=20261124080118.jpg\nCMD=realupload"));
    expect(passingOf(value).report).toMatchObject({ result: "denied", person: { type: "stranger" } });
  });

  const head = "PIN=20261124080118-0042.jpg\nsize=1\nCMD=uploadphoto";
  const text = jpeg("zk").toString("base64");

  it.each([
    ["in base64", Buffer.from(`${head}\0${text}`)],
    ["in base64 behind a line", Buffer.from(`${head}\r\n${text}\r\n`)],
    ["behind a line", Buffer.concat([Buffer.from(`${head}\n`), jpeg("zk")])],
    ["behind several NULs", Buffer.concat([Buffer.from(`${head}\0\0\0`), jpeg("zk")])],
  ])("may have its picture %s", (_, body) => {
    const { report } = passingOf(valuesOf("-", body)[0] ?? {});
    expect(report).toMatchObject({ method: "face", pictures: { face: { sha256: sha256(jpeg("zk")) } } });
  });

  it.each([
    ["a name of another form", "PIN=me.jpg\nCMD=uploadphoto"],
    ["a name that is far too long", `PIN=20261124080118-${"4".repeat(3000)}.jpg\nCMD=uploadphoto`],
    ["no end of its lines", "PIN=20261124080118-0042.jpg\nCMD=uploadphoto\n".padEnd(9000, "x")],
    ["no lines", ""],
    ["blanks between its members", "PIN=20261124080118-0042.jpg SN=SN1 CMD=uploadphoto"],
  ])("one with %s is none", (_, lines) => {
    expect(readOf("ATTPHOTO", photo(lines))).toEqual({ unreadable: "unknown-shape" });
  });

  it("without its picture is none", () => {
    expect(signsIn({ iclock: "ATTPHOTO", SN: "1", time: "2026-11-24 08:01:18" })).toEqual(["unknown-shape"]);
  });
});

describe("another body of ZKTeco", () => {
  it.each([
    ["OPERLOG", "OPLOG 4\t0\t2026-11-24 08:01:18", "other-sign"],
    ["OPERLOG", "FP PIN=42\tTMP=AAAA", "user-change"],
    ["OPERLOG", "BIODATA Pin=42\tTmp=AAAA", "user-change"],
    ["OPERLOG", "-", "other-sign"],
    ["rtstate", "time=2026-11-24 08:01:18\tsensor=01", "door"],
    ["options", "", "heartbeat"],
    ["tabledata", "x", "other-sign"],
    ["ATTLOG", "\n \r\n", "heartbeat"],
  ])("%s “%s” is %s, and nothing of it is kept", (table, text, sign) => {
    const values = valuesOf(table, text);
    expect(values.flatMap(signsIn)).toEqual([sign]);
    expect(JSON.stringify(values)).not.toMatch(/AAAA|Name|42/);
  });

  it.each([
    ["UTF-8", Buffer.from("Zoë")],
    ["GB 2312", Buffer.from([0xcd, 0xf5, 0xb7, 0xbc])],
  ])("gives a user's number and name in %s, and neither password nor card", (_, name) => {
    const line = [Buffer.from("USER PIN=0042\tName="), name, Buffer.from("\tPri=0\tPasswd=1234\tCard=5678\r\n")];
    const values = valuesOf("OPERLOG", Buffer.concat(line));
    expect(values).toEqual([{ iclock: "USER", SN: serial, pin: "0042", name: expect.stringMatching(/^(Zoë|王芳)$/) }]);
    expect(meaningsOf(values[0] ?? {})).toEqual([
      {
        boxStatus: { kind: "user-change", report: {} },
        enrolled: { terminal: serial, person: "0042", name: values[0]?.["name"] },
      },
    ]);
  });

  it.each(["USER PIN=42\tName=", "USER PIN=0\tName=x", "USER Name=x", "FP PIN=42\tName=x"])(
    "%s names no one",
    (line) => {
      expect(valuesOf("OPERLOG", line).flatMap((value) => meaningsOf(value))).toEqual([
        { boxStatus: { kind: "user-change", report: {} } },
      ]);
    },
  );

  it("has at most 10,000 lines, and may be cut into pieces of so many", () => {
    expect(valuesOf("ATTLOG", "x\n".repeat(10_000))).toHaveLength(10_000);
    const long = Buffer.from(` \n${"x\n".repeat(20_001)}`);
    expect(readOf("ATTLOG", long)).toEqual({ unreadable: "too-many-reports" });
    const pieces = [...piecesOfTable(long)];
    expect(pieces.map(({ reports }) => reports)).toEqual([10_000, 10_000, 1]);
    expect(pieces.map(({ body }) => valuesOf("ATTLOG", body).length)).toEqual([10_000, 10_000, 1]);
    expect([...piecesOfTable(Buffer.from("\n"))]).toEqual([]);
  });

  it("has its blank lines skipped without decoding them", () => {
    const decoding = vi.spyOn(TextDecoder.prototype, "decode");
    onTestFinished(() => decoding.mockRestore());
    const values = valuesOf("ATTLOG", `${" \r\n\t\n".repeat(20_000)}\t2026-11-24 08:01:18\t0\t15\n\n`);
    expect(values).toEqual([{ iclock: "ATTLOG", SN: serial, time: "2026-11-24 08:01:18", status: "0", verify: "15" }]);
    expect(decoding).toHaveBeenCalledTimes(1);
  });

  it.each([
    ["no lines", "", 0],
    ["blank lines, and the rest of a buffer", "\n \r\n\n\0\0\n", 0],
    ["two lines between blank ones", "\nx\0\n\n\ty", 2],
    ["10,000 lines of blanks that are not ASCII", "\u3000\n".repeat(10_000), 10_000],
    ["more than are read at once", "x\n".repeat(100_000), 100_000],
  ])("has its lines counted: %s", (_, text, lines) => {
    expect(countLines(Buffer.from(text))).toBe(lines);
  });

  it.each([
    [
      "TABLEDATA",
      "user uid=1\tpin=0042\tpassword=AAAA\tcardno=7\tname=Li",
      { iclock: "USER", pin: "0042", name: "Li" },
    ],
    ["OPERLOG", "USER PIN=4\u00072\tName=Li", { iclock: "USER", pin: "4\u00072", name: "Li" }],
    [
      "TABLEDATA",
      "transaction pin=0042\ttime=2026-11-24 08:01:18",
      { iclock: "RTLOG", pin: "0042", time: "2026-11-24 08:01:18" },
    ],
    ["TABLEDATA", "biophoto pin=42\tcontent=AAAA", { iclock: "BIOPHOTO" }],
    ["OPERLOG", "USERPIC PIN=42\tContent=AAAA", { iclock: "USERPIC" }],
    ["BIOPHOTO", "PIN=42.jpg CMD=uploadphoto\0AAAA", { iclock: "BIOPHOTO" }],
  ])("%s “%s” is read by its first word", (table, text, value) => {
    expect(valuesOf(table, text)).toEqual([{ ...value, SN: serial }]);
  });

  it.each<[string, string, JsonObject]>([
    ["user", "user uid=1\tpin=0042\tpassword=AAAA\tname=Li", { iclock: "USER", pin: "0042", name: "Li" }],
    ["user", "pin=0042\tname=Li", { iclock: "USER", pin: "0042", name: "Li" }],
    ["USER", "userid=1\tpin=0042\tname=Li", { iclock: "USER", pin: "0042", name: "Li" }],
    ["errorlog", "errcode=5\terrmsg=x", { iclock: "ERRORLOG" }],
    ["transaction", "pin=7\ttime=2026-11-24 08:01:18", { iclock: "RTLOG", pin: "7", time: "2026-11-24 08:01:18" }],
    ["templatev10", "templatev10 pin=1\ttemplate=AAAA", { iclock: "TEMPLATEV10" }],
  ])("the table %s among several has “%s”, also without its word", (tableName, text, value) => {
    expect(valuesOf("tabledata", text, tableName)).toEqual([{ ...value, SN: serial }]);
  });

  it.each<[string, string, JsonObject]>([
    ["RemoteAtt", "PIN=88\tTime=2026-11-30 10:00:01\tX=1", { pin: "88", time: "2026-11-30 10:00:01", x: "1" }],
    ["RemoteAtt", "88\tPIN=1", { line: "88\tPIN=1" }],
    ["OPERLOG", "GUEST PIN=9", { iclock: "GUEST", pin: "9" }],
    ["-", "x", { iclock: "-", line: "x" }],
    ["RemoteAtt", `PIN=88\tTmp=AAAA\tPhoto=${"B".repeat(513)}`, { pin: "88" }],
  ])("%s “%s” is of an unknown table, and is kept without templates", (table, text, value) => {
    const values = valuesOf(table, text);
    expect(values).toEqual([{ iclock: table.toUpperCase(), ...value, SN: serial }]);
    expect(values.flatMap(signsIn)).toEqual(["unknown-shape"]);
  });

  it("may have CR alone, LF or both between its lines, and blank ones", () => {
    const passing = (second: number) => `42\t2026-11-24 08:01:0${second}\t0\t15`;
    const body = [passing(1), "\r", passing(2), "\r\r\n\n", passing(3), "\n", passing(4), "\r"].join("");
    const times = valuesOf("ATTLOG", body).map(({ time }) => String(time).slice(-1));
    expect([times, countLines(Buffer.from(body))]).toEqual([["1", "2", "3", "4"], 4]);
    expect([...piecesOfTable(Buffer.from(body), 0, 3)].map(({ reports }) => reports)).toEqual([3, 1]);
  });

  it("takes neither its table nor its serial from a line", () => {
    const at = "time=2026-11-24 08:01:18\tpin=42";
    expect(line("rtlog", `${at}\ticlock=USER\tSN=x`)).toMatchObject({ iclock: "RTLOG", SN: serial, pin: "42" });
  });

  it("names no serial if the terminal sends none", () => {
    expect(readTable(bytesOf("x"), { table: "rtstate", tableName: "-", serial: "-" })).toEqual([{ iclock: "RTSTATE" }]);
  });
});

describe("an answer to ZKTeco", () => {
  const now = Date.parse("2026-11-30T10:00:01.500Z");
  const asking = { serial, type: "att", now, zone: 480, isRegistered: false };
  const asked = (action: string, changes: Partial<typeof asking> = {}) =>
    requested(action, { ...asking, ...changes }).body.split("\n");

  it.each([
    ["ATTLOG", "OK: 3"],
    ["operlog", "OK: 3"],
    ["rtlog", "OK"],
    ["ATTPHOTO", "OK"],
  ])("to %s is %s", (table, body) => {
    expect(taken({ table, tableName: "-", count: "-" }, Buffer.from("a\nb\r\n\nc"))).toEqual({
      contentType: "text/plain",
      body,
    });
  });

  it.each([
    ["user", "1", "user=1"],
    ["user", "3", "user=3"],
    ["biodata", "-", "biodata=2"],
    ["errorlog", "many", "errorlog=2"],
  ])("to the table %s among several, of which %s were announced, is %s", (tableName, count, body) => {
    expect(taken({ table: "tabledata", tableName, count }, Buffer.from("a\r\nb"))).toMatchObject({ body });
  });

  it.each([
    [480, "+0800"],
    [330, "+0530"],
    [-210, "-0330"],
    [0, "+0000"],
  ])("to the question for the time has, %s minutes ahead, the zone %s", (zone, ServerTZ) => {
    const seconds = ((26 * 12 + 10) * 31 + 29) * 86_400 + 36_001;
    expect(asked("rtdata", { type: "time", zone })).toEqual([`DateTime=${seconds},ServerTZ=${ServerTZ}`]);
  });

  it("to the question for the time is OK if no zone is known", () => {
    expect(requested("rtdata", { ...asking, type: "time", zone: null }).body).toBe("OK");
    expect(asked("rtdata")).toEqual(["OK"]);
  });

  it.each([
    [480, "TimeZone=8"],
    [330, "TimeZone=330"],
    [-210, "TimeZone=-210"],
    [-180, "TimeZone=-3"],
  ])("has a zone of %s minutes as %s", (zone, option) => {
    expect(asked("cdata", { zone })).toContain(option);
  });

  it("leaves out a zone that is not known", () => {
    expect(requested("cdata", { ...asking, zone: null }).body).not.toContain("TimeZone");
  });

  it("has the options of a terminal at a door once it has registered", () => {
    const door = { type: "acc" };
    expect(asked("cdata", door)).toEqual(["OK"]);
    expect(asked("registry", door)).toEqual(["RegistryCode=SN1", ""]);
    const pushed = asked("push", door);
    expect(pushed).toEqual(
      expect.arrayContaining(["ServerVersion=3.1.2", "RequestDelay=10", "TransTables=User Transaction"]),
    );
    expect(pushed).toEqual(expect.arrayContaining(["SessionID=SN1", "TimeZone=8"]));
    expect(asked("cdata", { ...door, isRegistered: true })).toEqual(["registry=ok", "RegistryCode=SN1", ...pushed]);
  });

  it.each(["getrequest", "ping", "devicecmd", "-"])("to %s is OK", (action) => {
    expect(asked(action)).toEqual(["OK"]);
  });

  it("has no OK if the records are not durable", () => {
    expect(notTaken.body).not.toMatch(/ok/i);
  });
});
