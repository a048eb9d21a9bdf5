import { randomInt } from "node:crypto";
import { gzipSync } from "node:zlib";
import { GatepostError } from "@gatepost/core/errors";
import type { QuarantineRecord } from "@gatepost/core/quarantine";
import { Room } from "@gatepost/core/room";
import { describe, expect, it } from "vitest";
import { pictureLike } from "../../../packages/receive/src/samples/pictures.ts";
import { Collision, join, value } from "../../../packages/receive/src/samples/pieces.ts";
import { SampleReader } from "../../../packages/receive/src/samples/read.ts";
import { sampleOf } from "../../../packages/receive/src/samples/sample.ts";
import { StandIns } from "../../../packages/receive/src/samples/stand-ins.ts";
import { isXml, jsonPieces } from "../../../packages/receive/src/samples/texts.ts";
import { Times } from "../../../packages/receive/src/samples/times.ts";
import { jpeg, png } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { bodyOfParts } from "../../support/wrappings.ts";

type Kept = Pick<QuarantineRecord, "path" | "headers" | "body" | "receivedAt">;

const receivedAt = Date.UTC(2026, 10, 25);

const kept = (body: string | Buffer, headers: Kept["headers"] = {}): Kept => ({
  body: Buffer.from(body),
  headers,
  path: "/HistoryEvent",
  receivedAt,
});

async function* among(...others: Kept[]) {
  yield* others;
}

const held = new Room(1e9).hold();

async function bytesOf(body: string | Buffer, headers: Kept["headers"] = {}): Promise<Buffer> {
  return Buffer.from((await sampleOf(kept(body, headers), among(), { held })).body);
}

const textOf = async (body: string | Buffer) => (await bytesOf(body)).toString();

