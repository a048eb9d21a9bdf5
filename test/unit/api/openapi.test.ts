import crypto, { createHash, hash } from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { isObject } from "@gatepost/protocol";
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { apiDocument, routed } from "../../../packages/api/src/api.ts";
import type { OpenApi, Operation } from "../../../packages/api/src/openapi/document.ts";
import { directionsOf } from "../../../scripts/stable/list.ts";
import { asPerson, documentOf, passing, requestOf, runtime, withExamples } from "./support.ts";

const operations: [name: string, method: string, path: string, operation: Operation][] = [];
/** The answers to the requests of the examples, by operation. */
const answers: Record<string, unknown> = {};
let document: OpenApi;
let ajv: Ajv2020;

document = await documentOf(await withExamples());
for (const [path, methods] of Object.entries(apiDocument().paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    operations.push([operation.operationId, method.toUpperCase(), path, operation]);
  }
}

// Every run makes the same ids, tokens and samples.
const { randomBytes, randomInt } = crypto;
let made = 0;
const bytes = (size: number) => hash("sha256", `${made++}`, "buffer").subarray(0, size);

function drawBy(random: object): void {
  Object.assign(crypto, random);
  syncBuiltinESMExports();
}

beforeAll(() => {
  drawBy({ randomBytes: bytes, randomInt: (below: number) => bytes(6).readUIntBE(0, 6) % below });
  ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema({ ...closed(document), $id: "document" });
});

afterAll(() => drawBy({ randomBytes, randomInt }));

/** The document without other members and words than the named ones: readers take others, and none is undocumented. */
function closed(open: OpenApi): OpenApi {
  return JSON.parse(JSON.stringify(open), (_, part) => {
    if (part?.["x-extensible-enum"] !== undefined) return { ...part, enum: part["x-extensible-enum"] };
    if (part?.["x-kinds"] !== undefined) part.properties.kind.enum = Object.keys(part["x-kinds"]);
    return part?.type === "object" && part.properties !== undefined ? { additionalProperties: false, ...part } : part;
  });
}

/** The validator of an answer's JSON, with the schemas that it refers to. */
function validatorOf(method: string, path: string, status: number, type: string): ValidateFunction | undefined {
  const steps = ["paths", path, method.toLowerCase(), "responses", `${status}`, "content", type, "schema"];
  const pointer = steps.map((step) => encodeURIComponent(step.replaceAll("~", "~0").replaceAll("/", "~1"))).join("/");
  return ajv.getSchema(`document#/${pointer}`);
}

