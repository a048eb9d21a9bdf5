import { omitEmpty } from "@gatepost/protocol";
import * as z from "zod";
import type { Who } from "../access/who.ts";
import { mayBeLeftOut } from "../body.ts";
import type { About, Route } from "../route.ts";
import answers from "./answers.json" with { type: "json" };
import { type JsonSchema, NamedSchemas } from "./named.ts";
import { operationId } from "./operation-ids.ts";

/** The answers to the requests of the examples, by operation. A test records them. */
const recorded: Record<string, unknown> = answers;

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  /** Absent if it may be left out. */
  required?: true;
  description?: string;
  schema: JsonSchema;
  example?: string | number | readonly string[];
}

/** What a body may be. */
export interface Content {
  schema: JsonSchema;
  example?: unknown;
}

interface Body {
  content?: Record<string, Content>;
}

export interface Operation {
  operationId: string;
  /** Its group: generators make one module or class of each. */
  tags: readonly string[];
  summary: string;
  description?: string;
  security: Record<string, readonly string[]>[];
  parameters: Parameter[];
  requestBody?: Body & { required: boolean };
  responses: Record<string, Response>;
}

/** A refusal refers to the shared one, and has a description if it means something of its own. */
interface Response extends Body {
  description?: string;
  $ref?: string;
}

export interface OpenApi {
  openapi: "3.1.0";
  info: { title: string; version: string; description: string };
  servers: readonly { url: string }[];
  /** The ways of operations that name none, as programs get the document. */
  security?: Operation["security"];
  paths: Record<string, Record<string, Operation>>;
  components: {
    schemas: Record<string, JsonSchema>;
    responses: Record<string, Response>;
    securitySchemes: Record<string, Record<string, string>>;
  };
}

const problemSchema: JsonSchema = {
  type: "object",
  description: "The fault and its remedy (RFC 9457).",
  properties: {
    type: { type: "string" },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    code: { type: "string", description: "With 401: `revoked`, `expired` or `unknown`; absent if no key was sent." },
    needs: {
      type: "array",
      items: { type: "string" },
      description: "With 403 and the code `factor-needed`: the ways in which the person may prove who they are.",
    },
  },
  required: ["type", "title", "status", "detail"],
};

/** The path of a route as the document has it, with names in braces. */
export function pathOf({ path }: Route): string {
  return path.replaceAll(/:(\w+)/g, "{$1}");
}

/**
 * The OpenAPI document of these routes, made of the schemas that they read by.
 *
 * @param basePath the path of the public address, as `/gate`; empty if it has none
 */
export function openApi(routes: readonly Route[], basePath = ""): OpenApi {
  const paths: OpenApi["paths"] = {};
  const named = new NamedSchemas();
  for (const route of routes) {
    const path = pathOf(route);
    paths[path] = {
      ...paths[path],
      [route.method.toLowerCase()]: operationOf(route, operationId(route, routes), named),
    };
  }
  return named.complete({
    openapi: "3.1.0",
    info: {
      title: "Gatepost",
      version: "1",
      description:
        "Read the events of face-recognition boxes. Times have their zone; every key of an event is always present. `next` is " +
        "the cursor of the next page, null at the end. A " +
        "parameter that is unknown or invalid is refused, never ignored; so is a repeated parameter that takes one value. " +
        "An operation names the lowest role of people and the scopes of keys that may use it; one that names none needs no key. " +
        "One that says `fresh` is answered 403 with the code `factor-needed` to a session whose person proved over 15 " +
        "minutes ago who they are: see `POST /v1/sessions/factor`. " +
        "A write without a key names its site, as browsers do: a program sends `Origin` with the address of Gatepost.",
    },
    servers: [{ url: basePath === "" ? "/" : basePath }],
    paths,
    components: {
      schemas: { Problem: problemSchema },
      responses: { Refusal: refusal },
      securitySchemes: {
        key: {
          type: "http",
          scheme: "bearer",
          description: "A key of scope `read` (gpr_…), `settle` (gpo_…, for actions) or `admin` (gpa_…).",
        },
        keyInQuery: {
          type: "apiKey",
          in: "query",
          name: "token",
          description: "The same, for clients without headers.",
        },
        session: {
          type: "apiKey",
          in: "cookie",
          name: "__Host-gatepost",
          description:
            "The cookie of a person who has signed in; `__Secure-gatepost` below a path, `gatepost` by http.",
        },
        pictureCookie: {
          type: "apiKey",
          in: "cookie",
          name: "gatepost_pictures",
          description: "A cookie in the place of a key, for pictures only; from `POST /v1/tickets`.",
        },
      },
    },
  });
}

/** How a route takes a key outside a header, too. */
const elsewhere = { query: { keyInQuery: [] }, cookie: { pictureCookie: [] } } as const;

