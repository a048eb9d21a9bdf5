import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { isObject, type Json, type JsonObject } from "@gatepost/protocol";

/** The bytes and headers on the wire. */
export interface Wrapped {
  body: Buffer;
  headers: Record<string, string>;
}

export interface Wrapping {
  name: string;
  wrap(body: JsonObject): Wrapped;
  /** Whether the event is noted as read with tolerance. */
  isTolerant(body: JsonObject): boolean;
  /** Whether numbers arrive as their texts. */
  isForm: boolean;
}

const json = { "content-type": "application/json" };
const urlencoded = { "content-type": "application/x-www-form-urlencoded" };
const boundary = "3a9f0c6e1b2d4f58";
const multipart = { "content-type": `multipart/form-data; boundary=${boundary}` };

/** A value as Python's `str` writes it. */
export function pythonRepr(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return pythonText(value);
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  return `{${Object.entries(value)
    .map(([key, item]) => `${pythonText(key)}: ${pythonRepr(item)}`)
    .join(", ")}}`;
}

function pythonText(text: string): string {
  const escaped = text.replaceAll(/[\\\n\r\t]/g, (character) =>
    character === "\\" ? "\\\\" : `\\x${character.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
  return text.includes("'") && !text.includes('"') ? `"${escaped}"` : `'${escaped.replaceAll("'", "\\'")}'`;
}

type Fields = [name: string, content: string | Buffer][];

/** The members of a body as the fields of a form; each nested value becomes one text. */
function flatFields(body: JsonObject, nested: (value: Json) => string): Fields {
  return Object.entries(body).map(([name, value]) => [name, typeof value === "object" ? nested(value) : String(value)]);
}

/** The members of a body, and the members of its objects under bracketed names. */
function bracketedFields(body: Json, name = ""): Fields {
  if (Array.isArray(body)) return body.flatMap((item) => bracketedFields(item, `${name}[]`));
  if (!isObject(body)) return [[name, body === null ? "None" : String(body)]];
  return Object.entries(body).flatMap(([key, value]) => bracketedFields(value, name === "" ? key : `${name}[${key}]`));
}

export function multipartOf(fields: Fields): Buffer {
  return bodyOfParts(
    fields.map(([name, content]) => {
      const file = typeof content === "string" ? "" : `; filename="${name}.jpg"\r\nContent-Type: image/jpeg`;
      return [`Content-Disposition: form-data; name="${name}"${file}`, content];
    }),
  );
}

/** A part of a multipart body: the lines of its head, null if it has no empty line behind one, and its content. */
export type SentPart = readonly [head: string | null, content: string | Buffer];

export function bodyOfParts(parts: readonly SentPart[], delimiter = boundary): Buffer {
  const pieces = parts.flatMap(([head, content]) => [
    `--${delimiter}\r\n${head === null ? "" : `${head}\r\n\r\n`}`,
    content,
    "\r\n",
  ]);
  return Buffer.concat([...pieces, `--${delimiter}--\r\n`].map((piece) => Buffer.from(piece)));
}

function urlencodedOf(fields: Fields): string {
  return fields
    .map((field) => field.map((text) => encodeURIComponent(String(text).toWellFormed())).join("="))
    .join("&");
}

const isPicture = (text: unknown): text is string => typeof text === "string" && /^(data:image|\/9j\/)/.test(text);

/** The pictures of a body's root and of its ext_data as files, everything else as one text each. */
function withFiles(body: JsonObject): Fields {
  const files: Fields = [];
  const rest = (members: JsonObject, prefix: (name: string) => string): JsonObject =>
    Object.fromEntries(
      Object.entries(members).filter(([name, value]) => {
        if (isPicture(value)) files.push([prefix(name), Buffer.from(value.replace(/^.*,/, ""), "base64")]);
        return !isPicture(value);
      }),
    );
  const root = rest(body, (name) => name);
  const { ext_data: inner, ...others } = root;
  if (!isObject(inner)) return [...flatFields(root, JSON.stringify), ...files];
  const ext = rest(inner, (name) => `ext_data[${name}]`);
  return [...flatFields(others, JSON.stringify), ...bracketedFields(ext, "ext_data"), ...files];
}

/** JSON whose members are joined as `join` says, with unquoted keys if `key` leaves the quotes out. */
function loosely(body: Json, { key, comma, end }: { key(name: string): string; comma: string; end: string }): string {
  const inner = (value: Json): string => loosely(value, { key, comma, end });
  if (Array.isArray(body)) return `[${body.map(inner).join(comma)}${body.length > 0 ? end : ""}]`;
  if (!isObject(body)) return JSON.stringify(body);
  const members = Object.entries(body).map(([name, value]) => `${key(name)}: ${inner(value)}`);
  return `{${members.join(comma)}${members.length > 0 ? end : ""}}`;
}

const quoted = (name: string) => JSON.stringify(name);
const text = (body: JsonObject) => JSON.stringify(body);

/** The GBK bytes of a text; of characters beyond ASCII those that the fixtures hold. */
function gbk(text: string): Buffer {
  return Buffer.concat([...text].map((character) => gbkCodes.get(character) ?? Buffer.from(character)));
}

const gbkCodes = new Map(
  Array.from({ length: 0x7e - 0x40 + 1 + 0x80 }, (_, trail) => trail + 0x40)
    .filter((trail) => trail !== 0x7f && trail <= 0xfe)
    .flatMap((trail) => Array.from({ length: 0xfe - 0x81 + 1 }, (_, lead) => Buffer.from([lead + 0x81, trail])))
    .map((bytes): [string, Buffer] => [new TextDecoder("gbk").decode(bytes), bytes])
    .filter(([character]) => [...character].length === 1 && character !== "\uFFFD"),
);

type Headers = Wrapped["headers"];

const plain = (name: string, write: (body: JsonObject) => Buffer | string, headers: Headers = json): Wrapping => ({
  name,
  wrap: (body) => ({ body: Buffer.from(write(body)), headers }),
  isTolerant: () => false,
  isForm: false,
});
const tolerant = (name: string, write: (body: JsonObject) => string): Wrapping => ({
  ...plain(name, write),
  isTolerant: () => true,
});
const form = (name: string, headers: Headers, write: (body: JsonObject) => Buffer | string): Wrapping => ({
  ...plain(name, write, headers),
  isForm: true,
});
const flat = (body: JsonObject) => flatFields(body, JSON.stringify);

/** Every wrapping that any report can come in. */
export const wrappings: readonly Wrapping[] = [
  plain("JSON", text),
  plain("JSON without a content type", text, {}),
  plain("JSON called a picture", text, { "content-type": "image/png" }),
  plain("JSON called a form", text, urlencoded),
  plain("JSON called form-data", text, multipart),
  plain("JSON with escapes for all but ASCII", (body) =>
    JSON.stringify(body).replaceAll(
      /[^\0-\x7f]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  ),
  plain("JSON behind a byte order mark", (body) => `\uFEFF${text(body)}`),
  plain("UTF-16", (body) => Buffer.from(`\uFEFF${text(body)}`, "utf16le")),
  plain("UTF-16, big end first, without a mark", (body) => Buffer.from(text(body), "utf16le").swap16()),
  plain("GBK by its charset", (body) => gbk(text(body)), { "content-type": "application/json; charset=GBK" }),
  plain("GBK that nothing tells of", (body) => gbk(text(body))),
  plain("gzip", (body) => gzipSync(text(body)), { ...json, "content-encoding": "gzip" }),
  plain("gzip that nothing tells of", (body) => gzipSync(text(body))),
  plain("deflate", (body) => deflateSync(text(body)), { ...json, "content-encoding": "deflate" }),
  plain("bare deflate", (body) => deflateRawSync(text(body)), { ...json, "content-encoding": "deflate" }),
  plain("brotli", (body) => brotliCompressSync(text(body)), { ...json, "content-encoding": "br" }),
  plain("JSON in a JSON string", (body) => JSON.stringify(text(body))),
  plain("a list", (body) => JSON.stringify([body])),
  plain("events", (body) => JSON.stringify({ events: [body] })),
  plain("data", (body) => JSON.stringify({ data: [body], pagination: {} })),
  plain("records", (body) => JSON.stringify({ records: [body] })),
  plain("a list of JSON strings", (body) => JSON.stringify([text(body)])),
  plain("lines", (body) => `${text(body)}\r\n\n${text(body)}\n`, { "content-type": "application/x-ndjson" }),
  plain("what is nested in JSON strings", (body) => {
    const members = Object.entries(body).map(([name, value]) => [
      name,
      isObject(value) ? JSON.stringify(value) : value,
    ]);
    return JSON.stringify(Object.fromEntries(members));
  }),
  plain("one field", (body) => urlencodedOf([["data", text(body)]]), urlencoded),
  plain("the name of one field", (body) => `${encodeURIComponent(text(body).toWellFormed())}=`, urlencoded),
  plain("one part", (body) => multipartOf([["event", Buffer.from(text(body))]]), multipart),
  tolerant("Python's repr", pythonRepr),
  tolerant(
    "JSON with comments",
    (body) => `// a passing\n{ /* "x": 1, */ ${JSON.stringify(body).slice(1, -1)} // 性别\n}`,
  ),
  tolerant("JSON with full-width commas", (body) => loosely(body, { key: quoted, comma: "，", end: "" })),
  tolerant("JSON without commas", (body) => loosely(body, { key: quoted, comma: "\n", end: "" })),
  tolerant("JSON with trailing commas", (body) => loosely(body, { key: quoted, comma: ",", end: ",\n" })),
  tolerant("JSON with unquoted keys", (body) => loosely(body, { key: (name) => name, comma: ",", end: "" })),
  tolerant("JSON with an ellipsis", (body) => loosely(body, { key: quoted, comma: ", ", end: ",…" })),
  form("form-data with JSON", multipart, (body) => multipartOf(flat(body))),
  {
    ...form("form-data with Python's repr", multipart, (body) => multipartOf(flatFields(body, pythonRepr))),
    isTolerant: (body) => Object.values(body).some(isObject),
  },
  form("form-data without its boundary", { "content-type": "multipart/form-data" }, (body) => multipartOf(flat(body))),
  form("form-data with bracketed names", multipart, (body) => multipartOf(bracketedFields(body))),
  form("form-data with files", multipart, (body) => multipartOf(withFiles(body))),
  form("urlencoded JSON", urlencoded, (body) => urlencodedOf(flat(body))),
  form("urlencoded bracketed names", urlencoded, (body) => urlencodedOf(bracketedFields(body))),
  form("urlencoded with its plus signs lost", urlencoded, (body) => urlencodedOf(flat(body)).replaceAll("%2B", "+")),
];
