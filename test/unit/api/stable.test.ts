import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { apiDocument } from "../../../packages/api/src/api.ts";
import { type Document, directionsOf, namesOfApi, namesOfBus } from "../../../scripts/stable/list.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const kept = read("stable.txt").trim().split("\n");
const document = (): Document => JSON.parse(JSON.stringify(apiDocument()));

/** The words or limits that a list has of each name: several in a schema that is one of several. */
function boundsIn(lines: readonly string[], what: "words" | "limits"): Map<string, unknown[]> {
  const bounds = new Map<string, unknown[]>();
  for (const line of lines) {
    const [, name, value = ""] = new RegExp(`^(.*?) ${what}: (.*)$`).exec(line) ?? [];
    if (name !== undefined) bounds.set(name, [...(bounds.get(name) ?? []), ...[JSON.parse(value)].flat()]);
  }
  return bounds;
}

const isBound = (line: string) => / (?:words|limits): /.test(line);

/** Names that programs rely on, and that are gone or have another type. */
const goneFrom = (names: readonly string[]) => {
  const now = new Set(names);
  return kept.filter((line) => !isBound(line) && !now.has(line));
};

/** Words that are gone, and ones that clients who read a closed list do not know. */
function otherWords(names: readonly string[], changed: Document): string[] {
  const [was, is] = [boundsIn(kept, "words"), boundsIn(names, "words")];
  const closed = directionsOf(changed).read;
  const isClosed = (name: string) => closed.has(name) && changed.components.schemas[name]?.enum !== undefined;
  return [...was].flatMap(([name, words]) => {
    const now = is.get(name) ?? [];
    const gone = words.filter((word) => !now.includes(word));
    const more = isClosed(name) ? now.filter((word) => !words.includes(word)) : [];
    return [...gone.map((word) => `${name} without ${word}`), ...more.map((word) => `${name} with ${word}`)];
  });
}

/** Limits of what is sent that are narrower than they were, or new. */
function narrower(names: readonly string[]): string[] {
  const known = new Set(kept.map((line) => line.replace(/: .*$/, "")));
  const was = boundsIn(kept, "limits");
  return [...boundsIn(names, "limits")].flatMap(([name, all]) => {
    if (!known.has(name) || all.length > 1) return [];
    const [before = {}] = (was.get(name) ?? []) as Record<string, number>[];
    return Object.entries(all[0] as Record<string, number>).flatMap(([limit, value]) => {
      const old = before[limit] ?? (limit.startsWith("min") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY);
      return (limit.startsWith("min") ? value > old : value < old) ? [`${name} ${limit} ${value}`] : [];
    });
  });
}

/** What an operation of the list, or a schema that is sent, asks for now, and did not before. */
function askedNow(names: readonly string[], changed: Document): string[] {
  const { sent } = directionsOf(changed);
  const lines = new Set(kept);
  const known = new Set(kept.map((line) => line.replace(/: .*$/, "")));
  const isNew = (line: string) => !isBound(line) && !lines.has(line) && !known.has(line.replace(/: .*$/, ""));
  return names.filter((line) => {
    const [, operation] = /^([A-Z]+ \S+) (?:in|takes) [^?]*: /.exec(line) ?? [];
    if (operation !== undefined) return isNew(line) && kept.includes(`${operation} is ${idOf(operation, changed)}`);
    const [, parent = ""] = /^(\w+(?:\.[^:]*)?)\.[^.:?]+: /.exec(line) ?? [];
    return known.has(parent) && sent.has(parent.replace(/\W.*$/, "")) && isNew(line);
  });
}

function idOf(operation: string, { paths }: Document): string | undefined {
  const [method = "", path = ""] = operation.split(" ");
  return paths[path]?.[method.toLowerCase()]?.operationId;
}

/** All that programs of the list would stumble over. */
function broken(changed: Document): string[] {
  const names = [...namesOfApi(changed), ...namesOfBus(JSON.parse(read("../../../docs/bus.schema.json")))];
  return [...goneFrom(names), ...otherWords(names, changed), ...narrower(names), ...askedNow(names, changed)];
}

it("nothing that programs rely on is gone or has another type, and no operation asks for more than it did", () => {
  expect(broken(document())).toEqual([]);
});

