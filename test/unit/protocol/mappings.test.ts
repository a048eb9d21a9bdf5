import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hourMs } from "../../../packages/protocol/src/durations.ts";
import { interpret } from "../../../packages/protocol/src/interpret.ts";
import { isObject, type Json, type JsonObject } from "../../../packages/protocol/src/json.ts";
import { layouts, shownBy } from "../../../packages/protocol/src/layouts.ts";
import { LocalTimes } from "../../../packages/protocol/src/local-time.ts";
import { mappedBy, mappingsInOrder } from "../../../packages/protocol/src/mappings/find.ts";
import { mappingIn, mappingSchema } from "../../../packages/protocol/src/mappings/mapping.ts";
import { mappedReaderOf } from "../../../packages/protocol/src/mappings/reader.ts";
import {
  isPath,
  pathOf,
  putBack,
  stepsOfPath,
  treeOf,
  valueOn,
  withoutValues,
} from "../../../packages/protocol/src/steps.ts";
import { arrival } from "../../support/reports.ts";
import { isLong } from "../../support/seeded.ts";

const names = fc.oneof(
  fc.string({ maxLength: 8 }),
  fc.constantFrom("a", "b", "__proto__", "constructor", "a.b", '["', "x]", "toString", "0"),
);
const steps = fc.array(fc.oneof(names, fc.nat(5)), { minLength: 1, maxLength: 6 });

describe("a path", () => {
  it.each([
    ["a", ["a"]],
    ["record.items[0].name", ["record", "items", 0, "name"]],
    ['["a.b"].c', ["a.b", "c"]],
    ["[3]", [3]],
    ["__proto__.x", ["__proto__", "x"]],
    ['["\\u0041\\""]', ['A"']],
  ])("%s", (text, read) => expect(stepsOfPath(text)).toEqual(read));

  it.each([
    "",
    ".a",
    "a.",
    "a..b",
    "a[",
    "a[-1]",
    "a[01]",
    "a[x]",
    '["a',
    '["\\x"]',
    "a]b",
    `${"a.".repeat(16)}a`,
    "a".repeat(201),
    "a[99999999]",
  ])("%j is none", (text) => expect(isPath(text)).toBe(false));

  it("is needed for steps", () => {
    expect(() => stepsOfPath("a..b")).toThrow(RangeError);
  });

  it("is written as it is read", () => {
    fc.assert(
      fc.property(steps, (path) => {
        const text = pathOf(path);
        if (isPath(text)) expect(stepsOfPath(text)).toEqual(path);
        else expect(text.length).toBeGreaterThan(200);
      }),
    );
  });

  it("is read in a time that grows with its length", () => {
    for (const text of ['["'.repeat(100), '["\\'.repeat(66), "[0]".repeat(66), "a.".repeat(100)]) isPath(text);
  });

  it("leads to own members alone", () => {
    expect(valueOn({}, ["constructor"])).toBeUndefined();
    expect(valueOn(JSON.parse('{"__proto__":{"x":1}}'), ["__proto__", "x"])).toBe(1);
    expect(valueOn([1], ["length"])).toBeUndefined();
    expect(valueOn({ "0": 1 }, [0])).toBeUndefined();
  });
});

const values: fc.Arbitrary<Json> = fc.letrec<{ any: Json }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom<Json>(null, "", 0, true, "in", 1763600400, "2025-11-20 08:00:00", "/9j/4AAQSkZJRg=="),
    fc.string({ maxLength: 6 }),
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(names, tie("any"), { maxKeys: 4 }),
  ),
})).any;
const bodies = fc.dictionary(names, values, { maxKeys: 5 });

/** The paths to all values of a body that are no objects and no lists. */
function leavesOf(value: Json, before: (string | number)[] = []): (string | number)[][] {
  if (Array.isArray(value)) return value.flatMap((item, at) => leavesOf(item, [...before, at]));
  if (isObject(value)) return Object.keys(value).flatMap((name) => leavesOf(value[name] ?? null, [...before, name]));
  return [before];
}