describe.each(operations)("%s", (_, method, path, operation) => {
  const statuses = Object.keys(operation.responses);
  const status = statuses.findLast((one) => one.startsWith("2")) ?? statuses[0] ?? "";

  it("a route has an example for each required parameter, and for its body", () => {
    const needed = operation.parameters.filter(({ required }) => required);
    expect(needed.filter(({ example }) => example === undefined)).toEqual([]);
    expect(operation.requestBody?.content?.["application/json"]).toSatisfy(
      (body) => body === undefined || body.example !== undefined,
    );
  });

  it("the examples of parameters and of the body are what they are examples of", () => {
    const content = operation.requestBody?.content?.["application/json"];
    const shown = [...operation.parameters, ...(content === undefined ? [] : [{ name: "body", ...content }])];
    for (const { name, schema, example } of shown.filter((one) => one.example !== undefined)) {
      const inDocument = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"document#/'));
      const isValid = ajv.compile(inDocument);
      expect(isValid(example), `${name} ${JSON.stringify(isValid.errors)}`).toBe(true);
    }
  });

  it("the example gets the documented answer", async () => {
    made = 0;
    const deps = await withExamples();
    const { address, ...sent } = requestOf(path, operation);
    const headers = { host: "gate.example.com", ...sent.headers, ...asPerson(operation) };
    const answer = await deps.ask(address, { method, ...sent, headers });
    expect(answer.status).toBe(Number(status));
    const type = answer.headers.get("content-type");
    const shown = operation.responses[status]?.content;
    if (type === null) expect(shown).toBeUndefined();
    else expect(Object.keys(shown ?? {})).toContain(type);
    if (type !== "application/json") return;
    // Documents have no keys of which someone might think that they fit somewhere.
    const document = JSON.parse((await answer.text()).replaceAll(/\b(gp[a-z]_)[\w-]{27}/g, "$1…"));
    const isValid = validatorOf(method, path, answer.status, type);
    expect(isValid?.(document), JSON.stringify(isValid?.errors)).toBe(true);
    answers[operation.operationId] = withShortLists(document);
  });

  it("refusals match the document", async () => {
    const deps = await withExamples();
    const { address } = requestOf(path, operation);
    // Providers add other parameters to the way back.
    const wrong = path.endsWith("/done") ? "code=1&code=2" : "unknown=1";
    const answer = await deps.ask(`${address.replace(/\?.*/, "")}?${wrong}`, {
      method,
      headers: asPerson(operation),
      ...(method === "POST" ? { body: "{" } : {}),
    });
    const type = answer.headers.get("content-type") ?? "";
    expect([answer.status, type]).toEqual([400, "application/problem+json"]);
    const { responses } = operation;
    expect(responses["default"] ?? responses["4XX"]).toEqual({ $ref: "#/components/responses/Refusal" });
    expect(ajv.getSchema("document#/components/schemas/Problem")?.(await answer.json())).toBe(true);
  });
});

/** The first two of a list of objects are enough to see its form. */
function withShortLists(document: unknown): unknown {
  return JSON.parse(JSON.stringify(document), (_, part) =>
    Array.isArray(part) && isObject(part[0]) ? part.slice(0, 2) : part,
  );
}

it("the examples are the answers of a run; `npx vitest run --project unit test/unit/api/openapi.test.ts -u` records them", async () => {
  await expect(`${JSON.stringify(answers, null, 2)}\n`).toMatchFileSnapshot(
    "../../../packages/api/src/openapi/answers.json",
  );
});

