import { brotliCompressSync, gzipSync } from "node:zlib";
import type { QuarantineRecord, QuarantineSample } from "@gatepost/core/quarantine";
import { Room } from "@gatepost/core/room";
import { isObject, type Json, jsonIn } from "@gatepost/protocol";
import { readHere } from "@gatepost/receive";
import { terminalForms } from "@gatepost/receive/terminals";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Body, openBody } from "../../../packages/receive/src/decode/body.ts";
import { decode } from "../../../packages/receive/src/decode/decode.ts";
import { readMultipart } from "../../../packages/receive/src/decode/form.ts";
import { readableLevels } from "../../../packages/receive/src/decode/limits.ts";
import { readText } from "../../../packages/receive/src/decode/read.ts";
import { readStructure } from "../../../packages/receive/src/decode/structure.ts";
import { readTextOf } from "../../../packages/receive/src/decode/text.ts";
import { sampleOf } from "../../../packages/receive/src/samples/sample.ts";
import { anyJson } from "../../support/arbitraries.ts";
import { fixture, fixtures, routeOf } from "../../support/fixtures.ts";
import { anyMutant, textOf } from "../../support/mutations.ts";
import { jpeg, photo, png } from "../../support/pictures.ts";
import { isLong, isWhole, rounds, seeded, seedOfRun } from "../../support/seeded.ts";
import { samples, terminalRequest } from "../../support/terminals.ts";
import { bodyOfParts, wrappings } from "../../support/wrappings.ts";

type Kept = Pick<QuarantineRecord, "path" | "headers" | "body" | "receivedAt">;

const receivedAt = Date.UTC(2026, 10, 25);
const random = seeded(seedOfRun("samples"));
const options = () => ({
  forms: terminalForms,
  held: new Room(1e9).hold(),
  random: (below: number) => Math.floor(random() * below),
});

function kept(body: unknown, { headers = {}, path = "/HistoryEvent" }: Partial<Kept> = {}): Kept {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
  return { body: bytes, headers, path, receivedAt };
}

async function* among(...others: Kept[]) {
  yield* others;
}

const sample = (record: Kept, ...others: Kept[]) => sampleOf(record, among(...others), options());

const textOfSample = ({ body }: QuarantineSample) => Buffer.from(body).toString();

async function sampleValue(body: unknown, ...others: Kept[]) {
  return JSON.parse(textOfSample(await sample(kept(body), ...others)));
}

/** How a report is understood: its dialect with its enumerations, or why not. */
async function outcomesOf({ body, ...record }: Kept): Promise<unknown> {
  const held = new Room(1e9).hold();
  const origin = { ...record, box: "gate-1", event: null };
  const read = { zone: async () => "Asia/Shanghai", mappings: async () => [] };
  const deps = { held, forms: terminalForms, settings: { keepFeatures: false }, ...read };
  const reading = await readHere(new Body(Buffer.from(body)), origin, deps);
  const outcomes: unknown[] = [reading.unreadable, reading.keep];
  for (let some = await reading.next(); some.length > 0; some = await reading.next()) {
    for (const { understood, reason, kept: keptReport } of some) {
      const { dialect, person, device, result, method } = "passing" in understood ? understood.passing.report : {};
      const sign = "boxStatus" in understood ? understood.boxStatus.kind : null;
      // Whether a report seems to be of a passing is told by its values, which are others in a sample.
      outcomes.push({
        reason,
        shape: (await keptReport()).shape?.name,
        sign,
        dialect,
        type: person?.type,
        result,
        method,
        to: device?.direction,
      });
    }
  }
  return outcomes;
}

