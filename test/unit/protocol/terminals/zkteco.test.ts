import { countLines, interpret, type JsonObject, notTaken, readTable, requested, taken } from "@gatepost/protocol";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { jpeg, sha256 } from "../../../support/pictures.ts";
import { arrival } from "../../../support/reports.ts";
import { meaningsOf, passingOf, signsIn } from "../../../support/terminal-values.ts";

const serial = "SN1";
const valuesOf = (table: string, text: string | Buffer) =>
  readTable(Buffer.isBuffer(text) ? text : Buffer.from(text), { table, serial }) ?? [];
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
    const { report } = attlog("time=2026-11-24 08:01:18\tpin=0042\tinoutstatus=1\tverifytype=15\tcardno=77\t=x\tx");
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
      const read = interpret(value, { ...arrival, zone });
      return "passing" in read ? read.passing.eventId : null;
    };
    expect(idIn("Asia/Shanghai")).toBe(idIn(null));
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
  ])("%s is %s", (text, result, reason) => {
    expect([rtlog(text).report.result, rtlog(text).report.reason]).toEqual([result, reason]);
  });

  it("names a stranger for an unknown card", () => {
    const { report } = rtlog(`${at}\tpin=0\tcardno=77\tevent=27`);
    expect(report).toMatchObject({ person: { type: "stranger" }, card: "77", result: "denied" });
    expect(rtlog(`${at}\tpin=0\tevent=27`).eventId).not.toBe(rtlog(`${at}\tpin=0\tcardno=77\tevent=27`).eventId);
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

  it.each([
    ["a name of another form", "PIN=me.jpg\nCMD=uploadphoto"],
    ["no end of its lines", "PIN=20261124080118-0042.jpg\nCMD=uploadphoto\n".padEnd(9000, "x")],
  ])("one with %s is kept nowhere", (_, head) => {
    expect(new Set(valuesOf("ATTPHOTO", photo(head)).flatMap(signsIn))).not.toContain("passing");
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
    const values = readTable(Buffer.concat(line), { table: "OPERLOG", serial }) ?? [];
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

  it("has at most 10,000 lines", () => {
    expect(valuesOf("ATTLOG", "x\n".repeat(10_000))).toHaveLength(10_000);
    expect(readTable(Buffer.from("x\n".repeat(10_001)), { table: "ATTLOG", serial })).toBeNull();
  });

  it("has its blank lines skipped without decoding them", () => {
    const decoding = vi.spyOn(TextDecoder.prototype, "decode");
    onTestFinished(() => decoding.mockRestore());
    const values = valuesOf("ATTLOG", `${" \r\n\t\n".repeat(20_000)}\t2026-11-24 08:01:18\t0\t15\n\n`);
    expect(values).toEqual([{ iclock: "ATTLOG", SN: serial, time: "2026-11-24 08:01:18", status: "0", verify: "15" }]);
    expect(decoding).toHaveBeenCalledTimes(1);
  });

  it("has at most 10,000 lines of blanks that are not ASCII", () => {
    expect(valuesOf("ATTLOG", "\u3000\n".repeat(10_000))).toEqual([{ iclock: "OPTIONS", SN: serial }]);
    expect(readTable(Buffer.from("\u3000\n".repeat(10_001)), { table: "ATTLOG", serial })).toBeNull();
  });

  it.each([
    ["no lines", "", 1],
    ["blank lines", "\n \r\n\n", 1],
    ["two lines between blank ones", "\nx\n\n\ty", 2],
    ["10,000 lines", "x\n".repeat(10_000), 10_000],
    ["too many lines", "x\n".repeat(10_001), 0],
  ])("has as many lines counted as values are made: %s", (_, text, lines) => {
    expect(countLines(Buffer.from(text))).toBe(lines);
    expect(readTable(Buffer.from(text), { table: "ATTLOG", serial })?.length ?? 0).toBe(lines);
  });
});

describe("an answer to ZKTeco", () => {
  const asking = { serial, type: "att", zone: 480 };

  it.each([
    ["ATTLOG", "OK: 3"],
    ["operlog", "OK: 3"],
    ["rtlog", "OK"],
    ["ATTPHOTO", "OK"],
  ])("to %s is %s", (table, body) => {
    expect(taken(table, 3)).toEqual({ contentType: "text/plain", body });
  });

  it.each([
    [480, "TimeZone=8"],
    [330, "TimeZone=330"],
    [-180, "TimeZone=-3"],
  ])("has a zone of %s minutes as %s", (zone, option) => {
    expect(requested("cdata", { ...asking, zone }).body.split("\n")).toContain(option);
  });

  it("leaves out a zone that is not known", () => {
    expect(requested("cdata", { ...asking, zone: null }).body).not.toContain("TimeZone");
  });

  it("registers a terminal at a door at once", () => {
    expect(requested("cdata", { ...asking, type: "acc" }).body).toMatch(/^registry=ok\nRegistryCode=SN1\n/);
    expect(requested("registry", asking).body).toBe("RegistryCode=SN1\n");
    expect(requested("push", asking).body).toContain("TransFlag=");
  });

  it.each(["getrequest", "ping", "devicecmd", "-"])("to %s is OK", (action) => {
    expect(requested(action, asking).body).toBe("OK");
  });

  it("has no OK if the records are not durable", () => {
    expect(notTaken.body).not.toMatch(/ok/i);
  });
});