it("every route is in the document", async () => {
  const served = routed().routes.filter(({ method, path }) => method !== "ALL" && !/^\/(\*|docs|openapi)/.test(path));
  const documented = operations.map(([, method, path]) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ":$1")}`);
  expect(documented.sort()).toEqual(served.map(({ method, path }) => `${method} ${path}`).sort());
});

it("each operation has a different id, which every language takes as a name", () => {
  const ids = operations.map(([id]) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.filter((id) => !/^[a-z]+([A-Z][a-z]*)*$/.test(id))).toEqual([]);
});

it.each([
  ["listEvents", "GET", "/v1/events"],
  ["getEvent", "GET", "/v1/events/{id}"],
  ["countEvents", "GET", "/v1/events/count"],
  ["getEventPicture", "GET", "/v1/events/{id}/pictures/{kind}"],
  ["acknowledgeEvents", "POST", "/v1/acknowledgements"],
  ["updateAction", "POST", "/v1/actions/{id}"],
  ["undoActionApproval", "POST", "/v1/actions/{id}/approval/undo"],
  ["sendDelivery", "POST", "/v1/deliveries/{id}/send"],
  ["getPersonDays", "GET", "/v1/people/{library}/{id}/days"],
  ["updateBox", "PATCH", "/v1/boxes/{id}"],
  ["createSignInLink", "POST", "/v1/sign-in/links"],
  ["getRetention", "GET", "/v1/retention"],
])("%s is %s %s", (id, method, path) => {
  expect(document.paths[path]?.[method.toLowerCase()]?.operationId).toBe(id);
});

it("a request that may be sent again takes an Idempotency-Key, and does not need it", () => {
  const headersOf = ({ parameters }: Operation) => parameters.filter((parameter) => parameter.in === "header");
  const repeatable = operations.filter(([, , , operation]) =>
    headersOf(operation).some(({ name }) => name === "idempotency-key"),
  );
  expect(repeatable.map(([id]) => id).sort()).toEqual([
    ...["acknowledgeEvents", "closeHours", "createEventNote", "createHoursCorrection"],
    ...["createPresenceCorrection", "createRoll"],
  ]);
  for (const header of operations.flatMap(([, , , operation]) => headersOf(operation)))
    expect(header.required).toBe(header.name === "if-match" ? true : undefined);
});

describe("what several operations say is written once", () => {
  it("the document has at most 350 KB", async () => {
    const { ask } = await runtime();
    expect((await (await ask("/openapi.json")).arrayBuffer()).byteLength).toBeLessThanOrEqual(350 * 1024);
  });

  it("the usual ways to show who one is: an operation names others, or none", () => {
    const served = Object.values(document.paths).flatMap(({ parameters: _, ...methods }) => Object.values(methods));
    const said = new Map(served.map(({ operationId, security }) => [operationId, security]));
    for (const [id, , , { security }] of operations)
      expect([id, said.get(id) ?? document.security]).toEqual([id, security]);
    expect(said.get("listEvents")).toBeUndefined();
    expect(said.get("createSession")).toEqual([]);
  });

  it("a parameter in the same words, and an example of an answer", () => {
    const parts = { parameters: [] as string[], answers: [] as string[] };
    for (const { parameters = [], responses } of Object.values(document.paths).flatMap(
      ({ parameters: _, ...methods }) => Object.values(methods),
    )) {
      parts.parameters.push(
        ...parameters
          .filter(({ schema }) => schema !== undefined && schema.anyOf === undefined)
          .map((one) => JSON.stringify(one)),
      );
      for (const one of Object.values(responses).flatMap(({ content = {} }) => Object.values(content)))
        if (one.example !== undefined) parts.answers.push(JSON.stringify(one.schema));
    }
    for (const all of Object.values(parts)) {
      expect(all.length).toBeGreaterThan(50);
      expect(all.filter((one, at) => all.indexOf(one) !== at)).toEqual([]);
    }
  });

  it("a refusal: an operation refers to it, and describes the statuses that mean something of their own", () => {
    for (const [id, , , { responses }] of operations) {
      const isFile = Object.values(responses).some(({ content = {} }) =>
        Object.keys(content).some((type) => type !== "application/json"),
      );
      const usual = isFile ? ["4XX", "5XX"] : ["default"];
      const refusals = Object.entries(responses).filter(([status]) => !/^[1-3]/.test(status));
      expect([
        id,
        refusals.filter(([, { description }]) => description === undefined).map(([status]) => status),
      ]).toEqual([id, usual]);
      expect(refusals.filter(([, { $ref }]) => $ref !== "#/components/responses/Refusal")).toEqual([]);
    }
  });
});

it("a file that is text or bytes is bytes first: generators for Java read every file by the first kind", () => {
  const content = document.paths["/v1/exports/{link}"]?.["get"]?.responses["200"]?.content ?? {};
  const formats = Object.entries(content).map(([type, { schema }]) => [type, schema["format"]]);
  expect(formats.map(([, format]) => format)).toEqual(["binary", "binary", "binary", undefined]);
  expect(formats.at(-1)?.[0]).toBe("text/csv; charset=utf-8");
});

it("every list takes a `limit` in the same form", () => {
  const limits = operations.flatMap(([, , , { parameters }]) => parameters.filter(({ name }) => name === "limit"));
  expect(limits.length).toBeGreaterThan(15);
  const form = { type: "integer", minimum: 1, maximum: expect.any(Number) };
  expect(limits.map(({ schema: { default: _, ...schema } }) => schema)).toEqual(limits.map(() => form));
});

it("a picture is bytes before it is anything else", () => {
  const content = document.paths["/v1/events/{id}/pictures/{kind}"]?.["get"]?.responses["200"]?.content ?? {};
  expect(Object.entries(content)[0]).toEqual(["image/jpeg", { schema: { type: "string", format: "binary" } }]);
});

describe("each thing of the API has one name", () => {
  const shapes = new Map<string, string[]>();
  const follow = (part: unknown, at: string): void => {
    if (typeof part !== "object" || part === null) return;
    const { type, properties }: { type?: unknown; properties?: object } = part;
    if (type === "object" && Object.keys(properties ?? {}).length > 1) {
      const shape = JSON.stringify(plain(part));
      shapes.set(shape, [...(shapes.get(shape) ?? []), at]);
    }
    for (const [key, value] of Object.entries(part)) if (key !== "example") follow(value, `${at}/${key}`);
  };
  /** A schema without descriptions, its members in one order. */
  const plain = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.map(plain);
    const members = Object.entries(part).filter(([name, value]) => name !== "description" || typeof value !== "string");
    return Object.fromEntries(members.sort().map(([name, value]) => [name, plain(value)]));
  };
  follow(document.paths, "");
  follow(document.components.schemas, "");

  it("no object of two members or more is written twice, also with other descriptions", () => {
    expect([...shapes.values()].filter((places) => places.length > 1)).toEqual([]);
    expect(shapes.size).toBeGreaterThan(100);
  });

  it("no list of words is written twice", () => {
    const lists: string[] = [];
    JSON.stringify({ ...document.components.schemas, paths: document.paths }, (key, value) => {
      if (key === "example" || key === "propertyNames") return undefined;
      const words = value?.enum ?? value?.["x-extensible-enum"];
      if (words !== undefined) lists.push(JSON.stringify(words));
      return value;
    });
    expect(lists.length).toBeGreaterThan(50);
    expect(lists.filter((list, at) => lists.indexOf(list) !== at)).toEqual([]);
  });

  it("no name is longer than 40 characters", () => {
    const names = [...Object.keys(document.components.schemas), ...operations.map(([id]) => id)];
    expect(names.filter((name) => name.length > 40)).toEqual([]);
  });

  it("every reference leads to a schema, and every schema is referred to", () => {
    const referred = JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g);
    const names = new Set([...referred].map(([, name]) => name));
    expect([...names].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  it("an answer and a body are referred to, or are one of several", () => {
    const contents = operations.flatMap(([, , , { requestBody, responses }]) => [
      requestBody?.content?.["application/json"],
      ...Object.values(responses).map(({ content }) => content?.["application/json"]),
    ]);
    expect(contents.filter((content) => content?.schema.properties !== undefined)).toEqual([]);
  });

  it.each([
    ["GET", "/v1/boxes/{id}", 200, "Box"],
    ["PATCH", "/v1/boxes/{id}", 200, "Box"],
    ["GET", "/v1/events/{id}", 200, "Event"],
    ["GET", "/v1/events", 200, "ListedEvents"],
    ["GET", "/v1/boxes", 200, "ListedBoxes"],
    ["POST", "/v1/jobs", 202, "Job"],
  ])("%s %s answers %i with %s", (method, path, status, name) => {
    const answer = document.paths[path]?.[method.toLowerCase()]?.responses[`${status}`];
    expect(JSON.stringify(answer?.content?.["application/json"]?.schema)).toContain(`#/components/schemas/${name}"`);
  });

  it("an answer may have members that a reader does not know; a body that is sent has none but its own", () => {
    const isClosed = (name: string) => JSON.stringify(document.components.schemas[name]).includes('Properties":false');
    const { sent, read } = directionsOf(JSON.parse(JSON.stringify(document)));
    expect([...read].filter(isClosed)).toEqual([]);
    const isObjectOf = (name: string) => document.components.schemas[name]?.properties !== undefined;
    const alone = [...sent].filter((name) => !read.has(name) && isObjectOf(name));
    expect(alone.length).toBeGreaterThan(50);
    // Browsers make it, and later ones may add members.
    expect(alone.filter((name) => !isClosed(name))).toEqual(["PasskeyCredential"]);
  });

  it("a thing that is sent otherwise than it is read has two names", () => {
    const { schemas } = document.components;
    expect(schemas["Rule"]?.properties).toHaveProperty("today");
    expect(schemas["RuleWritten"]?.properties).not.toHaveProperty("today");
    expect(schemas).not.toHaveProperty("SavedViewWritten");
  });
});

