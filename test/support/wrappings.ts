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
const text = (body: JsonObject) => Buffer.from(JSON.stringify(body));

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

const plain = (name: string, wrap: Wrapping["wrap"]): Wrapping => ({
  name,
  wrap,
  isTolerant: () => false,
  isForm: false,
});
const tolerant = (name: string, write: (body: JsonObject) => string): Wrapping => ({
  name,
  wrap: (body) => ({ body: Buffer.from(write(body)), headers: json }),
  isTolerant: () => true,
  isForm: false,
});
const form = (name: string, wrap: Wrapping["wrap"], isTolerant: Wrapping["isTolerant"] = () => false): Wrapping => ({
  name,
  wrap,
  isTolerant,
  isForm: true,
});

/** Every wrapping that any report can come in. */
export const wrappings: readonly Wrapping[] = [
  plain("JSON", (body) => ({ body: text(body), headers: json })),
  plain("JSON without a content type", (body) => ({ body: text(body), headers: {} })),
  plain("JSON called a picture", (body) => ({ body: text(body), headers: { "content-type": "image/png" } })),
  plain("JSON called a form", (body) => ({ body: text(body), headers: urlencoded })),
  plain("JSON called form-data", (body) => ({ body: text(body), headers: multipart })),
  plain("JSON with escapes for all but ASCII", (body) => ({
    body: Buffer.from(
      JSON.stringify(body).replaceAll(
        /[^\0-\x7f]/g,
        (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
      ),
    ),
    headers: json,
  })),
  plain("JSON behind a byte order mark", (body) => ({
    body: Buffer.concat([Buffer.from("\uFEFF"), text(body)]),
    headers: json,
  })),
  plain("UTF-16", (body) => ({ body: Buffer.from(`\uFEFF${JSON.stringify(body)}`, "utf16le"), headers: json })),
  plain("UTF-16, big end first, without a mark", (body) => ({
    body: Buffer.from(JSON.stringify(body), "utf16le").swap16(),
    headers: json,
  })),
  plain("GBK by its charset", (body) => ({
    body: gbk(JSON.stringify(body)),
    headers: { "content-type": "application/json; charset=GBK" },
  })),
  plain("GBK that nothing tells of", (body) => ({ body: gbk(JSON.stringify(body)), headers: json })),
  plain("gzip", (body) => ({ body: gzipSync(text(body)), headers: { ...json, "content-encoding": "gzip" } })),
  plain("gzip that nothing tells of", (body) => ({ body: gzipSync(text(body)), headers: json })),
  plain("deflate", (body) => ({ body: deflateSync(text(body)), headers: { ...json, "content-encoding": "deflate" } })),
  plain("bare deflate", (body) => ({
    body: deflateRawSync(text(body)),
    headers: { ...json, "content-encoding": "deflate" },
  })),
  plain("brotli", (body) => ({ body: brotliCompressSync(text(body)), headers: { ...json, "content-encoding": "br" } })),
  plain("JSON in a JSON string", (body) => ({
    body: Buffer.from(JSON.stringify(JSON.stringify(body))),
    headers: json,
  })),
  plain("a list", (body) => ({ body: Buffer.from(JSON.stringify([body])), headers: json })),
  plain("events", (body) => ({ body: Buffer.from(JSON.stringify({ events: [body] })), headers: json })),
  plain("data", (body) => ({ body: Buffer.from(JSON.stringify({ data: [body], pagination: {} })), headers: json })),
  plain("records", (body) => ({ body: Buffer.from(JSON.stringify({ records: [body] })), headers: json })),
  plain("a list of JSON strings", (body) => ({
    body: Buffer.from(JSON.stringify([JSON.stringify(body)])),
    headers: json,
  })),
  plain("lines", (body) => ({
    body: Buffer.from(`${JSON.stringify(body)}\r\n\n${JSON.stringify(body)}\n`),
    headers: { "content-type": "application/x-ndjson" },
  })),
  plain("what is nested in JSON strings", (body) => ({
    body: Buffer.from(
      JSON.stringify(
        Object.fromEntries(
          Object.entries(body).map(([name, value]) => [name, isObject(value) ? JSON.stringify(value) : value]),
        ),
      ),
    ),
    headers: json,
  })),
  plain("one field", (body) => ({
    body: Buffer.from(urlencodedOf([["data", JSON.stringify(body)]])),
    headers: urlencoded,
  })),
  plain("the name of one field", (body) => ({
    body: Buffer.from(`${encodeURIComponent(JSON.stringify(body).toWellFormed())}=`),
    headers: urlencoded,
  })),
  plain("one part", (body) => ({ body: multipartOf([["event", text(body)]]), headers: multipart })),
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
  form("form-data with JSON", (body) => ({ body: multipartOf(flatFields(body, JSON.stringify)), headers: multipart })),
  form(
    "form-data with Python's repr",
    (body) => ({ body: multipartOf(flatFields(body, pythonRepr)), headers: multipart }),
    (body) => Object.values(body).some(isObject),
  ),
  form("form-data without its boundary", (body) => ({
    body: multipartOf(flatFields(body, JSON.stringify)),
    headers: { "content-type": "multipart/form-data" },
  })),
  form("form-data with bracketed names", (body) => ({ body: multipartOf(bracketedFields(body)), headers: multipart })),
  form("form-data with files", (body) => ({ body: multipartOf(withFiles(body)), headers: multipart })),
  form("urlencoded JSON", (body) => ({
    body: Buffer.from(urlencodedOf(flatFields(body, JSON.stringify))),
    headers: urlencoded,
  })),
  form("urlencoded bracketed names", (body) => ({
    body: Buffer.from(urlencodedOf(bracketedFields(body))),
    headers: urlencoded,
  })),
  form("urlencoded with its plus signs lost", (body) => ({
    body: Buffer.from(urlencodedOf(flatFields(body, JSON.stringify)).replaceAll("%2B", "+")),
    headers: urlencoded,
  })),
];