describe("the rest of a body", () => {
  it("has every value that was not taken, at its place, and no other", () => {
    fc.assert(
      fc.property(bodies, fc.array(steps, { maxLength: 4 }), (body, taken) => {
        const rest = withoutValues(body, treeOf(taken));
        const isTaken = (path: readonly (string | number)[]) =>
          taken.some((one) => one.every((name, at) => name === path[at]));
        for (const path of leavesOf(body)) {
          const [sent, left] = [valueOn(body, path), valueOn(rest, path)];
          if (isTaken(path)) expect(left ?? null).toBeNull();
          else if (sent !== null) expect(left).toEqual(sent);
        }
      }),
    );
  });

  it("has a list again whose only value is put back", () => {
    const rest = withoutValues({ a: [null, 1] }, treeOf([["a", 1]]));
    expect(rest).toEqual({});
    putBack(rest, ["a", 1], 1);
    expect(rest).toEqual({ a: [null, 1] });
  });

  it("has a value again that is put back", () => {
    fc.assert(
      fc.property(bodies, (body) => {
        for (const path of leavesOf(body).slice(0, 5)) {
          const sent = valueOn(body, path) ?? null;
          if (sent === null) continue;
          const rest = withoutValues(body, treeOf([path]));
          putBack(rest, path, sent);
          expect(valueOn(rest, path)).toEqual(sent);
        }
      }),
    );
  });
});

describe("a layout of times", () => {
  const at = Date.UTC(2025, 10, 20, 13, 4, 5);
  const written: Record<string, string> = {
    YYYY: "2025",
    MM: "11",
    DD: "20",
    HH: "13",
    hh: "01",
    mm: "04",
    ss: "05",
    A: "PM",
  };
  it.each(layouts)("%s", (layout) => {
    const textOf = (changes: Record<string, string> = {}) =>
      layout.replace(/YYYY|MM|DD|HH|hh|mm|ss|A/g, (part) => ({ ...written, ...changes })[part] ?? part);
    const text = textOf();
    expect(shownBy(text, layout)).toBe(layout.includes("ss") ? at : at - 5000);
    const wrong = [{ DD: "31" }, { MM: "13", DD: "13" }, { HH: "24", hh: "13" }, { mm: "60" }].map(textOf);
    for (const other of ["", "x", `${text}x`, `x${text}`, "9".repeat(50), ...wrong])
      expect([other, shownBy(other, layout)]).toEqual([other, null]);
  });

  it("has a fraction behind its seconds, and no zeros in front if it has separators", () => {
    expect(shownBy("2025-11-20 13:04:05.250", "YYYY-MM-DD HH:mm:ss")).toBe(at + 250);
    expect(shownBy("1/2/2025 3:04 pm", "MM/DD/YYYY hh:mm A")).toBe(Date.UTC(2025, 0, 2, 15, 4));
    expect(shownBy("12/2/2025 12:04 a.m.", "MM/DD/YYYY hh:mm A")).toBe(Date.UTC(2025, 11, 2, 0, 4));
  });
});