const part = <Part>(one: Part | undefined): Part => {
  if (one === undefined) throw new Error("the document has no such part");
  return one;
};
const schemaOf = ({ components }: Document, name: string) => part(components.schemas[name]);
const operationOf = ({ paths }: Document, path: string, method: string) => part(paths[path]?.[method]);
const memberOf = (changed: Document, name: string, member: string) =>
  part(schemaOf(changed, name).properties?.[member]);

it.each<[string, (changed: Document) => unknown, string]>([
  ["a missing member", (one) => delete schemaOf(one, "Event").properties?.["receivedAt"], "Event.receivedAt: string"],
  [
    "a newly required parameter",
    (one) => {
      for (const parameter of operationOf(one, "/v1/events", "get").parameters ?? [])
        if (parameter.name === "box") parameter.required = true;
    },
    "GET /v1/events in query box?: array",
  ],
  [
    "a new required parameter",
    (one) => {
      const parameter = { name: "why", in: "query", required: true, schema: { type: "string" } };
      operationOf(one, "/v1/events", "get").parameters?.push(parameter);
    },
    "GET /v1/events in query why: string",
  ],
  [
    "a new required member of a body",
    (one) => {
      const schema = schemaOf(one, "ActionReport");
      Object.assign(schema.properties ?? {}, { why: { type: "string" } });
      schema.required?.push("why");
    },
    "ActionReport.why: string",
  ],
  [
    "a new required member within a body",
    (one) => {
      const items = part(memberOf(one, "ActionReport", "boxes").items);
      Object.assign(items.properties ?? {}, { why: { type: "string" } });
      items.required?.push("why");
    },
    "ActionReport.boxes?[].why: string",
  ],
  [
    "a body that may no longer be left out",
    (one) => {
      for (const methods of Object.values(one.paths))
        for (const { requestBody } of Object.values(methods))
          if (requestBody !== undefined) requestBody.required = true;
    },
    "takes? application/json: ",
  ],
  ["a word that is gone", (one) => schemaOf(one, "Role").enum?.shift(), "Role without guard"],
  ["a word more in a closed list", (one) => schemaOf(one, "Role").enum?.push("visitor"), "Role with visitor"],
  [
    "a word that is gone from a list that may grow",
    (one) => schemaOf(one, "AuditOutcome")["x-extensible-enum"]?.shift(),
    "AuditOutcome without asked",
  ],
  [
    "another constant",
    (one) => Object.assign(memberOf(one, "SeenRequest", "kind"), { const: "looked-at" }),
    "SeenRequest.kind without seen",
  ],
  [
    "another id of an operation",
    (one) => Object.assign(operationOf(one, "/v1/events", "get"), { operationId: "allEvents" }),
    "GET /v1/events is listEvents",
  ],
  [
    "a key for an open route",
    (one) => Object.assign(operationOf(one, "/v1/sessions", "post"), { security: [{ key: [] }] }),
    "POST /v1/sessions needs no key",
  ],
  [
    "a shorter text",
    (one) => Object.assign(memberOf(one, "ActionReport", "note"), { maxLength: 100 }),
    "ActionReport.note? maxLength 100",
  ],
  [
    "a limit that was not there",
    (one) => Object.assign(memberOf(one, "DecisionRequest", "expect"), { maximum: 5 }),
    "DecisionRequest.expect? maximum 5",
  ],
])("%s is named", (_, change, named) => {
  const changed = document();
  change(changed);
  expect(broken(changed).join("\n")).toContain(named);
});

it.each<[string, (changed: Document) => unknown]>([
  [
    "a member of an answer",
    (one) => Object.assign(schemaOf(one, "Event").properties ?? {}, { lift: { type: "string" } }),
  ],
  ["a word of a list that may grow", (one) => schemaOf(one, "AuditAction")["x-extensible-enum"]?.push("roof-opened")],
  ["a longer text", (one) => Object.assign(memberOf(one, "ActionReport", "note"), { maxLength: 4096 })],
])("%s may be added", (_, change) => {
  const changed = document();
  change(changed);
  expect(broken(changed)).toEqual([]);
});