describe("what generators of clients stumble over", () => {
  const schemas: Record<string, unknown>[] = [];
  JSON.stringify(document, (key, value) => {
    if (key === "example") return undefined;
    if (value?.type !== undefined || value?.anyOf !== undefined) schemas.push(value);
    return value;
  });

  it("no schema has a list of types, unless it is one type and null", () => {
    const lists = new Set(schemas.flatMap(({ type }) => (Array.isArray(type) ? [type.join()] : [])));
    expect([...lists].sort()).toEqual(["boolean,null", "number,null", "string,null"]);
  });

  it("an integer of any size has 64 bits", () => {
    expect(document.components.schemas["Event"]?.properties?.["timestamp"]).toEqual({
      type: "integer",
      format: "int64",
    });
    expect(schemas.filter(({ maximum }) => maximum === Number.MAX_SAFE_INTEGER)).toEqual([]);
  });

  it("no two words of a list have one name, as openapi-python-client names them", () => {
    const nameOf = (word: string) =>
      (/^[a-z]/i.test(word) ? word.toUpperCase() : word).replaceAll(/[^\w-]/g, "").replaceAll("-", "_");
    const lists = schemas.flatMap(({ enum: words, "x-enum-varnames": names }) =>
      Array.isArray(words) ? [(Array.isArray(names) ? names : words).map((word) => nameOf(`${word}`))] : [],
    );
    expect(lists.length).toBeGreaterThan(30);
    expect(lists.filter((names) => new Set(names).size !== names.length)).toEqual([]);
    const layouts = document.components.schemas["TimeLayout"];
    expect(layouts?.["x-enum-varnames"]).toHaveLength(layouts?.enum?.length ?? 0);
    expect(layouts?.["x-enum-varnames"]).toContain("YMD_HMS_DASH");
  });

  it("what may grow is no closed list: a reader takes another word, and a kind of news that it does not know", () => {
    const { schemas: named } = document.components;
    for (const name of ["AuditAction", "Dialect", "ReportKind", "FactorKind", "AcknowledgementReason"])
      expect([name, named[name]]).toEqual([name, { type: "string", "x-extensible-enum": expect.any(Array) }]);
    expect(named["Job"]?.properties?.["kind"]).not.toHaveProperty("enum");
    const ofReaders = new Ajv2020({ strict: false, validateFormats: false });
    ofReaders.addSchema({ ...document, $id: "open" });
    const news = { id: "new_1", at: "2026-11-05T04:00:00.000Z", kind: "moved", to: "gate-2" };
    expect(ofReaders.getSchema("open#/components/schemas/News")?.(news)).toBe(true);
    expect(ofReaders.getSchema("open#/components/schemas/AuditAction")?.("roof-opened")).toBe(true);
  });

  it("no text with a name has a default", () => {
    const texts = Object.entries(document.components.schemas).flatMap(([name, { type, enum: words }]) =>
      type === "string" && words === undefined ? [`#/components/schemas/${name}`] : [],
    );
    const referring: unknown[] = [];
    JSON.stringify(document, (_, value) => {
      if (texts.includes(value?.$ref) && value.default !== undefined) referring.push(value);
      return value;
    });
    expect(texts.length).toBeGreaterThan(10);
    expect(referring).toEqual([]);
  });

  it("no object has a member of its own name", () => {
    const own = Object.entries(document.components.schemas).flatMap(([name, { properties = {} }]) =>
      Object.entries(properties).filter(
        ([member, schema]) => member.toLowerCase() === name.toLowerCase() && JSON.stringify(schema).includes("$ref"),
      ),
    );
    expect(own).toEqual([]);
  });

  it("no shared parameter is one of several types", () => {
    const { parameters } = z
      .object({ parameters: z.record(z.string(), z.object({ schema: z.record(z.string(), z.unknown()) })) })
      .parse(document.components);
    expect(Object.values(parameters).filter(({ schema }) => "anyOf" in schema)).toEqual([]);
  });

  it("no boolean is a constant", () => {
    expect(schemas.filter(({ type, const: only }) => type === "boolean" && only !== undefined)).toEqual([]);
  });

  it("no list beside one text has words that are only there", () => {
    const lists = schemas.flatMap(({ anyOf }) => (Array.isArray(anyOf) ? anyOf : []));
    expect(lists.filter(({ items }) => items?.enum !== undefined)).toEqual([]);
  });

  it("no answer is either JSON or bytes", () => {
    const contents = operations.flatMap(([, , , { responses }]) =>
      Object.values(responses).map(({ content }) => content),
    );
    const typesOf = (content = {}) => Object.keys(content);
    expect(contents.map(typesOf).filter((types) => types.length > 1 && types.includes("application/json"))).toEqual([]);
  });
});

