import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { apiDocument } from "../../../packages/api/src/api.ts";
import {
  type Bounds,
  type Document,
  directionsOf,
  limits,
  namesOfApi,
  namesOfBus,
  readLine,
} from "../../../scripts/stable/list.ts";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");
const document = (): Document => JSON.parse(JSON.stringify(apiDocument()));

/** The texts of a list, and the bounds of each name: several of one that is in several parts of a schema. */
function readList(lines: readonly string[]) {
  const [texts, bounds] = [new Set<string>(), new Map<string, Bounds[]>()];
  for (const line of lines.map(readLine)) {
    texts.add(line.text);
    bounds.set(line.name, [...(bounds.get(line.name) ?? []), ...line.bounds]);
  }
  return { texts, bounds };
}

type List = ReturnType<typeof readList>;

const kept = readList(read("stable.txt").trim().split("\n"));

/** Names that programs rely on, and that are gone or have another type. */
const goneFrom = ({ texts }: List) => [...kept.texts].filter((text) => !texts.has(text));

const rootOf = (name: string) => name.replace(/\W.*$/, "");

/** Words that are gone, and ones that clients who read a closed list do not know. */
function otherWords({ bounds }: List, changed: Document): string[] {
  const wordsOf = (all: readonly Bounds[] = []) =>
    all.flatMap((one) => one.enum ?? one["x-extensible-enum"] ?? ("const" in one ? [one.const] : []));
  const { read } = directionsOf(changed);
  const isClosed = (name: string) =>
    (read.has(rootOf(name)) || / answers \d/.test(name)) &&
    !bounds.get(name)?.some((one) => one["x-extensible-enum"] !== undefined);
  return [...kept.bounds].flatMap(([name, before]) => {
    const [was, is] = [wordsOf(before), wordsOf(bounds.get(name))];
    const gone = was.filter((word) => !is.includes(word));
    const more = was.length > 0 && isClosed(name) ? is.filter((word) => !was.includes(word)) : [];
    return [...gone.map((word) => `${name} without ${word}`), ...more.map((word) => `${name} with ${word}`)];
  });
}

/** Limits of what is sent that are narrower than they were, or new. */
function narrower({ bounds }: List): string[] {
  const limited = (all: readonly Bounds[]) => all.filter((one) => limits.some((limit) => one[limit] !== undefined));
  return [...bounds].flatMap(([name, all]) => {
    const before = kept.bounds.get(name);
    const [now = {}, ...others] = limited(all);
    if (before === undefined || others.length > 0) return [];
    const [was = {}] = limited(before);
    return limits.flatMap((limit) => {
      const [old, value] = [was[limit], now[limit]];
      if (value === undefined) return [];
      const isNarrower = old === undefined || (limit.startsWith("min") ? value > old : value < old);
      return isNarrower ? [`${name} ${limit} ${value}`] : [];
    });
  });
}

/** What an operation of the list, or a schema that is sent, asks for now, and did not before. */
function askedNow({ texts }: List, changed: Document): string[] {
  const { sent } = directionsOf(changed);
  return [...texts].filter((text) => {
    if (kept.texts.has(text) || kept.bounds.has(readLine(text).name)) return false;
    const [, operation] = /^([A-Z]+ \S+) (?:in|takes) [^?]*: /.exec(text) ?? [];
    if (operation !== undefined) return kept.texts.has(`${operation} is ${idOf(operation, changed)}`);
    const [, parent = ""] = /^(\w+(?:\.[^:]*)?)\.[^.:?]+: /.exec(text) ?? [];
    return kept.bounds.has(parent) && sent.has(rootOf(parent));
  });
}

function idOf(operation: string, { paths }: Document): string | undefined {
  const [method = "", path = ""] = operation.split(" ");
  return paths[path]?.[method.toLowerCase()]?.operationId;
}

/** All that programs would stumble over that rely on the list. */
function broken(changed: Document): string[] {
  const now = readList([...namesOfApi(changed), ...namesOfBus(JSON.parse(read("../../../docs/bus.schema.json")))]);
  return [...goneFrom(now), ...otherWords(now, changed), ...narrower(now), ...askedNow(now, changed)];
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
    "a word more in the closed list of a member",
    (one) => memberOf(one, "Site", "presence").enum?.push("half"),
    "Site.presence with half",
  ],
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
])("the list of what stays finds %s", (_, change, named) => {
  const changed = document();
  change(changed);
  expect(broken(changed).join("\n")).toContain(named);
});

it.each<[string, (changed: Document) => unknown]>([
  [
    "a new member of an answer",
    (one) => Object.assign(schemaOf(one, "Event").properties ?? {}, { lift: { type: "string" } }),
  ],
  [
    "a new word of a list that may grow",
    (one) => schemaOf(one, "AuditAction")["x-extensible-enum"]?.push("roof-opened"),
  ],
  ["a longer text", (one) => Object.assign(memberOf(one, "ActionReport", "note"), { maxLength: 4096 })],
])("the list of what stays allows %s", (_, change) => {
  const changed = document();
  change(changed);
  expect(broken(changed)).toEqual([]);
});
