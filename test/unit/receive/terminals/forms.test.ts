import { replay } from "@gatepost/receive";
import { beforeEach, describe, expect, it } from "vitest";
import { send } from "../../../support/http.ts";
import { MemoryPorts } from "../../../support/memory-ports.ts";
import { jpeg } from "../../../support/pictures.ts";

let deps: MemoryPorts;
let token: string;
beforeEach(() => {
  deps = new MemoryPorts();
  deps.now = Date.parse("2026-11-24T08:02:00+08:00");
  token = deps.addKey();
});

const access = { majorEventType: 5, subEventType: 75, serialNo: 7, employeeNoString: "42" };
const event = {
  macAddress: "00:11",
  eventType: "AccessControllerEvent",
  dateTime: "2026-11-24T08:01:18+08:00",
  AccessControllerEvent: access,
};
const xml = (inner: string, head = '<?xml version="1.0" encoding="UTF-8"?>') => `${head}
<EventNotificationAlert version="2.0" xmlns="http://www.isapi.org/ver20/XMLSchema"><macAddress>00:11</macAddress>
<dateTime>2026-11-24T08:01:18+08:00</dateTime><eventType>AccessControllerEvent</eventType>${inner}
</EventNotificationAlert>`;
const ofCard = (name: string) =>
  xml(
    `<AccessControllerEvent><subEventType>1</subEventType><name>${name}</name><empty/><cardNo>007</cardNo></AccessControllerEvent>`,
  );

type Part = readonly [headers: string, content: string | Buffer];

const disposition = (name: string) => `Content-Disposition: form-data; name="${name}"`;

