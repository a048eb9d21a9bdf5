import { readFileSync } from "node:fs";
import { type Json, type JsonObject, setPath } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { fixture, routeOf } from "../../support/fixtures.ts";
import { photo } from "../../support/pictures.ts";
import { understood } from "../../support/reports.ts";
import { type Field, fieldsOf } from "./fields.ts";

const documents = readFileSync(new URL("../../../docs/protocol.md", import.meta.url), "utf8");

/** The rows of "Dropped fields" in docs/protocol.md: dialects, field, reason. */
const dropped =
  (documents.split("\n## Dropped fields\n")[1] ?? "")
    .split(/\n## /, 1)[0]
    ?.split("\n")
    .filter((line) => /^\| `/.test(line))
    .map((line) => line.split("|").map((cell) => cell.replaceAll("`", "").trim())) ?? [];

const isDropped = (dialect: string, path: readonly string[]) =>
  dropped.some(([, dialects = "", field]) => dialects.split(", ").includes(dialect) && field === path.join("."));

/** A value that no box sends by chance: a number for a time, a picture or a feature vector if one is expected. */
function sampleOf({ path, type }: Field): Json {
  if (/time$|timestamp$/i.test(path.at(-1) ?? "")) return 1_577_836_800_123;
  if (type.includes("base") || /(Src|Face|user)Photo$/.test(path.at(-1) ?? "")) return photo("a field of its own");
  if (path.at(-1)?.startsWith("feature")) return Array.from({ length: 512 }, () => 0.4711);
  if (/score/i.test(path.at(-1) ?? "")) return 0.4711;
  return type === "dict" ? { some: "word" } : "some word";
}

/** All that is known of a body but the flags. */
function known(body: JsonObject, route: string): string {
  const { report, pictures } = understood(body, { route });
  return JSON.stringify([{ ...report, flags: [] }, [...pictures.keys()]]);
}

const cases = Object.entries(fieldsOf).flatMap(([dialect, fields]) =>
  fields.map((field): [string, string, Field] => [dialect, field.path.join("."), field]),
);
describe("the reference", () => {
  it.each([
    ["se3-realtime", 15],
    ["history-nested", 30],
    ["history-flat", 31],
    ["history-v6", 24],
    ["platform-a", 15],
    ["platform-b", 16],
    ["ws-v5", 18],
    ["ws-v6", 12],
    ["stored-v5", 19],
    ["stored-v6", 6],
  ])("has at least the fields of %s", (dialect, count) => {
    expect(fieldsOf[dialect]?.length).toBeGreaterThanOrEqual(count);
  });
});

describe("a field of the reference", () => {
  it.each(cases)("is mapped, kept, or dropped with a reason: %s, %s", (dialect, _, field) => {
    const complete = fixture(dialect, "complete");
    const [one, other] = [sampleOf(field), field.type === "dict" ? {} : null].map((value) => {
      const body = structuredClone(complete);
      setPath(body, field.path, value);
      return known(body, routeOf(dialect));
    });
    expect(one === other).toBe(isDropped(dialect, field.path));
  });
});

it("every field dropped with a reason is a field of the reference", () => {
  expect(dropped.length).toBeGreaterThan(0);
  for (const [, dialects = "", field = "", reason = ""] of dropped) {
    expect(reason.length).toBeGreaterThan(20);
    for (const dialect of dialects.split(", ")) {
      expect(fieldsOf[dialect]?.map(({ path }) => path.join("."))).toContain(field);
    }
  }
});
