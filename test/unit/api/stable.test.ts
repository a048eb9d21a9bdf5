import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { apiDocument } from "../../../packages/api/src/api.ts";
import { type Document, namesOfApi, namesOfBus } from "../../../scripts/stable/list.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const kept = read("stable.txt").trim().split("\n");
const document = (): Document => JSON.parse(JSON.stringify(apiDocument()));

/** Names that programs rely on, and that are gone or have another type. */
const goneFrom = (names: readonly string[]) => kept.filter((line) => !names.includes(line));

/** What an operation of the list asks for now, and did not before. */
function askedNow(names: readonly string[]): string[] {
  const known = new Set(kept.map((line) => /^([A-Z]+ \S+) /.exec(line)?.[1]));
  return names.filter((line) => {
    const [, operation, asked = ""] = /^([A-Z]+ \S+) (?:in|takes) (.*): /.exec(line) ?? [];
    return operation !== undefined && known.has(operation) && !asked.includes("?") && !kept.includes(line);
  });
}

const names = [...namesOfApi(document()), ...namesOfBus(JSON.parse(read("../../../docs/bus.schema.json")))];

it("no name that programs rely on is gone from the API and the bus, or has another type", () => {
  expect(goneFrom(names)).toEqual([]);
});

it("no operation asks for more than it did", () => {
  expect(askedNow(names)).toEqual([]);
});

it("a missing member and a newly required parameter are named", () => {
  const changed = document();
  const event = changed.components.schemas["Event"];
  delete event?.properties?.["receivedAt"];
  for (const parameter of changed.paths["/v1/events"]?.["get"]?.parameters ?? [])
    if (parameter.name === "box") parameter.required = true;
  const now = namesOfApi(changed);
  expect(goneFrom(now)).toContain("Event.receivedAt: string");
  expect(askedNow(now)).toContain("GET /v1/events in query box: array");
});