/** All texts and numbers in the values of a body; its words if it cannot be read. */
async function valuesOf({ body, headers, path }: Kept): Promise<string[]> {
  const opened = await openBody(new Body(Buffer.from(body)), headers["content-encoding"], new Room(1e9).hold());
  if ("unreadable" in opened) return [];
  // The table itself is named by the path.
  const table = terminalForms.tableAt(path, opened.unpacked)?.values();
  if (Array.isArray(table)) return table.flatMap((value) => leavesOf({ ...value, iclock: null }));
  const decoded = decode(opened, headers, { terminals: terminalForms });
  if ("parts" in decoded) {
    return decoded.parts.flatMap((part) => {
      if ("unreadable" in part.read) return wordsIn(Buffer.from(part.source()));
      return [...leavesOf(part.read.value), ...leavesOf(part.envelope ?? null)];
    });
  }
  if (decoded.unreadable !== "empty-list") return wordsIn(opened.unpacked);
  // A batch without reports was read: the names of its members and fields stay.
  const form = readMultipart(opened.unpacked, "");
  if (form !== null && typeof form === "object") return form.fields.flatMap(([, text]) => leavesIn(text));
  const text = readTextOf(opened.unpacked, "")?.text ?? "";
  const read = readText(text, "");
  return (Array.isArray(read) ? read : [{ text, read }]).flatMap((line) =>
    "value" in line.read ? leavesOf(line.read.value) : wordsIn(Buffer.from(line.text)),
  );
}

function leavesIn(text: string): string[] {
  const value = innerOf(text) ?? jsonIn(text);
  return value === undefined ? wordsIn(Buffer.from(text)) : leavesOf(value);
}

/** A UUID is one word: four of its digits may be in another one by chance. */
const words = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}|[\p{L}\p{N}]+/giu;

/** The words of a text that cannot be read. The year of a time may stay. */
const wordsIn = (bytes: Buffer) =>
  (readTextOf(bytes, "")?.text.match(words) ?? []).filter((word) => !/^(?:19|20)\d\d$/.test(word));

function leavesOf(value: Json): string[] {
  const inner = typeof value === "string" ? innerOf(value) : undefined;
  if (inner !== undefined) return leavesOf(inner);
  if (typeof value === "string" || typeof value === "number") return [`${value}`];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leavesOf) : [];
}

/** The object or list in a text; undefined if it has none. One that is too deep to be read as a report keeps its names, too. */
const innerOf = (text: string): Json | undefined => readStructure(text, readableLevels)?.value;

/** The names of members, also in texts. */
function namesOf(value: Json): string[] {
  if (typeof value === "string") return namesOf(innerOf(value) ?? null);
  if (typeof value !== "object" || value === null) return [];
  return [...(isObject(value) ? Object.keys(value) : []), ...Object.values(value).flatMap(namesOf)];
}

/** Whether a value says anything: a number of zeros does not. */
const says = (text: string) =>
  text.length >= 4 &&
  /[\p{L}\p{M}\p{N}\p{So}\p{Co}]/u.test(text.replaceAll(/[0\uFFFD]/g, "")) &&
  !(Math.abs(Number(text)) < 1e-300) &&
  text !== "Infinity";

const time = /\d\d:\d\d|\d{4}[-/.]\d\d?|\d{10}/;

/** Values of a report that are in its sample, in any form, and are no enumeration. */
async function leaksOf(record: Kept, made: Pick<QuarantineSample, "body" | "kept">): Promise<string[]> {
  const opened = await openBody(
    new Body(Buffer.from(made.body)),
    record.headers["content-encoding"],
    new Room(1e9).hold(),
  );
  if ("unreadable" in opened) return [];
  const whole = readTextOf(opened.unpacked, "")?.text ?? "";
  const decoded = decode(opened, record.headers, { terminals: terminalForms });
  const parts = "parts" in decoded ? decoded.parts.map(({ read }) => read) : [];
  const staying = [...parts.flatMap((read) => ("value" in read ? namesOf(read.value) : [])), ...made.kept];
  const values = (await valuesOf({ ...record, ...made })).filter((text) => !made.kept.includes(text));
  // A moved time may have the same year or hour.
  const isShort = (text: string) => text.length < 8;
  const isIn = (text: string) => values.some((one) => one.includes(text) && !(isShort(text) && time.test(one)));
  const isStaying = (text: string) => staying.some((one) => one.includes(text) || text.includes(one));
  const sent = [...new Set(await valuesOf(record))].filter((text) => says(text) && !made.kept.includes(text));
  const forms = sent.filter((text) => !isShort(text) && !isStaying(text)).flatMap(formsOf);
  return [...sent.filter(isIn), ...forms.filter((form) => whole.includes(form))];
}