describe("a sample of JSON", () => {
  it("has no long number of the name of a member", async () => {
    expect(await textOf('{"card 47114711":true,"a\\u0041 4711":true}')).toMatch(
      /^\{"card (?!47114711)\d{8}":true,"a\\u0041 4711":true\}$/,
    );
  });

  it("keeps the case and the length of escapes", async () => {
    const body = `{'a': '\\U0001F600\\u5F20\\u5f20\\xE9'}`;
    expect(await textOf(body)).toMatch(/^\{'a': '\\U0001F[\dA-F]{3}\\u[\dA-F]{4}\\u[\da-f]{4}\\x[\dA-F]{2}'\}$/);
  });

  it("keeps the signs and suffixes of numbers", async () => {
    expect(await textOf("{'a': -4711L, 'b': +4712}")).toMatch(/^\{'a': -(?!4711)\d{4}L, 'b': \+(?!4712)\d{4}\}$/);
  });

  it("has no word of a line that cannot be read", async () => {
    expect(await textOf('{"a":"Zhang"}\n{"b":Li Si\n{"c":"Wang"}')).toMatch(
      /^\{"a":"(?!Zhang)[A-Z][a-z]{4}"\}\n\{"[a-z]":(?!Li Si)[A-Z][a-z] [A-Z][a-z]\n\{"c":"(?!Wang)[A-Z][a-z]{3}"\}$/,
    );
  });

  it("has no word of the text behind a report", async () => {
    const made = await textOf(`${JSON.stringify(history())} Zhang San`);
    expect(made).toMatch(/\} (?!Zhang San)[A-Z][a-z]{4} [A-Z][a-z]{2}$/);
    expect(Object.keys(JSON.parse(made.slice(0, -" Zhang San".length)))).toEqual(Object.keys(history()));
  });

  it("is other letters everywhere if its text cannot be written again", async () => {
    const report = JSON.stringify(history({ name: "Zhang#" })).replace("#", "\uD800");
    const form = bodyOfParts([['Content-Disposition: form-data; name="x"', "@"]])
      .toString()
      .replace("@", report);
    const made = await textOf(JSON.stringify({ serialNumberOfGate: form }));
    expect(made).toMatch(/^\{"[a-z]{6}[A-Z][a-z]{5}[A-Z][a-z][A-Z][a-z]{3}":/);
    expect(made).not.toContain("serialNumberOfGate");
  });

  it("has other values also if brackets, quotes or ends are missing", () => {
    const upper = (text: string) =>
      join(
        jsonPieces(text, (segments) => segments.map((segment) => value(segment.text, ""))),
        (piece) => piece.text.toUpperCase(),
      );
    expect(upper('}"a":"Zhang')).toBe('}"a":"ZHANG');
    expect(upper(`{"a":${"x".repeat(2000)}`)).toBe(`{"a":${"X".repeat(2000)}`);
  });
});

describe("a sample of encodings", () => {
  it("has other values in base64 of JSON, of forms and of neither", async () => {
    const inner = Buffer.from(JSON.stringify({ name: "Zhang San", card: 4711 }));
    const form = bodyOfParts([['Content-Disposition: form-data; name="who"', "Zhang San"]]);
    const body = { a: inner.toString("base64"), b: form.toString("base64"), c: `${inner.toString("base64")}==` };
    const made = JSON.parse(await textOf(JSON.stringify(body)));
    const decoded = (text: string) => Buffer.from(text, "base64").toString();
    expect(JSON.parse(decoded(made.a))).toEqual({ name: expect.not.stringMatching("Zhang"), card: expect.any(Number) });
    expect(decoded(made.b)).toMatch(/name="who"\r\n\r\n(?!Zhang)[A-Z][a-z]{4} (?!San)[A-Z][a-z]{2}\r\n/);
    expect(made.c).toHaveLength(body.c.length);
    expect(made.c.slice(0, 16)).not.toBe(body.c.slice(0, 16));
  });

  it("has other values in base64 of text that cannot be read", async () => {
    const text = Buffer.from('{"name": Zhang San is not quoted}').toString("base64");
    const made = JSON.parse(await textOf(JSON.stringify({ a: text }))).a;
    expect(Buffer.from(made, "base64").toString()).toMatch(
      /^\{"[a-z]{4}": (?!Zhang)[A-Z][a-z]{4} [A-Z][a-z]{2} [a-z]{2} [a-z]{3} [a-z]{6}\}$/,
    );
  });

  it("has other values in forms within texts", async () => {
    const multipart = bodyOfParts([['Content-Disposition: form-data; name="data"', JSON.stringify(history())]]);
    const urlencoded = `data=${encodeURIComponent(JSON.stringify(history()))}`;
    const body = { a: multipart.toString(), b: urlencoded, c: "--- no form, but a text of Zhang San" };
    const made = JSON.parse(await textOf(JSON.stringify(body)));
    expect(made.a).toMatch(/name="data"\r\n\r\n\{.+\}\r\n--/);
    expect(Object.keys(JSON.parse(/\{.+\}/.exec(made.a)?.[0] ?? ""))).toEqual(Object.keys(history()));
    expect(Object.keys(JSON.parse(decodeURIComponent(made.b.slice(5))))).toEqual(Object.keys(history()));
    for (const [name, text] of Object.entries(body)) expect(made[name]).not.toBe(text);
  });

  it("keeps the blanks of a form", async () => {
    expect(await textOf("name=Zhang+San%2c")).toMatch(/^name=(?!Zhang)[A-Z][a-z]{4}\+[A-Z][a-z]{2}%2c$/);
  });

  it("keeps the names of fields and the case of escapes", async () => {
    const made = await textOf("[]=Zhang&flag&a=%e5%bc%a0&b=%E5%BC%A0&c=%ff%ff1");
    expect(made).toMatch(
      /^\[\]=(?!Zhang)[A-Z][a-z]{4}&flag&a=((?:%[\da-f]{2}){3})&b=((?:%[\dA-F]{2}){3})&c=%[\da-f]{2}%[\da-f]{2}\d$/,
    );
    expect(made).not.toMatch(/%e5%bc%a0/i);
  });

  it("keeps no empty value, also if a part of a form has no name", async () => {
    const body = bodyOfParts([["Content-Type: application/json", '{"name":"","card":"4711"}']]);
    const made = await sampleOf(kept(body), among(), { held });
    expect(Buffer.from(made.body).toString()).toMatch(/\{"name":"","card":"(?!4711)\d{4}"\}/);
    expect(made.kept).toEqual([]);
  });

  it("has other bytes for bytes that are no text", async () => {
    const made = (await bytesOf(Buffer.from("Zhang\xff\xff 4711\x81\xed", "latin1"))).toString("latin1");
    expect(made).toMatch(/^(?!Zhang)[A-Z][a-z]{4}\xff\xff (?!4711)\d{4}[\x81-\x8f]\xed$/);
  });

  it("is cut off within a character as its report", async () => {
    const made = await bytesOf(Buffer.from("Zhang 张三").subarray(0, -1));
    expect(made.toString("latin1")).toMatch(/^(?!Zhang)[A-Z][a-z]{4} [\x80-\xff]{5}$/);
  });

  it("has only characters that its charset has", () => {
    const sent = Buffer.from("d5c5c8fd", "hex");
    const pieces = new SampleReader("text/plain; charset=gbk").body(sent);
    expect(join(pieces, ({ text }) => text)).toBe(sent.toString("latin1"));
    expect(() => join(pieces, () => "\u{1F600}")).toThrow(Collision);
  });

  it("is text only if its report is", () => {
    const pieces = new SampleReader("").body(Buffer.from("Zhang\xff\xff", "latin1"));
    expect(() => join(pieces, () => "Zhang")).toThrow(Collision);
  });

  it("can be parsed only if its report can be", () => {
    const pieces = new SampleReader("").body(Buffer.from("Zhang San"));
    expect(() => join(pieces, () => '{"a":1}')).toThrow(Collision);
  });
});

describe("a sample of XML", () => {
  it("keeps names, schemas and entities, and no comment", async () => {
    const body =
      '<?xml version="1.0"?><!-- Zhang --><Event xmlns="urn:x" id="K4711"><name>Zhang &#65;&#x5f20;&amp;&nil;&#x1fffff;</name></Event>';
    expect(await textOf(body)).toMatch(
      /^<\?xml version="1\.0"\?><!-- (?!Zhang)[A-Z][a-z]{4} --><Event xmlns="urn:x" id="(?!K4711)[A-Z]\d{4}"><name>(?!Zhang)[A-Z][a-z]{4} &#\d\d;&#x[4-9][\da-f]{3};&amp;&[a-z]{3};&#[a-z]\d[a-z]{5};<\/name><\/Event>$/,
    );
  });

  it("has no name of elements that are not closed in their order", async () => {
    expect(await textOf("<abcd><efgh>Zhang</abcd></efgh>")).not.toMatch(/abcd|efgh|Zhang/);
  });
});

describe("a sample of texts", () => {
  it("has addresses and words of the same form", async () => {
    const body = { address: "999.1.2.03", name: "龘龘龘龘", key: "A1".repeat(20), template: "Zz9".repeat(20) };
    const made = JSON.parse(await textOf(JSON.stringify(body)));
    expect(made.address).toMatch(/^(?!999)[1-9]\d\d\.\d\.\d\.0\d$/);
    expect(made.name).toMatch(/^(?!龘龘龘龘)[\u4e00-\u9fff]{4}$/);
    expect(made.key).toMatch(/^[\dA-F]{40}$/);
    expect(made.template).toMatch(/^[\dA-Za-z]{60}$/);
    for (const [name, text] of Object.entries(body)) expect(made[name]).not.toBe(text);
  });

  it("may have a template of more characters than other text", async () => {
    const template = Buffer.alloc(450_000, "Zhang San 4711.").toString("base64");
    const made = JSON.parse(await textOf(JSON.stringify({ name: "Zhang", template })));
    expect(made.template).toHaveLength(template.length);
    expect(made.template.slice(0, 40)).not.toBe(template.slice(0, 40));
  });

  it("has pictures in the same kind of base64", async () => {
    const body = { a: Buffer.concat([png, Buffer.alloc(600, 0xfb)]).toString("base64url") };
    const made = JSON.parse(await textOf(JSON.stringify(body)));
    expect(made.a).toMatch(/^iVBORw0KGgo[\w-]+$/);
    expect(made.a).toHaveLength(body.a.length);
    expect(made.a).not.toBe(body.a);
  });
});

describe("a picture of a sample", () => {
  const mark = Buffer.from("mark");
  const startOf = (bytes: Buffer) => bytes.subarray(0, 3).toString("hex");

  it("is cut off if the sent one is", () => {
    const torn = Buffer.concat([jpeg("a").subarray(0, 3), Buffer.alloc(1000, 7)]);
    const made = pictureLike(torn, mark);
    expect([made.length, startOf(made), made.includes(Buffer.from("ffd9", "hex"))]).toEqual([1003, "ffd8ff", false]);
  });

  it("is only the beginning of one if it has only a few bytes", () => {
    const made = pictureLike(jpeg("a").subarray(0, 20), mark);
    expect([made.length, startOf(made)]).toEqual([20, "ffd8ff"]);
  });

  it("is a PNG of any length", () => {
    const made = pictureLike(Buffer.concat([png.subarray(0, -12), Buffer.alloc(500), png.subarray(-12)]), mark);
    expect([made.length, startOf(made), made.includes(mark)]).toEqual([png.length + 500, "89504e", true]);
    expect(made.subarray(-12)).toEqual(png.subarray(-12));
  });
});

describe("the times of a sample", () => {
  /** All times are moved by one day and one minute. */
  const times = (...values: [text: string, name: string][]) =>
    new Times(
      values.map(([text, name]) => value(text, name)),
      receivedAt,
      () => 0,
    );

  it.each([
    ["2026-11-24 12:00:30 PM", "2026-11-23 11:59:30 AM"],
    ["2026-11-24 12:30:30 am", "2026-11-23 12:29:30 am"],
    ["2026-11-24 01:00 pm", "2026-11-23 12:59 pm"],
    ["2026-1-2", "2026-1-1"],
    ["2026-1-1", null],
    ["2026-02-30", null],
    ["2026-11-24 13:00 PM", "2026-11-23 12:59 PM"],
    ["2026-11-24 30:00", null],
  ])("are moved from %s to %s", (sent, moved) => {
    expect(times().text(sent)).toBe(moved);
  });

  it("are moved in numbers of days, and of digits of seconds", () => {
    const some = times(["20261124", "day"], ["20260230", "date"], ["1795593600", "at"]);
    expect(some.number("20261124")).toBe("20261123");
    expect(some.number("20260230")).toBeNull();
    expect(some.number("1795593600")).toBe(`${1795593600 - 86_460}`);
    expect(some.number("1795593601")).toBeNull();
  });
});

describe("no sample", () => {
  const large = kept(Buffer.alloc(5 * 1024 * 1024, "x"));

  const reports = Array.from({ length: 4001 }, (_, n) => `{"no":${n}}`);
  const names = Array.from({ length: 4001 }, (_, n) => `"name ${n}"`);

  it.each([
    ["JSON", `[${reports.join(",")}]`],
    ["lines of JSON", reports.join("\n")],
    ["a text within a report", JSON.stringify({ data: `[${reports.join(",")}]` })],
    ["text that is nearly JSON", `{'a':[${names.join(",")},]}`],
    ["numbers that are nearly JSON", `{'a':[${names.map((_, n) => `${n}`).join(",")},]}`],
    ["a form", names.map((_, n) => `a${n}=name ${n}`).join("&")],
    ["XML", `<a>${names.map((name) => `<b>${name}</b>`).join("")}</a>`],
  ])("is made of over 4,000 values: %s", async (_, body) => {
    let work = 0;
    const random = () => {
      work += 1;
      return 0;
    };
    const others = (async function* () {
      work += 1;
      yield kept("{}");
    })();
    await expect(sampleOf(kept(body), others, { held, random })).rejects.toMatchObject({
      kind: "too-large",
      message: expect.stringContaining("over 4000 values"),
    });
    expect(work).toBe(0);
  });

  it("is refused because another report is too large", async () => {
    const made = await sampleOf(kept('{"name":"Zhang"}'), among(large), { held });
    expect(Buffer.from(made.body).toString()).toMatch(/^\{"name":"(?!Zhang)[A-Z][a-z]{4}"\}$/);
  });

  it("is made if memory has no room for another report", async () => {
    const other = kept(gzipSync("x"), { "content-encoding": "gzip" });
    const room = new Room(2 * 1024 * 1024);
    room.take(1.5 * 1024 * 1024);
    const made = sampleOf(kept('{"name":"Zhang"}'), among(other), { held: room.hold() });
    await expect(made).rejects.toThrow(expect.objectContaining({ kind: "unavailable" }));
    await expect(made).rejects.toBeInstanceOf(GatepostError);
  });

  it("hides an error that is no collision", async () => {
    let calls = 0;
    const random = () => {
      calls += 1;
      // The first two choose by how much times are moved.
      if (calls > 2) throw new Error("no more random numbers");
      return 0;
    };
    const made = sampleOf(kept('{"name":"Zhang"}'), among(), { held, random });
    await expect(made).rejects.toThrow("no more random numbers");
    expect(calls).toBe(3);
  });
});

describe("a sample of a large report", () => {
  const word = (at: number) =>
    at
      .toString(26)
      .padStart(5, "0")
      .replaceAll(/./g, (sign) => "abcdefghijklmnopqrstuvwxyz"[Number.parseInt(sign, 26)] ?? "");
  const words = (from: number, count: number) => Array.from({ length: count }, (_, at) => word(from + at)).join(" ");

  it.each<[string, string | Buffer]>([
    ["a text of many words", JSON.stringify({ foo: words(0, 60_000) })],
    ["many texts of words", JSON.stringify(Array.from({ length: 3900 }, (_, at) => words(20 * at, 20)))],
    ["a long word", JSON.stringify({ foo: "张".repeat(120_000) })],
    ["a long number", `{"foo":${"7".repeat(120_000)}}`],
    ["a long run of hexadecimal digits", JSON.stringify({ foo: "0a1b2c3d".repeat(50_000) })],
    ["bytes that are no text", Buffer.alloc(200_000, "\xff\x00A", "latin1")],
  ])("is made in many turns of the event loop: %s", async (_, body) => {
    let [inTurn, most, isDone] = [0, 0, false];
    const turn = () => {
      most = Math.max(most, inTurn);
      inTurn = 0;
      if (!isDone) setImmediate(turn);
    };
    const random = (below: number) => {
      inTurn += 1;
      return randomInt(below);
    };
    turn();
    const made = await sampleOf(kept(body), among(), { held, random });
    isDone = true;
    turn();
    expect(made.body.length).toBe(Buffer.from(body).length);
    expect(most).toBeLessThan(20_000);
  });
});

it("no stand-in is given for a value for which none was chosen", async () => {
  const needs = { values: [], isEnumerated: () => false, codings: [], receivedAt, random: randomInt };
  const standIns = await StandIns.chosen(needs);
  expect(() => standIns.of({ text: "S3cr3t", name: "", kind: "text" })).toThrow("no stand-in was chosen");
});

describe("XML with many beginnings that have no end", () => {
  it("is not read as XML", () => {
    const xml = (inner: string) => `<a>${inner}</a>`;
    expect(isXml(xml("<!-- x -->".repeat(200)))).toBe(true);
    expect(isXml(xml("<!-- x -->".repeat(201)))).toBe(false);
    expect(isXml(xml("<".repeat(201)))).toBe(false);
  });
});
