import { fill, interpret, parseStored, type Report, reportSchema, storedJson, toStoredJson } from "@gatepost/protocol";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod/mini";
import { anyReport } from "../../support/arbitraries.ts";
import { eventFixtures, fixture, routeOf } from "../../support/fixtures.ts";
import { anyMutant, textOf } from "../../support/mutations.ts";
import { history, received, understood } from "../../support/reports.ts";
import { runs } from "../../support/seeded.ts";

const arrival = { box: "gate-1", route: "", receivedAt: received, keepFeatures: true };
const stored = (report: Report): unknown => JSON.parse(toStoredJson(reportSchema, report, "event evt_1"));
const read = (value: unknown) => parseStored(reportSchema, value, "event evt_1");
const whole = understood(history()).report;

describe("a value to be stored", () => {
  const schema = z.object({ at: z.int(), note: z.exactOptional(z.string()) });

  it("is written as the JSON that its schema reads", () => {
    expect(toStoredJson(schema, { at: 7, note: "a" }, "row 1")).toBe('{"at":7,"note":"a"}');
    expect(toStoredJson(schema, { at: 7, note: undefined }, "row 1")).toBe('{"at":7}');
  });

  it.each([{ at: Number.NaN }, { at: 7, note: null }, undefined])(
    "is refused if it could not be read again: %j",
    (value) => {
      expect(() => toStoredJson(schema, value, "row 1")).toThrow(/^row 1 is not as this version stores it: /);
    },
  );
});

describe("a stored report", () => {
  it.each(eventFixtures())("is read as it was written: %s/%s", (dialect, name) => {
    const { report } = understood(fixture(dialect, name), { route: routeOf(dialect) });
    expect(read(stored(report))).toEqual(report);
  });

  it("is read as it was written, for any body from a box", () => {
    fc.assert(
      fc.property(anyMutant, (body) => {
        const interpretation = interpret(JSON.parse(textOf(body)), arrival);
        if (!("passing" in interpretation)) return;
        const { report } = interpretation.passing;
        expect(read(stored(report))).toEqual(report);
      }),
      runs(200),
    );
  });

  it("keeps free-form members exactly, including inherited names", () => {
    fc.assert(
      fc.property(anyReport, (report) => {
        expect(JSON.stringify(read(stored(report)).extra)).toBe(JSON.stringify(report.extra));
      }),
    );
  });

  it("keeps the unknown members of a newer version, even after a repeat", () => {
    const { person: _, ...rest } = whole;
    const newer = {
      ...rest,
      temperature: 36.6,
      device: { ...whole.device, floor: 3 },
      pictures: { thermal: { k: 1 } },
    };
    expect(read(newer)).toEqual(newer);
    expect(fill(read(newer), whole)).toMatchObject({ ...newer, person: whole.person });
  });

  it.each<[string, object, string]>([
    ["without its kind", { kind: undefined }, "kind: invalid_value"],
    ["of a kind that nobody knows", { kind: "rumour" }, "kind: invalid_value"],
    ["whose receipt is a text", { receivedAt: "小明" }, "receivedAt: expected number"],
    ["whose score is a number alone", { score: 0.5 }, "score: expected tuple"],
    ["whose score is null", { score: [null, 1] }, "score.0: expected number"],
    ["whose person has another's id as a number", { person: { id: 666666 } }, "person.id: expected string"],
    ["whose extra is a list", { extra: ["小明"] }, "extra: custom"],
    [
      "whose picture has no size",
      { pictures: { face: { sha256: "ab", contentType: "image/png" } } },
      "pictures.face.bytes: expected number",
    ],
    ["whose flags are one text", { flags: "clock" }, "flags: expected array"],
  ])("%s is refused: the error names the event and the member", (_, broken, fault) => {
    const row = { ...whole, ...broken };
    expect(() => read(row)).toThrow(new Error(`event evt_1 is not as this version stores it: ${fault}`));
  });
});

describe("a row", () => {
  const schema = z.object({ id: z.string(), name: storedJson(z.array(z.string())) });

  it("gives what its schema reads, also of a text of JSON", () => {
    expect(parseStored(schema, { id: "1", name: '["小明"]', later: 1 }, "row 1")).toEqual({ id: "1", name: ["小明"] });
  });

  it("has an error with its name and members, without its values", () => {
    const refused = (row: unknown) => () => parseStored(schema, row, "row 1");
    expect(refused({ id: 1, name: '["小明' })).toThrow(
      new Error("row 1 is not as this version stores it: id: expected string; name: expected array"),
    );
    expect(refused(undefined)).toThrow(new Error("row 1 is not as this version stores it: expected object"));
  });
});