function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  return [text, bytes.toString("base64"), bytes.toString("hex"), encodeURIComponent(text.toWellFormed())];
}

async function expectShareable(record: Kept): Promise<void> {
  const made = await sample(record);
  expect(await leaksOf(record, made)).toEqual([]);
  expect(await outcomesOf({ ...record, ...made })).toEqual(await outcomesOf(record));
}

describe("a sample", () => {
  it("has other values of the same length and form", async () => {
    const body = {
      id: "AB-12cd",
      name: "陈小明",
      score: 87.25,
      card: "0012345678",
      ip: "192.168.1.64",
      mac: "00:1A:2b:3c:4d:5e",
    };
    const made = await sampleValue(body);
    expect(made).toEqual({
      id: expect.stringMatching(/^[A-Z]{2}-\d\d[a-z]{2}$/),
      name: expect.stringMatching(/^[\u4e00-\u9fff]{3}$/),
      score: expect.any(Number),
      card: expect.stringMatching(/^0\d{9}$/),
      ip: expect.stringMatching(/^[12]\d\d\.[12]\d\d\.\d\.\d\d$/),
      mac: expect.stringMatching(/^\d\d:\d[A-F]:\d[a-f]:\d[a-f]:\d[a-f]:\d[a-f]$/),
    });
    for (const [name, value] of Object.entries(body)) expect(made[name]).not.toBe(value);
  });

  it("has one stand-in for one value, also within others", async () => {
    const made = await sampleValue({
      a: "SN900",
      b: ["SN900", "SN901"],
      c: "SN900__10.0.0.7",
      d: "10.0.0.7",
      e: 4711,
      f: "4711",
    });
    expect(made.b[0]).toBe(made.a);
    expect(made.b[1]).not.toBe(made.a);
    expect(made.c).toBe(`${made.a}__${made.d}`);
    expect(made.f).toBe(`${made.e}`);
  });

  it("keeps escapes, blanks, line ends, and everything between values", async () => {
    const body = '\uFEFF{ "n" :\t"\\u5f20\\u4e09\\n\\/Ada" ,\r\n "x": [1e3, -0.50, true , null],"t":"\\"q\\"" }\r\n';
    const made = textOfSample(await sample(kept(body)));
    const form =
      /^\uFEFF\{ "n" :\t"(?:\\u[\da-f]{4}){2}\\n\\\/[A-Z][a-z]{2}" ,\r\n "x": \[\de3, -0\.\d0, true , null\],"t":"\\"[a-z]\\"" \}\r\n$/;
    expect(made).toMatch(form);
  });

  it("moves all times by the same days and minutes", async () => {
    const start = Date.UTC(2026, 10, 24, 8, 1, 18);
    const body = {
      ms: start,
      seconds: `${start / 1000}`,
      iso: "2026-11-24T16:01:18.000+08:00",
      local: "2026-11-24 08:01:18",
      slashed: "11/24/2026 08:01:18 AM",
      dotted: "24.11.2026 08:01:18",
      dense: "20261124080118",
      chinese: "2026年11月24日 08时01分18秒",
      file: "snap-20261124080118-7.jpg",
    };
    const made = await sampleValue(body);
    const moved = start - made.ms;
    const days = moved / 86_400_000;
    expect(days).toBeGreaterThan(1);
    expect(days).toBeLessThan(300);
    const now = new Date(made.ms).toISOString().slice(0, 19);
    const digits = now.replaceAll(/\D/g, "");
    const [, year, month, day, hour, rest] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d)(.*)$/.exec(now) ?? [];
    const half = Number(hour) < 12 ? "AM" : "PM";
    const of12 = `${Number(hour) % 12 || 12}`.padStart(2, "0");
    expect(made).toMatchObject({
      seconds: `${made.ms / 1000}`,
      local: now.replace("T", " "),
      slashed: `${month}/${day}/${year} ${of12}${rest} ${half}`,
      dotted: `${day}.${month}.${year} ${hour}${rest}`,
      dense: digits,
      file: expect.stringContaining(`-${digits}-`),
    });
    expect(Date.parse(made.iso)).toBe(made.ms);
    expect(made.chinese.match(/\d+/g).join("")).toBe(digits);
  });

  it("has generated pictures of the same kind and length", async () => {
    const large = Buffer.concat([jpeg("a").subarray(0, -2), Buffer.alloc(150_000, 7), Buffer.from([0xff, 0xd9])]);
    const body = {
      a: photo("one"),
      b: `data:image/png;base64,${png.toString("base64")}`,
      c: large.toString("base64"),
      d: photo("one"),
    };
    const made = await sampleValue(body);
    expect(made.d).toBe(made.a);
    expect(made.a).not.toBe(body.a);
    for (const [name, value] of Object.entries(body)) expect(made[name]).toHaveLength(value.length);
    const bytes = Buffer.from(made.c, "base64");
    expect([bytes.length, bytes.subarray(0, 3).toString("hex"), bytes.subarray(-2).toString("hex")]).toEqual([
      large.length,
      "ffd8ff",
      "ffd9",
    ]);
    expect(made.b).toMatch(/^data:image\/png;base64,iVBOR/);
  });

  it("keeps words of dialects, and lists them", async () => {
    const made = await sample(
      kept({ userType: "visitor", want_action: "1001", subEventType: 75, note: "Hello", id: "1001" }),
    );
    expect(made.kept).toEqual(["1001", "75", "visitor"]);
    const value = JSON.parse(textOfSample(made));
    expect(value).toMatchObject({ userType: "visitor", want_action: "1001", subEventType: 75 });
    expect([value.note, value.id]).not.toContain("1001");
    expect(value.note).not.toBe("Hello");
  });

  it("keeps a word that three records of different persons have, and no name", async () => {
    const body = (personCode: string, more: object = {}) => ({
      personCode,
      way: "inbound",
      who: { lastName: "Smith" },
      ...more,
    });
    const others = ["5501", "5502"].map((code) => kept(body(code)));
    const made = await sampleValue(body("5503", { word: "rare" }), ...others);
    expect(made.way).toBe("inbound");
    expect(made.who.lastName).not.toBe("Smith");
    expect(made.word).not.toBe("rare");
    const ofOne = await sampleValue(body("5501"), ...others);
    expect(ofOne.way).not.toBe("inbound");
  });

  it("has no word of a body that cannot be parsed, and no picture of it", async () => {
    const record = kept(`Name: Zhang San; born 1990-05-17\n{"photo":"${photo("x")}" card=4711`);
    const made = await sample(record);
    expect(await leaksOf(record, made)).toEqual([]);
    expect(made.body).toHaveLength(record.body.length);
    expect(textOfSample(made)).toMatch(/^[A-Z][a-z]{3}: [A-Z][a-z]{4} [A-Z][a-z]{2}; [a-z]{4} \d{4}-\d\d-\d\d\n/);
  });

  it("replaces serials in the path and headers as in the body", async () => {
    const headers = {
      "content-type": "multipart/mixed; boundary=aB12",
      "user-agent": "Gate/KX900",
      "content-length": "1",
    };
    const body = bodyOfParts(
      [['Content-Disposition: form-data; name="sn"; filename="KX900.txt"\r\nContent-ID: <KX900>', "KX900"]],
      "aB12",
    );
    const made = await sample(kept(body, { headers, path: "/gate/KX900" }));
    const serial = made.path.slice("/gate/".length);
    expect(serial).toMatch(/^(?!KX900)[A-Z]{2}\d{3}$/);
    expect(made.headers["user-agent"]).toMatch(new RegExp(`^[A-Z][a-z]{3}/${serial}$`));
    expect(made.headers["content-length"]).toBe(`${made.body.length}`);
    const boundary = made.headers["content-type"]?.split("=")[1];
    expect(textOfSample(made)).toBe(
      `--${boundary}\r\nContent-Disposition: form-data; name="sn"; filename="${serial}.txt"\r\nContent-ID: <${serial}>\r\n\r\n${serial}\r\n--${boundary}--\r\n`,
    );
  });

  it("is compressed as the report", async () => {
    const text = JSON.stringify({ name: "Zhang", at: 1 });
    const encodings: [string, Buffer][] = [
      ["gzip", gzipSync(text)],
      ["br", brotliCompressSync(text)],
    ];
    for (const [encoding, body] of encodings) {
      const record = kept(body, { headers: { "content-encoding": encoding } });
      const made = await sample(record);
      expect((await valuesOf({ ...record, ...made })).join()).toMatch(/^(?!Zhang)[A-Z][a-z]{4},\d$/);
    }
  });
});