function form(...parts: Part[]): Buffer {
  const pieces = parts.flatMap(([headers, content]) => [
    Buffer.from(`--MIME_boundary\r\n${headers}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...pieces, Buffer.from("--MIME_boundary--\r\n")]);
}

async function deliver(body: string | Buffer, contentType = "multipart/form-data; boundary=MIME_boundary") {
  await send(deps, { path: `/${token}/HikEvent`, headers: { "content-type": contentType }, body });
  return deps
    .events()
    .map(({ person, card, pictures }) => [person.name ?? person.id, card, Object.keys(pictures).sort()]);
}

const json = JSON.stringify(event);
const part = (name: string, content: string | Buffer, file?: string): Part => [
  disposition(name) + (file === undefined ? "" : `; filename="${file}"`),
  content,
];
const log = part("event_log", json);

describe("a form of a terminal", () => {
  it.each<[string, Part[], string[]]>([
    ["a part of any name", [part("AccessControllerEvent", json)], []],
    ["a part without a name", [["Content-Type: text/plain", json]], []],
    ["a part with a file name", [part("event_log", json, "a.json")], []],
    ["a picture", [log, part("Picture", jpeg("a"))], ["face"]],
    ["a picture before the report", [part("Picture", jpeg("a")), log], ["face"]],
    ["a byte order mark before a report without a name", [["Content-Type: text/plain", `\ufeff\r\n${json}`]], []],
    [
      "names without quotes",
      [
        ["Content-Disposition: form-data; name=event_log\r\nContent-Type: application/json", json],
        ["Content-Disposition: form-data; name=backgroundImage\r\nContent-Type: image/jpeg", jpeg("b")],
      ],
      ["scene"],
    ],
    [
      "pictures of one name, and their kinds in the names of their files",
      [log, ...["background", "face", "library"].map((kind) => part("Picture", jpeg(kind), `${kind}.jpg`))],
      ["face", "registered", "scene"],
    ],
    ["two pictures without names", [json, jpeg("a"), jpeg("b")].map((content) => ["A: 1", content]), ["face", "scene"]],
    [
      "pictures of each kind, and an empty note",
      [log, ...["background", "library", "face"].map((kind) => part(`${kind}Image`, jpeg(kind))), part("note", " ")],
      ["face", "registered", "scene"],
    ],
  ])("is one event if it has %s", async (_, parts, pictures) => {
    expect(await deliver(form(...parts))).toEqual([["42", null, pictures]]);
    expect(deps.reasons()).toEqual([]);
  });

  it("may have its report behind eight parts that may be one", async () => {
    const other = (index: number): Part => [disposition(`a${index}`), '{"eventType":"none"}'];
    const report: Part = [disposition("e"), json];
    const others = Array.from({ length: 8 }, (_, index) => other(index));
    expect(await deliver(form(...others.slice(1), report))).toEqual([["42", null, []]]);
    expect(await deliver(form(...others, report))).toEqual([["42", null, []]]);
    expect(deps.reasons()).toEqual(["part"]);
  });

  it("may have no last boundary, and no other line end", async () => {
    const whole = form([disposition("event_log"), json], [disposition("Picture"), jpeg("a")]);
    expect(await deliver(whole.subarray(0, whole.lastIndexOf("--MIME")))).toEqual([["42", null, ["face"]]]);
    expect(deps.events()[0]?.pictures.face?.bytes).toBe(jpeg("a").length);
    expect(deps.reasons()).toEqual([]);
  });

  it("is kept if it ends within its report", async () => {
    await deliver(form([disposition("event_log"), json]).subarray(0, -40));
    expect(deps.reasons()).toEqual(["torn-form"]);
  });

  it("may have an empty list of Dahua, as a sign of life", async () => {
    await deliver(form(["Content-Type: text/plain", '{"Events":[]}']));
    expect([deps.reasons(), deps.notes.of("gate-1")?.kinds.heartbeat?.count]).toEqual([[], 1]);
  });

  it("may have its report in XML", async () => {
    const body = form([disposition("event_log"), ofCard("A")], [disposition("Picture"), jpeg("a")]);
    expect(await deliver(body)).toEqual([["A", "007", ["face"]]]);
  });

  it("may be in another charset", async () => {
    const gbk = Buffer.concat([
      Buffer.from(json.slice(0, -1)),
      Buffer.from(',"x":"'),
      Buffer.from([0xd5, 0xc5]),
      Buffer.from('"}'),
    ]);
    await deliver(form([disposition("event_log"), gbk]));
    expect(deps.events()[0]?.flags).toContain("charset");
  });

  it.each<[string, Part[]]>([
    ["mentions an event and is not JSON", [[disposition("event_log"), "eventType"]]],
    ["has a list that is none of a terminal", [[disposition("event_log"), '["eventType"]']]],
    ["has an object of another kind", [[disposition("event_log"), '{"eventType":1}']]],
    ["has XML of another kind", [[disposition("event_log"), "<Other><note>eventType</note></Other>"]]],
    ["has a report that is far too long", [[disposition("event_log"), json.padEnd(1_100_000)]]],
  ])("is none if it %s", async (_, parts) => {
    await deliver(form(...parts));
    expect(deps.reasons()).not.toEqual(["not-json"]);
  });
});

describe("the other parts of a form", () => {
  const gbk = Buffer.concat([Buffer.from("note "), Buffer.from([0xd5, 0xc5])]);
  const kept = () => [...deps.records.values()].map(({ body }) => Buffer.from(body));

  it.each<[string, Part, string | Buffer]>([
    ["a text", [disposition("note"), "lost"], "lost"],
    ["a text in another charset", [disposition("note"), gbk], gbk],
    ["an image of another type", [`${disposition("a")}; filename="a.gif"`, "GIF89a\x01\0\xff"], "GIF89a\x01\0\xff"],
    ["another object", ["Content-Type: application/json", '{"Events": 1}'], '{"Events": 1}'],
    ["what is behind its end", ["A: 1\r\n\r\n--MIME_boundary--", "lost"], "lost"],
  ])("are kept beside the report, for its event: %s", async (_, part, lost) => {
    const body = form([disposition("e"), json], [disposition("backgroundImage"), jpeg("b")], part);
    expect(await deliver(body)).toEqual([["42", null, ["scene"]]]);
    expect([deps.reasons(), deps.lastRecord.event?.id]).toEqual([["part"], deps.events()[0]?.id]);
    expect(kept()[0]?.includes(lost)).toBe(true);
    const before = [deps.events(), kept()];
    await replay(deps.lastRecord, deps);
    expect([deps.events(), kept()]).toEqual(before);
  });

  it.each<[string, Part]>([
    ["by its name", [disposition("faceData"), "SECRET"]],
    ["in JSON", [disposition("a"), '{"id":1,"template":"SECRET","list":[{"IDNumber":"SECRET"}]}']],
    ["in a line", [disposition("a"), "FP PIN=1\tTMP=SECRET"]],
    ["in JSON that is cut off", [disposition("a"), '{"FeatureList":[{"Feature":"SECRET']],
  ])("have no template in quarantine: %s", async (_, part) => {
    expect(await deliver(form([disposition("e"), json], part, [disposition("note"), "lost"]))).toHaveLength(1);
    expect([deps.reasons(), kept()[0]?.includes("lost")]).toEqual([["part"], true]);
    expect(deps.everything()).not.toContain("SECRET");
  });

  it("are not kept if they are only templates", async () => {
    await deliver(form([disposition("e"), json], [disposition("fingerprintData"), "SECRET"]));
    expect(deps.reasons()).toEqual([]);
  });

  it("are kept with a passing, and with signs of life", async () => {
    const sign = JSON.stringify({ macAddress: "00:11", eventType: "videoloss", eventState: "inactive" });
    await deliver(form([disposition("e"), sign], [disposition("e"), json], [disposition("note"), "lost"]));
    expect([deps.reasons(), deps.lastRecord.event?.id]).toEqual([["part"], deps.events()[0]?.id]);
    for (let at = 0; at < 40; at++) await deliver(form([disposition("e"), sign], [disposition("note"), `lost ${at}`]));
    expect(deps.records.size).toBe(41);
    expect(deps.notes.of("gate-1")?.kinds.heartbeat?.count).toBe(41);
  });

  it("have no key in quarantine, also in UTF-16", async () => {
    const key = Buffer.from(`\ufeff${token}`, "utf16le");
    await deliver(form([disposition("e"), json], [disposition("note"), key], [disposition("url"), `/${token}/`]));
    expect(deps.reasons()).toEqual(["part"]);
    expect(deps.everything().replaceAll("\0", "")).not.toContain(token);
  });
});

describe("a form of several reports", () => {
  const another = json.replace('"serialNo":7', '"serialNo":8').replace('"42"', '"43"');

  it("is an event for each, with the pictures that follow it", async () => {
    const pictured = (name: string): Part => [disposition(name), jpeg(name)];
    const body = form(
      ...[pictured("background"), [disposition("e"), json] as const, pictured("a")],
      ...[["A: 1", ofCard("A")] as const, ["A: 1", another] as const, pictured("b")],
    );
    const events = [
      ["42", null, ["face", "scene"]],
      ["43", null, ["face"]],
      ["A", "007", []],
    ];
    expect((await deliver(body)).sort()).toEqual(events);
    expect((await deliver(body)).sort()).toEqual(events);
    expect(deps.reasons()).toEqual([]);
  });

  it.each([
    ["cannot be read", '{"eventType":"AccessControllerEvent"'],
    ["is too long", another.padEnd(1_100_000)],
  ])("has one that %s kept by itself", async (_, text) => {
    expect(await deliver(form([disposition("e"), json], [disposition("e"), text]))).toEqual([["42", null, []]]);
    expect(deps.reasons()).toEqual(["not-json"]);
    expect(Buffer.from(deps.lastRecord.body).toString()).toBe(text);
  });

  const secret = { EventNotificationAlert: { ...JSON.parse(another), FeatureList: "SECRET" } };
  const dahua = { Events: [{ Code: "AccessControl", Data: { UserID: "44", UTC: 1795478478 } }] };
  it.each([
    ["a list", JSON.stringify([event, secret, dahua])],
    ["lines", [event, secret, dahua].map((one) => JSON.stringify(one)).join("\n")],
  ])("may be %s without a form", async (_, body) => {
    expect((await deliver(body, "application/json")).map(([id]) => id).sort()).toEqual(["42", "43", "44"]);
    expect(deps.everything()).not.toContain("SECRET");
  });

  it("may be a list with other things in it, which are kept", async () => {
    await deliver(JSON.stringify({ Events: [...dahua.Events, { Data: {} }, 7] }), "application/json");
    expect(deps.events()).toHaveLength(1);
    expect(deps.reasons().sort()).toEqual(["not-an-object", "unknown-shape"]);
  });
});

describe("a face event of a camera", () => {
  it("is kept as a value with its picture, and again when it is replayed", async () => {
    const alarm = JSON.stringify({ macAddress: "00:11", eventType: "alarmResult", alarm: [1] });
    await deliver(form([disposition("alarmResult"), alarm], [disposition("faceImage"), jpeg("f")]));
    expect(deps.reasons()).toEqual(["unknown-shape"]);
    const [kept] = [...deps.records.values()].map(({ body }) => Buffer.from(body).toString());
    expect(JSON.parse(kept ?? "{}")).toMatchObject({ terminalPictures: { face: [jpeg("f").toString("base64")] } });
    await replay(deps.lastRecord, deps);
    expect([...deps.records.values()].map(({ body }) => Buffer.from(body).toString())).toEqual([kept]);
  });
});

describe("XML", () => {
  it("has the five entities of XML and numbers of characters, and no others", async () => {
    const name = "&lt;&gt;&amp;&quot;&apos;&#65;&#x42;&#0;&#x110000;&nope;&constructor;";
    expect(await deliver(ofCard(name), "application/xml")).toEqual([
      ["<>&\"'AB&#0;&#x110000;&nope;&constructor;", "007", []],
    ]);
  });

  it.each([
    ["text", "just text"],
    ["a document of another kind", "<html><body>x</body></html>"],
    ["an end without a beginning", ofCard("A</name></x>")],
    ["a CDATA section without end", ofCard("<![CDATA[A")],
    ["a tag that is cut off", ofCard("A").slice(0, 400).concat("<x")],
    ["an entity", xml("", '<!DOCTYPE x [<!ENTITY a "b">]>')],
    ["too many levels", xml("<a>".repeat(40).concat("</a>".repeat(40)))],
    ["too many elements", xml("<a></a>".repeat(5001))],
    ["too many characters", ofCard("A".repeat(64 * 1024))],
    ["too many blanks within a tag", xml(`${ofCard("A")}<a${" ".repeat(257)}/>`)],
    ["words without an element within", "<a>1</a>"],
  ])("is kept and makes no event if it has %s", async (_, body) => {
    await deliver(body, "application/xml");
    expect(deps.events()).toEqual([]);
    expect(deps.reasons()).toHaveLength(1);
  });

  it.each([
    ["<![CDATA[A & <B> &amp; &#65;]]>", "A & <B> &amp; &#65;"],
    ["&lt;<![CDATA[<]]><![CDATA[]]>&gt;", "<<>"],
    ["<![CDATA[]] >]]>", "]] >"],
  ])("has the characters of a CDATA section as they are: %s", async (name, read) => {
    expect(await deliver(ofCard(name), "application/xml")).toEqual([[read, "007", []]]);
  });

  it("may have lists, comments and empty elements", async () => {
    const body = ofCard("A<!-- x -->").replace("<empty/>", "<a>1</a><a>2</a>");
    expect(await deliver(body, "text/xml")).toEqual([["A", "007", []]]);
  });
});

describe("templates", () => {
  const uniview = {
    Seq: 1,
    DeviceCode: "2",
    LibMatInfoList: [{ MatchStatus: 1, MatchPersonInfo: { IdentityNo: "310" } }],
  };
  const secrets = {
    FeatureList: [{ Feature: "SECRET" }],
    CardInfoList: [{ CardID: "SECRET", Name: "SECRET", IDImage: { Data: "SECRET" }, IdentityNo: "SECRET" }],
  };

  it("are not in the event, nor in quarantine with it", async () => {
    const twice = JSON.stringify({ ...uniview, ...secrets }).replace('"Seq":1', '"Seq":{"a":[1,2,3]},"Seq":1');
    await deliver(twice, "application/json");
    expect(deps.reasons()).toEqual(["duplicate-keys"]);
    expect(deps.everything()).not.toMatch(/SECRET|310/);
  });

  const torn = JSON.stringify({ ...uniview, ...secrets }).slice(0, -1);
  it.each([
    ["line", `${json}\n${torn}`],
    ["part of a form", form([disposition("e"), json], [disposition("e"), torn])],
  ])("are not in quarantine of a %s that cannot be read", async (_, body) => {
    await deliver(body);
    expect(deps.reasons()).toEqual(["not-json"]);
    expect(deps.everything()).not.toContain("SECRET");
  });

  it("are not in quarantine of a body that cannot be read", async () => {
    await deliver(JSON.stringify({ ...uniview, ...secrets }).slice(0, -1), "application/json");
    expect(deps.reasons()).toHaveLength(1);
    expect(deps.everything()).not.toContain("SECRET");
  });
});