function operationOf({ path, who, keyIn, isDear, about, asks }: Route, id: string, named: NamedSchemas): Operation {
  const parameters = [
    ...parametersOf(named.of(asks.path, "input"), "path", about.example?.path),
    ...parametersOf(named.of(asks.query, "input"), "query", about.example?.query),
    ...headersOf(about.example?.headers),
  ].filter(({ name }) => keyIn !== "query" || name !== "token");
  const hasBody = !(asks.body instanceof z.ZodUndefined);
  const name = `${id.slice(0, 1).toUpperCase()}${id.slice(1)}`;
  const { schema: answer } = about.answer;
  const answerName = name.startsWith("List") ? name.replace("List", "Listed") : `${name}Answer`;
  const documents =
    answer === undefined
      ? {}
      : { "application/json": { schema: named.of(answer, "output", answerName), example: recorded[id] } };
  const detail = [about.detail, who === undefined ? undefined : mayUse(who), isDear ? dearly : undefined];
  return {
    operationId: id,
    tags: [path.split("/").find((part) => part !== "" && part !== "v1") ?? ""],
    summary: about.summary,
    ...omitEmpty({ description: detail.filter((text) => text !== undefined).join(" ") || null }),
    security:
      who === undefined
        ? []
        : [
            ...(who.keys.length === 0 ? [] : [{ key: [] }]),
            { session: [] },
            ...(keyIn === undefined ? [] : [elsewhere[keyIn]]),
          ],
    parameters,
    ...(hasBody
      ? {
          requestBody: {
            required: !mayBeLeftOut(asks.body),
            content: {
              "application/json": {
                schema: named.of(about.body ?? asks.body, "input", `${name}Request`),
                example: about.example?.body,
              },
            },
          },
        }
      : {}),
    responses: { ...alsoOf(about, named), ...responsesOf(about, documents) },
  };
}

/** A route that needs a fresh session, as the description of the document explains. */
const dearly = "Session: `fresh`.";

/** Who may use a route, as the description of the document explains. */
function mayUse({ role, keys }: Who): string {
  const scopes = keys.map((kind) => (kind === "people" ? "read with `people`" : kind));
  return `Role: ${role}${scopes.length === 0 ? "" : `; keys: ${scopes.join(", ")}`}.`;
}

function parametersOf(
  schema: JsonSchema,
  location: Parameter["in"],
  examples: Record<string, string> = {},
): Parameter[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const { description, deprecated, ...rest } = property as JsonSchema;
    // Programs that are written now need not know it.
    if (deprecated === true) return [];
    return {
      name,
      in: location,
      ...(schema.required?.includes(name) === true ? { required: true } : {}),
      ...omitEmpty({ description }),
      schema: rest,
      ...exampleOf(examples[name], rest),
    };
  });
}

/** The headers that routes take. */
const knownHeaders: Readonly<Record<string, Pick<Parameter, "required" | "description">>> = {
  "if-match": { required: true, description: "The tag of the object to change, as it was read." },
  "idempotency-key": {
    description:
      "1 to 255 visible ASCII characters. A request that is sent again with the same one and the same body has no further effect.",
  },
};

/** Headers that a route takes, as its example has them. */
function headersOf(headers: Record<string, string> = {}): Parameter[] {
  return Object.entries(headers).map(([name, example]) => ({
    name,
    in: "header",
    ...knownHeaders[name],
    schema: { type: "string" },
    example,
  }));
}

/** A parameter that may be given several times is a list. Texts of numbers are numbers. */
function exampleOf(example: string | undefined, { type }: JsonSchema): Pick<Parameter, "example"> {
  if (example === undefined) return {};
  if (type === "integer" || type === "number") return { example: Number(example) };
  return { example: type === "array" ? [example] : example };
}

function alsoOf({ also }: About, named: NamedSchemas): Operation["responses"] {
  if (also === undefined) return {};
  const content = { "application/json": { schema: named.of(also.schema, "output") } };
  return { [also.status]: { description: also.is, content } };
}

function responsesOf({ answer, others = {} }: About, documents: Body["content"]): Operation["responses"] {
  const spoken = Object.entries(others).map(([status, is]) => [
    status,
    Number(status) < 400 ? { description: is } : refusedAs(is),
  ]);
  // Files are first, and bytes before texts: many generators take the first kind of content as the type of an answer.
  const files = (answer.contentTypes ?? [])
    .map((type) => [type, { schema: fileSchema(type) }] as const)
    .toSorted(([, a], [, b]) => Number(b.schema["format"] === "binary") - Number(a.schema["format"] === "binary"));
  const content = { ...Object.fromEntries(files), ...documents };
  const success = [answer.status, { description: answer.is, ...omitEmpty({ content }) }];
  // A generator leaves out an answer that is a file, and would read it as the default one.
  const refused = files.length === 0 ? ["default"] : ["4XX", "5XX"];
  return Object.fromEntries([...spoken, success, ...refused.map((status) => [status, refusedAs()])]);
}

/** Generators recognise bytes by `format`. */
function fileSchema(type: string): JsonSchema {
  const isText = type.startsWith("text/") || type.includes("charset=");
  return isText ? { type: "string" } : { type: "string", format: "binary" };
}

/** What every operation may answer. An operation names the statuses that mean something of their own. */
const refusal: Response = {
  description:
    "Refused. 400: a parameter or the body is wrong. 401: no valid key. 403: the key or role does not suffice, a page of " +
    "another site asks, or a write without a key names no `Origin`. 404: nothing is at this address, or the caller sees no box of the site. 413: the body is too long. " +
    "429: too many requests, failures or wrong codes. 431: address and headers are too long. 503: it cannot be answered at " +
    "the moment. With 429 and 503, ask again after `Retry-After` seconds.",
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

function refusedAs(description?: string): Response {
  return { $ref: "#/components/responses/Refusal", ...omitEmpty({ description }) };
}