describe("no sample", () => {
  it.each([
    ["over 4 MB", Buffer.alloc(16 * 1024 * 1024, "x")],
    ["over 4 MB unpacked", gzipSync(Buffer.alloc(16 * 1024 * 1024, "x"))],
    ["over 512 KB of text", Buffer.from(JSON.stringify(Array.from({ length: 100_000 }, (_, n) => `name ${n}`)))],
    ["every number of four digits", Buffer.from(JSON.stringify(Array.from({ length: 9000 }, (_, n) => n + 1000)))],
  ])("is made of a report with %s", async (_, body) => {
    await expect(sample(kept(body))).rejects.toThrow(/no sample can be made of this report/);
  });

  it("is refused for many levels alone", async () => {
    await expectShareable(kept(`${"[".repeat(50_000)}"Zhang"${"]".repeat(50_000)}`));
    await expectShareable(kept(`${'{"a":'.repeat(900)}"Zhang"${"}".repeat(900)}`));
  });
});

describe("no value of a report", () => {
  const each = isWhole ? 8 : 32;
  const bodies = fixtures().flatMap(([dialect, name], at) =>
    wrappings
      .filter((_, index) => isLong || index % each === at % each)
      .map((wrapping) => ({ dialect, name, wrapping: wrapping.name, wrap: wrapping.wrap })),
  );

  it("is in the sample of a documented body, in any wrapping", async () => {
    for (const { dialect, name, wrap } of bodies) {
      await expectShareable(
        kept(wrap(fixture(dialect, name)).body, { ...wrap(fixture(dialect, name)), path: `/${routeOf(dialect)}` }),
      );
    }
  });

  it.each(samples)("is in the sample of %s", async (name) => {
    const { path, query, headers, body } = terminalRequest(name, "key");
    const [first = "", ...others] = path.split("/").filter((part) => part !== "" && part !== "key");
    const asked = new URLSearchParams(query);
    const table = [others[0], asked.get("table") ?? "-", asked.get("SN") ?? "-"].join("/");
    await expectShareable(kept(body, { headers, path: `/${first}/${first === "iclock" ? table : others.join("/")}` }));
  });

  // A report that is the name of a field is no name, unless it is nested too deep to be read.
  const others = wrappings.filter(({ name }) => name !== "the name of one field");
  const anyWrapped = fc.tuple(anyMutant, fc.constantFrom(...others)).map(([body, { wrap }]) => wrap(body));
  const anyTorn = fc.tuple(anyMutant, fc.double({ min: 0, max: 1, noNaN: true })).map(([body, part]) => {
    const bytes = Buffer.from(textOf(body));
    return { body: bytes.subarray(0, Math.floor(bytes.length * part)), headers: {} };
  });
  const anyUnknown = fc.record({
    body: fc.oneof(
      anyJson.map((value) => Buffer.from(JSON.stringify({ value, time: "2026-11-24 08:01:18", person: "Zhang San" }))),
      fc.string({ maxLength: 200 }).map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
    ),
    headers: fc.constant({}),
  });

  it("is in the sample of a form with an empty list", async () => {
    await expectShareable(kept("timestamp=1602612036.3821&recognize_face=17&events=%5B%5D"));
    await expectShareable(kept('{"dev_sno":null,"sub_devices":[],"events":[]}\n{"dev_sno":null,"events":[]}'));
    await expectShareable(kept('{"gateway_sn": "1"\uFF0C"gateway_name": "gate"\uFF0C"events": []}'));
    const body = '--b\r\nContent-Disposition: form-data; name="devices"\r\n\r\n[]\r\n--b--\r\n';
    await expectShareable(kept(body, { headers: { "content-type": "multipart/form-data; boundary=b" } }));
  });

  it("is in the sample of a report with a text that is nested too deep", async () => {
    const deep = `{"failed_users":${'{"in":'.repeat(40)}1${"}".repeat(40)}}`;
    await expectShareable(kept({ success: null, message: "failed", dev_sno: "ZKZCPI0001", result: deep }));
    await expectShareable(kept(JSON.stringify(deep)));
    await expectShareable(kept({ success: false, message: "failed", result: deep.replaceAll('"', "'") }));
  });

  it.each([
    Buffer.from("A=\xc2", "latin1"),
    Buffer.from("\uFEFFname=张三&x=李").subarray(0, -1),
    Buffer.from('{"personName":"Zhang San","note":"李').subarray(0, -2),
    Buffer.from("Zhang 😀").subarray(0, -1),
  ])("is in the sample of a body that ends within a character (%#)", async (body) => {
    await expectShareable(kept(body));
  });

  it("is in the sample of XML with entities, known or not", async () => {
    await expectShareable(kept("<Event><name>Zhang &amp; S&#97;n &auml; &#0; &#x5f20;</name></Event>"));
  });

  it("is in the sample of a number that is nearly too large to be exact", async () => {
    for (const number of ["-9007198849762475", "9183067046934078", "8.5e15", "9.5e15"])
      for (let tries = 0; tries < 100; tries++) await expectShareable(kept(`{"value":{"number":${number}}}`));
  });

  it("is in the sample of a time that is nearly zero", async () => {
    await expectShareable(kept("identity_id=888001&identity_name=Zhang&timestamp=-6e-323&device_id=23c7232b"));
  });

  it("is in the sample of a number that is nearly infinite", async () => {
    await expectShareable(kept({ userId: 888002, userType: -1.797e308, crossTime: "1571890954932", deviceId: "AKOP" }));
  });

  it("is in the sample of a broken text with names of an event", async () => {
    const result = '{"failed_users":[{"identity_id":"888001","code":-1.2e 52}],"timestamp":{}}';
    await expectShareable(kept({ success: false, messageKey: "add_users_plus", dev_sno: "ZKZCPI0001", result }));
  });

  it("is in the sample of a word that is like one that dialects know", async () => {
    const letters = [..."abcdefghijklmnopqrstuvwxyz"];
    const { name } = await sampleValue({ name: letters.flatMap((one) => letters.map((two) => one + two)).join(" ") });
    expect(name.match(/\b(?:in|no|ok|io)\b/)).toBeNull();
  });

  it("is in the sample of a form with percent signs that are no escapes", async () => {
    for (const body of [".=%H", "x=Zhang%HSan%zz%1%g&y=%"]) await expectShareable(kept(body));
  });

  it("is in the sample of a form with a bracket in a name", async () => {
    await expectShareable(kept("[u=Xiao&[v]=Zhang&[-A=1"));
  });

  it.each(["fe5afe830207", "3e2da95a"])(
    "is in the sample of characters alone in a block of a charset: %s",
    async (hex) => {
      await expectShareable(kept(Buffer.from(hex, "hex")));
    },
  );

  it("is in the sample of a body in a charset that cannot be written", async () => {
    const body = Buffer.from("\x1b$B%5%s%W%k\x1b(B Zhang", "latin1");
    await expectShareable(kept(body, { headers: { "content-type": "text/plain; charset=iso-2022-jp" } }));
  });

  it("is in the sample of a random body", async () => {
    // All layers of a larger one may have over 512 KB together.
    const any = fc.oneof(anyWrapped, anyTorn, anyUnknown).filter(({ body }) => body.length <= 64 * 1024);
    const property = fc.asyncProperty(any, async ({ body, headers }) => expectShareable(kept(body, { headers })));
    await fc.assert(property, { numRuns: isLong ? 100_000 : rounds(1000) });
  });
});
