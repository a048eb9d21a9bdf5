import { interpret, type Json, type JsonObject } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { omitFeatures } from "../../../packages/protocol/src/features.ts";
import { boxStatusFixtures, eventFixtures, fixture, routeOf } from "../../support/fixtures.ts";
import { arrival, history, realtime, understood } from "../../support/reports.ts";
import { rounds } from "../../support/seeded.ts";

/** A number and a text that only vectors have here. */
const [number, letters] = [0.731259, "zuSKvBMx"];
const list = Array.from({ length: 512 }, () => number);
const base64 = letters.repeat(342);
const holdsVector = (value: unknown) =>
  JSON.stringify(value).includes(letters) || `${JSON.stringify(value)}`.includes(`${number}`);

const names = [
  "feature",
  "feature_binary",
  "feature_base64_str",
  "register_feature",
  "featureBinary",
  "FEATURE",
  "face_features",
  "embedding",
];
const anyVector = fc.tuple(
  fc.constantFrom(...names),
  fc.constantFrom<Json>(list, base64, { data: list }, { ...list }, JSON.stringify(list), [base64]),
);
/** How a vector may be put into an object: as its member, or within another one of it. */
const anyWrapping = fc.constantFrom<(vector: JsonObject) => JsonObject>(
  (vector) => vector,
  (vector) => ({ recognize_face_attr: vector }),
  (vector) => ({ recognize_face_attr: [{ age: "youth" }, vector] }),
  (vector) => ({ identity_info: { more: [[vector]] } }),
  (vector) => ({ note: JSON.stringify({ vector }) }),
  (vector) => ({ note: `[${JSON.stringify(JSON.stringify(vector))}]` }),
  (vector) => ({ note: `{'vector': ${JSON.stringify(vector).replaceAll('"', "'")}}` }),
);

/** All objects of a value, the value itself among them. */
function objectsIn(value: Json): JsonObject[] {
  if (typeof value !== "object" || value === null) return [];
  return [...(Array.isArray(value) ? [] : [value]), ...Object.values(value).flatMap(objectsIn)];
}

const anyPlace = fc.tuple(
  fc.constantFrom(...eventFixtures(), ...boxStatusFixtures()),
  fc.nat(),
  anyVector,
  anyWrapping,
);

describe("a feature vector anywhere in a report of any form", () => {
  it("is dropped from the kept report", () => {
    let kept = 0;
    fc.assert(
      fc.property(anyPlace, ([[dialect, name], at, [vector, value], wrapped]) => {
        const body = fixture(dialect, name);
        const objects = objectsIn(body);
        Object.assign(objects[at % objects.length] ?? body, wrapped({ [vector]: value }));
        const read = interpret(body, { ...arrival, route: routeOf(dialect) });
        if ("unreadable" in read) return;
        kept += 1;
        expect(holdsVector("passing" in read ? read.passing.report : read.boxStatus)).toBe(false);
      }),
      { numRuns: rounds(600) },
    );
    expect(kept).toBeGreaterThan(rounds(300));
  });

  it("is removed without anything else", () => {
    const sent = { mask: "no", points: [1, 2], note: JSON.stringify({ hat: "yes", deep: { feature: list } }) };
    const { extra } = understood(
      realtime({ ...sent, feature_binary: base64, faces: [{ feature: list }, { a: 1 }] }),
    ).report;
    expect(extra).toEqual({ mask: "no", points: [1, 2], note: '{"hat":"yes"}', faces: [{ a: 1 }] });
  });

  it("is dropped with its text if such texts exceed the size of a kept report", () => {
    const note = JSON.stringify({ hat: "yes", deep: { feature: list } });
    const short = Array.from({ length: 5 }, () => note);
    const long = JSON.stringify({ feature: list, note: "x".repeat(72 * 1024) });
    expect(understood(realtime({ short, hat: "no" })).report.extra).toEqual({
      short: short.map(() => '{"hat":"yes"}'),
      hat: "no",
    });
    expect(understood(realtime({ long, hat: "no" })).report.extra).toEqual({ hat: "no" });
    const many = omitFeatures({ notes: Array.from({ length: 15_000 }, () => note) })["notes"];
    expect(holdsVector(many ?? null)).toBe(false);
    expect(many).toHaveLength(Math.floor((72 * 1024) / note.length));
  });

  it("is no reason to keep the report whole, at any length", () => {
    const { report, keepWhole } = understood(history({ register_feature: base64.repeat(4) }));
    expect(report).not.toHaveProperty("extra");
    expect(keepWhole).toBeNull();
  });

  it("stays if the deployment wants it", () => {
    const features = { feature_binary: base64, identity_info: { feature: list } };
    const { extra, person } = understood(history(features), { keepFeatures: true }).report;
    expect([extra, person?.info]).toEqual([{ feature_binary: base64 }, { feature: list }]);
    const status = { ...fixture("mq-result", "command"), ext_data: { feature: list } };
    expect(holdsVector(interpret(status, { ...arrival, keepFeatures: true }))).toBe(true);
    expect(interpret(status, arrival)).toHaveProperty("boxStatus");
  });

  it("does not change the id of the event", () => {
    const body = realtime({ identity_id: "", feature: list });
    expect(understood(body).eventId).toBe(understood(body, { keepFeatures: true }).eventId);
  });
});

describe("a member with the name of a vector", () => {
  it.each<[string, Json]>([
    ["feature", "vip"],
    ["feature", "x".repeat(64)],
    ["features", 3],
    ["with_feature", true],
  ])("stays if it cannot be a vector: %s of %j", (name, value) => {
    expect(omitFeatures({ [name]: value })).toEqual({ [name]: value });
  });

  it.each<[string, Json]>([
    ["feature", "x".repeat(65)],
    ["feature", []],
    ["Feature", { a: 1 }],
    ["features", null],
    ["featureBase64Str", "AAAA"],
    ["register-feature", 1],
  ])("is dropped if it may be a vector: %s of %j", (name, value) => {
    expect(omitFeatures({ [name]: value, id: "7" })).toEqual({ id: "7" });
  });
});

describe("a text", () => {
  it.each([
    `{"note":"a door without this ${"feature".repeat(9)}"}`,
    JSON.stringify({ feature: "vip", note: "x".repeat(80) }),
    `[feature request: open the door more slowly in winter, please, and say so]`,
    `{"feature":[]}`,
  ])("stays unchanged if it contains no vector: %s", (text) => {
    expect(omitFeatures({ text })).toEqual({ text });
  });

  it("is dropped if it names a vector and is nested too deep to be searched", () => {
    const text = `${"[".repeat(100)}{"feature":[1]}${"]".repeat(100)}`;
    expect(omitFeatures({ text, id: "7" })).toEqual({ id: "7" });
  });
});

it("leaves an object without a vector unchanged, and odd names too", () => {
  const object = { a: {}, b: [], c: null };
  expect(omitFeatures(object)).toBe(object);
  const odd = JSON.parse('{"__proto__":{"a":1},"feature":[1]}');
  expect(JSON.stringify(omitFeatures(odd))).toBe('{"__proto__":{"a":1}}');
});