const least = { name: "A", when: { is: { a: 1 } }, fields: {} };
const faultsOf = (changes: object) =>
  mappingSchema()
    .safeParse({ ...least, ...changes })
    .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`) ?? [];
const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`v${at}`, "in"]));

describe("a mapping", () => {
  it("is complete with a name and conditions", () => {
    expect(mappingSchema().parse(least)).toEqual({
      ...least,
      box: null,
      isOn: true,
      kind: "history",
      pictures: {},
      signs: [],
      when: { has: [], is: { a: 1 } },
    });
  });

  it.each([
    ["an unknown field", { fields: { "person.shoe": { at: "a" } } }, "fields: "],
    ["an unknown member", { fields: { time: { at: "a", of: 1 } } }, "fields.time: "],
    ["a path that is none", { fields: { time: { at: "a..b" } } }, "fields.time.at: must be a path"],
    ["a path too long", { fields: { time: { at: "a".repeat(201) } } }, "fields.time.at: must be a path"],
    [
      "a level of the topic that is too deep",
      { fields: { time: { at: "a" }, card: { at: { topic: 99 } } } },
      "fields.card.at.topic: must be 0 to ",
    ],
    [
      "a number where a path must be",
      { fields: { time: { at: "a" }, card: { at: 1 } } },
      'or a level of the topic as { "topic": 1 }',
    ],
    ["a list where a text must be", { fields: { time: { at: [["a"]] } } }, "fields.time.at: must be a path"],
    ["five paths", { fields: { time: { at: ["a", "b", "c", "d", "e"] } } }, "fields.time.at: may have 4 paths"],
    ["a layout that is none", { fields: { time: { at: "a", as: "YY" } } }, "fields.time.as: "],
    [
      "a zone that is none",
      { fields: { time: { at: "a", zone: "Mars/Base" } } },
      "fields.time.zone: must be a time zone",
    ],
    [
      "a direction that is none",
      { fields: { "device.direction": { at: "a", values: { "1": "up" } } } },
      "fields.device.direction.values.1: ",
    ],
    [
      "10,000 rows",
      { fields: { "device.direction": { at: "a", values: many(10_000) } } },
      "fields.device.direction.values: may have 100 rows",
    ],
    ["no condition", { when: {} }, "when: must have at least one"],
    ["one member to have", { when: { has: ["a"] } }, "when: must have at least one"],
    ["an answer of a megabyte", { answer: { body: "x".repeat(1_000_000) } }, "answer.body: may have 1024 bytes"],
    ["an answer with a path that is none", { answer: { body: { x: { at: "a.." } } } }, "answer.body: has an `at`"],
    ["an answer that refuses", { answer: { status: 500, body: "no" } }, "answer.status: "],
    [
      "more than 16 KB",
      {
        when: { is: Object.fromEntries(Array.from({ length: 16 }, (_, at) => [`a${at}`, "x".repeat(200)])) },
        fields: Object.fromEntries(
          ["method", "reason", "card", "serial"].map((name) => [
            name,
            {
              at: "a",
              values: Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`v${at}`, "x".repeat(100)])),
            },
          ]),
        ),
      },
      ": the mapping may have 16 KB",
    ],
  ])("is refused for %s", (_, changes, fault) => {
    expect(faultsOf(changes)).toEqual(expect.arrayContaining([expect.stringContaining(fault)]));
  });

  it("is none in a text that is none", () => {
    expect(mappingIn("map_1", "{")).toBeNull();
    expect(mappingIn("map_1", "[]")).toBeNull();
    expect(mappingIn("map_1", JSON.stringify(least))).toMatchObject({ id: "map_1", name: "A" });
  });
});

const readerOfDraft = (id: string, changes: object = {}) =>
  mappedReaderOf({ ...mappingSchema().parse({ ...least, ...changes }), id: `map_${id}` });

describe("readers", () => {
  it("are tried by their ids if they have as many conditions", () => {
    const [one, two] = [readerOfDraft("1"), readerOfDraft("2")];
    for (const readers of [
      [one, two],
      [two, one],
    ])
      expect(mappingsInOrder(readers, "gate-1")).toEqual([one, two]);
    expect(mappingsInOrder([one, one], "gate-1")).toEqual([one, one]);
  });

  it("make nothing of a value that they do not fit", () => {
    expect(interpret({ b: 1 }, { ...arrival, reader: readerOfDraft("1") })).toEqual({ unreadable: "unknown-shape" });
    expect(mappedBy([readerOfDraft("1"), readerOfDraft("2", { each: "list" })], { list: 7 })).toBeNull();
    for (const none of [7, null, "a"])
      expect(interpret(none, { ...arrival, reader: readerOfDraft("1") })).toEqual({ unreadable: "not-an-object" });
    const long = { a: 1, list: Array(21_000).fill(1) };
    expect(interpret(long, { ...arrival, reader: readerOfDraft("1") })).toEqual({ unreadable: "too-many-values" });
  });

  it("answer with lists, and with a text", () => {
    const answerOf = (body: Json) => readerOfDraft("1", { answer: { body } }).answer({ a: 1, n: true });
    expect(answerOf("OK")).toEqual({ status: 200, contentType: "text/plain; charset=utf-8", body: "OK" });
    expect(answerOf([{ at: "n" }, { at: "b" }, 3])?.body).toBe("[true,null,3]");
  });

  it("read an element of XML with attributes by its text, and leave these", () => {
    const reader = readerOfDraft("1", {
      when: { is: { card: "7" }, has: ["card.@unit"] },
      fields: { card: { at: "card" }, method: { at: "card.@unit" } },
      answer: { body: [{ at: "card" }] },
    });
    const report = { card: { "@unit": "C", "@x": "y", "#text": "7" } };
    expect([reader.fits(report), reader.answer(report)?.body]).toEqual([true, '["7"]']);
    expect(reader.read(report)).toMatchObject({ facts: { card: "7", method: "C" }, extra: { card: { "@x": "y" } } });
    expect(reader.read({ card: { "#text": "7" } }).extra).toEqual({});
    const unread = readerOfDraft("1", { fields: { result: { at: "card" }, time: { at: "card.@x" } } }).read(report);
    expect(unread).toMatchObject({ unreadable: [["card", "@x"]], extra: report });
  });

  it("leave nothing of a row that they read completely", () => {
    const fields = { card: { at: "[0]" }, method: { at: "[1]" } };
    expect(readerOfDraft("1", { each: "rows", fields }).read(["7", "C"]).extra).toEqual({});
  });

  it("take the first path that has a value, and leave the others", () => {
    const reader = readerOfDraft("1", { fields: { card: { at: ["a", "b", "c"] } } });
    expect(reader.read({ a: "", b: "7", c: "8" })).toMatchObject({ facts: { card: "7" }, extra: { c: "8" } });
  });

  it("read times in their layout, by the clocks of the box", () => {
    const { read } = readerOfDraft("1", { fields: { time: { at: "at", as: "YYYYMMDDHHmmss" } } });
    const timeOf = (at: Json, zone: string | null = "Asia/Shanghai") => read({ at }, new LocalTimes(zone)).facts.time;
    expect(timeOf("20251120160000")).toBe(Date.UTC(2025, 10, 20, 8));
    expect(timeOf(20251120160000)).toBe(Date.UTC(2025, 10, 20, 8));
    expect(timeOf("20251120160000", null)).toBeUndefined();
    for (const none of [true, { x: 1 }, ["20251120160000"], "today"]) expect(timeOf(none)).toBeUndefined();
  });

  it("read words and ids as a dialect does", () => {
    const fields = {
      "person.id": { at: "id" },
      "person.type": { at: "type" },
      wantAction: { at: "want" },
      result: { at: "result" },
    };
    const read = (body: JsonObject) => readerOfDraft("1", { fields }).read(body).facts;
    expect(read({ id: "7", type: "vip", want: " 1001 ", result: "Denied" })).toEqual({
      person: { id: "7", type: "vip" },
      wantAction: "1001",
      result: "denied",
    });
    expect(read({ id: "\u0000", type: "king", want: " ", result: "maybe" })).toEqual({ person: { type: "unknown" } });
  });
});

/** Random mappings over the names of random bodies. */
const paths = steps.map(pathOf).filter(isPath);
const field = fc.record(
  { at: fc.oneof(paths, fc.array(paths, { minLength: 1, maxLength: 4 })) },
  { requiredKeys: ["at"] },
);
const mappings = fc.record({
  name: fc.constant("m"),
  when: fc.record({ has: fc.array(paths, { minLength: 2, maxLength: 3 }) }),
  kind: fc.constantFrom("history", "realtime"),
  fields: fc.record(
    {
      time: fc.record({ at: paths, as: fc.constantFrom("auto", ...layouts) }),
      "person.id": field,
      "person.type": field,
      "device.id": field,
      "device.direction": field,
      score: field,
      reason: field,
      "attributes.temperature": field,
    },
    { requiredKeys: [] },
  ),
  pictures: fc.record({ face: paths, scene: paths }, { requiredKeys: [] }),
  signs: fc.array(
    fc.record({
      when: fc.record({ has: fc.array(paths, { minLength: 2, maxLength: 2 }) }),
      sign: fc.constant("heartbeat"),
    }),
    { maxLength: 2 },
  ),
  answer: fc.record({ body: fc.dictionary(names, fc.record({ at: paths }), { maxKeys: 3 }) }),
});

/** Whether a body is the sign of life that a mapping names. */
const isSign = (read: ReturnType<typeof interpret>, { signs }: { signs: readonly unknown[] }) =>
  "boxStatus" in read && read.boxStatus.kind === "heartbeat" && signs.length > 0;

describe("random mappings", () => {
  const [runs, options] = isLong ? [1_000_000, { timeout: 3 * hourMs }] : [500, {}];

  it("read random bodies without a fault, lose nothing, and touch no prototype", options, () => {
    fc.assert(
      fc.property(mappings, bodies, (sent, body) => {
        const mapping = { ...mappingSchema().parse(sent), id: "map_1" as const };
        const before = JSON.stringify(body);
        const reader = mappedReaderOf({ ...mapping, when: { has: [], is: {} } });
        const read = interpret(body, { ...arrival, zone: "Asia/Shanghai", reader });
        expect(JSON.stringify(body)).toBe(before);
        expect(Object.keys(Object.prototype)).toEqual([]);
        if (!("passing" in read)) {
          expect([read, isSign(read, mapping)]).toEqual([read, true]);
          return;
        }
        const { report } = read.passing;
        const taken = new Set(
          [...Object.values(mapping.fields), ...Object.values(mapping.pictures).map((at) => ({ at }))]
            .flatMap((one) => (one === undefined ? [] : [one.at].flat()))
            .map(String),
        );
        for (const path of leavesOf(body)) {
          const value = valueOn(body, path);
          const isNamed = [...taken].some((one) => pathOf(path).startsWith(one));
          if (isNamed || value === null || value === "" || path.length > 6) continue;
          expect(valueOn((report.extra ?? {}) as JsonObject, path)).toEqual(value);
        }
      }),
      { numRuns: runs },
    );
  });
});