it.each(["/docs", "/openapi.json"])("%s is made once, and every request gets the same bytes", async (path) => {
  const { ask } = await runtime();
  const bytes = async () => (await (await ask(path)).body?.getReader().read())?.value;
  const first = await bytes();
  expect(first?.length).toBeGreaterThan(100_000);
  expect(await bytes()).toBe(first);
});

describe("the page of the document", () => {
  it("the page shows every operation, and loads nothing", async () => {
    const deps = await runtime();
    const answer = await deps.ask("/docs", { headers: { authorization: "" } });
    expect(answer.headers.get("content-type")).toBe("text/html; charset=utf-8");
    const html = await answer.text();
    for (const [, method, path] of operations) expect(html).toContain(`<code>${method} ${path}</code>`);
    expect(html).toContain("<p>Refused. 400: a parameter or the body is wrong.");
    expect(html).not.toMatch(/<b>(?:default|4XX|5XX)<\/b>/);
    const withoutExamples = html.replaceAll(/<pre>.*?<\/pre>/gs, "");
    expect(html).not.toMatch(/<script |<link|src=|url\(/);
    expect(withoutExamples).not.toMatch(/https?:/);
  });

  it("allows its own style and script, and nothing else", async () => {
    const deps = await runtime();
    const answer = await deps.ask("/docs");
    const html = await answer.text();
    const hashes = [...html.matchAll(/<(style|script)>(.*?)<\/\1>/gs)].map(
      ([, name, text = ""]) => `${name}-src 'sha256-${createHash("sha256").update(text).digest("base64")}'`,
    );
    expect(hashes).toHaveLength(2);
    expect(answer.headers.get("content-security-policy")).toBe(
      ["default-src 'none'", ...hashes, "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"].join("; "),
    );
  });

  it("the page escapes texts", async () => {
    const deps = await runtime();
    const html = await (await deps.ask("/docs")).text();
    expect(html).toContain("&quot;type&quot;: &quot;object&quot;");
    expect(html).not.toContain('"type": "object"');
  });

  it("backticks in descriptions become code, and no other Markdown is left", async () => {
    const deps = await runtime();
    const html = await (await deps.ask("/docs")).text();
    const prose = html.replaceAll(/<pre>.*?<\/pre>/gs, "");
    expect(prose).toContain("<td><code>evt_…</code>");
    expect(prose).not.toMatch(/`|\*\*|\]\(|^#/m);
  });
});

it("an event of any report matches the document", async () => {
  const deps = await runtime();
  await deps.deliver(passing({ extra: { deep: [{ er: null }] }, identity_info: { a: [1, "b"] } }));
  const answer = await deps.ask("/v1/events");
  const isValid = validatorOf("GET", "/v1/events", 200, "application/json");
  expect(isValid?.(await answer.json()), JSON.stringify(isValid?.errors)).toBe(true);
});
