import { gzipSync } from "node:zlib";
import { maskBytes, maskValue } from "@gatepost/core/masking";
import { replay } from "@gatepost/receive";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { send } from "../../support/http.ts";
import type { MemoryPorts } from "../../support/memory-ports.ts";
import { history } from "../../support/reports.ts";
import { serial } from "../../support/terminals.ts";
import { gateInShanghai, token } from "./terminals/gate.ts";

const secret = "S3cr3t-77";
const masked = async (text: string) => (await maskBytes(Buffer.from(text))).bytes.toString();

describe("a secret in a body", () => {
  it.each([
    ["JSON", `{"Password":"${secret}","a":1}`, `{"Password":"***","a":1}`],
    ["JSON with blanks and escapes", `{"pwd" : "a\\"${secret}\\\\","a":1}`, `{"pwd" : "***","a":1}`],
    ["JSON as a number", `{"pinCode":12345678,"a":1}`, `{"pinCode":"***","a":1}`],
    [
      "JSON in JSON",
      `{"x":"{\\"door_password\\":\\"${secret}\\",\\"a\\":1}"}`,
      `{"x":"{\\"door_password\\":\\"***\\",\\"a\\":1}"}`,
    ],
    ["JSON in JSON, as a number", `{"x":"{\\"pwd\\":12345678}"}`, `{"x":"{\\"pwd\\":\\"***\\"}"}`],
    [
      "JSON in JSON that is cut off",
      `{"x":"{\\"pwd\\":\\"${secret}","y":"<a pwd=\\"b"}`,
      `{"x":"{\\"pwd\\":\\"***","y":"<a pwd=\\"b"}`,
    ],
    [
      "JSON that is cut off by a line",
      `{"pwd":"${secret}\n{"pwd":"${secret}\r{"a":1}`,
      '{"pwd":"***\n{"pwd":"***\r{"a":1}',
    ],
    ["JSON that is cut off", `{"a":1,"passwd":"${secret}`, `{"a":1,"passwd":"***`],
    ["Python", `{'password': '${secret}', 'a': 1}`, `{'password': '***', 'a': 1}`],
    ["a form", `a=1&password=${secret}&b=2`, "a=1&password=***&b=2"],
    ["JSON in a form", `records=[{"keyboardPwd":"${secret}"}]`, 'records=[{"keyboardPwd":"***"}]'],
    ["a form with levels", `Data%5BPassword%5D=${secret}&Data[pwd]=${secret}`, "Data%5BPassword%5D=***&Data[pwd]=***"],
    [
      "a line of tabs",
      `user uid=1\tpassword=${secret}\tname=x\rUSER PIN=7\tPasswd=${secret}`,
      "user uid=1\tpassword=***\tname=x\rUSER PIN=7\tPasswd=***",
    ],
    ["XML", `<a><doorPassword>${secret}</doorPassword><b>1</b></a>`, "<a><doorPassword>***</doorPassword><b>1</b></a>"],
    [
      "XML with a prefix and CDATA",
      `<h:password x="1"><![CDATA[${secret}]]></h:password>`,
      '<h:password x="1"><![CDATA[***]]></h:password>',
    ],
    ["JSON whose value looks like a form", `{"pwd":"password=${secret}"}`, `{"pwd":"***"}`],
    ["an attribute", `<user password="${secret}" name="x"/>`, '<user password="***" name="x"/>'],
    ["an attribute with blanks and signs", `<user Password = 'P@ss&amp;"9' x="y"/>`, `<user Password = '***' x="y"/>`],
    ["an attribute in JSON", `{"x":"<user pwd=\\"a]'b\\" id=\\"7\\"/>"}`, `{"x":"<user pwd=\\"***\\" id=\\"7\\"/>"}`],
    [
      "XML with brackets",
      '<a><pwd>a]b</pwd><password a=">">c]]d</password></a>',
      '<a><pwd>***</pwd><password a=">">***</password></a>',
    ],
    ["CDATA with a bracket", "<pwd><![CDATA[a]b<c]]></pwd>", "<pwd><![CDATA[***]]></pwd>"],
    ["a form, with signs", "a=1&pwd=it's&4711&b=2", "a=1&pwd=***&b=2"],
    ["a list of names", "user=1,password=12,34;name=Bob; pwd=;x=1", "user=1,password=***;name=Bob; pwd=;x=1"],
    [
      "JSON in JSON, with a quote",
      `{"x":"{\\"password\\":\\"a\\\\\\"b\\\\\\\\\\",\\"c\\":1}"}`,
      `{"x":"{\\"password\\":\\"***\\",\\"c\\":1}"}`,
    ],
    [
      "a part of a form of two lines",
      `--b\r\nContent-Disposition: form-data; name*=UTF-8''password\r\n\r\none\r\n${secret}\r\n--b`,
      `--b\r\nContent-Disposition: form-data; name*=UTF-8''password\r\n\r\n***\r\n--b`,
    ],
    ["a long text", `{"pwd":"${"x".repeat(5000)}${secret}","a":1}`, '{"pwd":"***","a":1}'],
    [
      "a part of a form",
      `--b\r\nContent-Disposition: form-data; name="Data.Password"\r\nA: b\r\n\r\n${secret}\r\n--b`,
      `--b\r\nContent-Disposition: form-data; name="Data.Password"\r\nA: b\r\n\r\n***\r\n--b`,
    ],
  ])("is masked in %s", async (_, sent, kept) => {
    expect(await masked(sent)).toBe(kept);
    expect((await maskBytes(Buffer.from(kept))).count).toBe(0);
    expect(await masked(kept)).toBe(kept);
  });

  it.each([
    ['{"Password":"","pwd":null,"a":"password"}'],
    ["USER PIN=42\tpassword=\tname=x"],
    ['{"PIN":"42","Code":"AccessControl","pin":7}'],
    ["<password></password><passwordless>1</passwordless>"],
    ['{"passwordChangedAt":"2026","keypwds":"x"}'],
    ['{"snap":"http://c/x?user=a&password=","who":"E1","list":["x?pwd=",5,"b"],"last":"? pwd=" , " a" : 1}'],
    ["{'snap': 'http://c/x?user=a&pwd=', 'who': 'E1', 'x': 'pwd=', 'y': [' 1 ']}"],
    ['<a href="http://c/?pwd=" title=" a"/><Password /><time>2026</time><Password>\n</Password>'],
  ])("is none of %s", async (text) => {
    expect(await masked(text)).toBe(text);
  });

  it("leaves JSON that can be parsed, whatever its texts are", async () => {
    const piece = fc.constantFrom(..."&;,'\"\\= \n<>]}:1x", "pwd", "password=", '"pwd":"', "<Password>", "\\");
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(""));
    const inner = fc.dictionary(text, fc.oneof(text, fc.integer(), fc.array(text, { maxLength: 3 })), { maxKeys: 4 });
    const value = fc.oneof(
      inner,
      inner.map((one) => ({ raw: JSON.stringify(one), x: " b" })),
    );
    await fc.assert(
      fc.asyncProperty(value, async (one) => {
        const kept = JSON.parse(await masked(JSON.stringify(one)));
        expect(Object.keys(kept).length).toBeLessThanOrEqual(Object.keys(one).length);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([64 * 1024 - 6, 64 * 1024 - 20, 60 * 1024, 60 * 1024 - 12, 124 * 1024 - 12])(
    "is masked across the turns at %s",
    async (at) => {
      const text = `${"x,".repeat(at / 2)}"password":"${secret}","a":"${"y,".repeat(200_000)}"`;
      const { bytes, count } = await maskBytes(Buffer.from(text));
      expect([bytes.toString() === text.replace(secret, "***"), count]).toEqual([true, 1]);
    },
  );

  it.each([20_000, 300_000])(
    "is looked for in the first 16 KB of a text of %i characters of a value",
    async (length) => {
      const text = (pwd: string) => `{"password":"${pwd}"} ${"x ".repeat(length / 2)}`;
      expect(await maskValue([text(secret)])).toMatchObject({ value: [text("***")], count: 1 });
    },
  );

  it("is masked in a value, in lists, objects and texts, whatever it is", async () => {
    const value = {
      list: [{ Password: secret, PIN: "42" }],
      pwd: { code: secret },
      "@password": 7,
      pin_code: [secret],
      text: `password=${secret}`,
      passwd: "",
      passcode: null,
    };
    expect(await maskValue(value)).toMatchObject({
      count: 5,
      value: {
        list: [{ Password: "***", PIN: "42" }],
        pwd: "***",
        "@password": "***",
        pin_code: "***",
        text: "password=***",
        passwd: "",
        passcode: null,
      },
    });
  });
});

describe("a report with a secret", () => {
  let deps: MemoryPorts;
  beforeEach(async () => {
    deps = await gateInShanghai();
  });
  const deliver = (body: string | Buffer | object, headers = {}, path = `/${token}/any`) =>
    send(deps, {
      path,
      headers,
      body: typeof body === "object" && !Buffer.isBuffer(body) ? JSON.stringify(body) : body,
    });
  const opening = (changes: object = {}) => ({
    Action: "Pulse",
    Code: "AccessControl",
    PhysicalAddress: "a0:bd",
    Data: { UserID: "21", Password: secret, Method: 0, UTC: 1795478478, Status: 1, ...changes },
  });
  const hikvision = `<EventNotificationAlert><macAddress>00:11</macAddress><dateTime>2026-11-24T08:01:18+08:00</dateTime>
<eventType>AccessControllerEvent</eventType><AccessControllerEvent><subEventType>75</subEventType>
<employeeNoString>42</employeeNoString><password>${secret}</password></AccessControllerEvent></EventNotificationAlert>`;
  const uniview = {
    Seq: 1,
    DeviceCode: "2",
    LibMatInfoList: [{ MatchStatus: 1, MatchPersonInfo: { PersonCode: "7", Pwd: secret } }],
  };

  it.each<[string, string | object]>([
    ["Dahua", opening()],
    ["Dahua, in a list", { Events: [opening()] }],
    ["Dahua, wrapped in a text", { body: JSON.stringify(opening()) }],
    ["Hikvision in XML", hikvision],
    ["Uniview", uniview],
    ["a box", history({ password: secret, extData: JSON.stringify({ pwd: secret }) })],
  ])("of %s has none in its event", async (_, body) => {
    await deliver(body);
    expect(deps.events()).toHaveLength(1);
    expect(JSON.stringify(deps.events()[0]?.extra)).not.toMatch(/"(?:Password|password|pwd|Pwd)":/);
    expect(deps.everything()).not.toContain(secret);
    expect(deps.reasons()).toEqual([]);
  });

  it.each<[string, string | Buffer | object, object]>([
    ["of an unknown shape", { method2: 1, login: { userPwd: secret } }, {}],
    ["with an escaped name", '{"a":1,"\\u0070wd":"S3cr3t-77"}', {}],
    ["that is packed", gzipSync(`{"a":1,"pwd":"${secret}"`), { "content-encoding": "gzip" }],
    ["in UTF-16", Buffer.from(`\ufeff{"a":1,"pwd":"${secret}"`, "utf16le"), {}],
    ["in a form", `a=1&b.password=${secret}`, { "content-type": "application/x-www-form-urlencoded" }],
    ["in XML of another kind", `<a><b><password>${secret}</password></b></a>`, {}],
    [
      "with a key that is twice there",
      JSON.stringify({ ...opening(), x: [1, 2, 3] }).replace('"x":', '"x":{"a":[1]},"x":'),
      {},
    ],
  ])("%s is kept without it, and again when it is replayed", async (_, body, headers) => {
    await deliver(body, headers);
    expect(deps.reasons()).toHaveLength(1);
    const kept = Buffer.from(deps.lastRecord.body).toString();
    expect([kept.includes("***"), deps.everything().includes(secret)]).toEqual([true, false]);
    await replay(deps.lastRecord, deps);
    expect([deps.records.size, Buffer.from(deps.lastRecord.body).toString()]).toEqual([1, kept]);
  });

  it("and a large picture is kept as it was sent, but for the secret", async () => {
    const body = (pwd: string) => ` { "other": { "userPwd": "${pwd}" }, "face": "/9j/${"A".repeat(8192)}" }`;
    await deliver(body(secret));
    expect(Buffer.from(deps.lastRecord.body).toString()).toBe(body("***"));
    await replay(deps.lastRecord, deps);
    expect(Buffer.from(deps.lastRecord.body).toString()).toBe(body("***"));
    expect(deps.records.size).toBe(1);
  });

  it("of a stranger is the same event live and replayed", async () => {
    const [first, again] = [secret, "***"].map((Password) => opening({ UserID: "", Method: 15, Password }));
    await deliver(first ?? {});
    await deliver(again ?? {});
    expect(deps.events()).toHaveLength(1);
  });

  it("in a line of an unknown table of ZKTeco is kept without it", async () => {
    const query = `SN=${serial}&table=RemoteAtt`;
    await send(deps, { path: "/iclock/cdata", query, body: `PIN=88\tPasswd=${secret}\nno names, password=${secret}` });
    expect(deps.reasons()).toEqual(["unknown-shape", "unknown-shape"]);
    expect(deps.everything()).toContain('"88"');
    expect(deps.everything()).not.toContain(secret);
  });
});
