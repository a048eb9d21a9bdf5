import { declaredCharset, readBytes } from "./charset.ts";
import { type Field, field, maxFields } from "./fields.ts";

/** Most bytes of a boundary line; RFC 2046 allows 70 characters. */
const boundaryBytes = 200;

/**
 * Reads the fields of a multipart form; binary ones become base64. The form is recognised by its first line and not by
 * the content type, because some senders write the type without its boundary. Null where the body is not a multipart
 * form.
 */
export function readMultipart(sent: Buffer, charset: string): Field[] | "torn-form" | "too-many-fields" | null {
  const body = withoutLineEnds(sent);
  const delimiter = delimiterOf(body);
  if (delimiter === null) return null;
  const fields: Field[] = [];
  let from = delimiter.length;
  for (let parts = 0; !areDashes(body, from); parts++) {
    const end = body.indexOf(`\n${delimiter}`, from, "latin1");
    if (end < 0) return "torn-form";
    if (parts === maxFields) return "too-many-fields";
    const field = fieldOf(body.subarray(from, end), charset);
    if (field !== null) fields.push(field);
    from = end + 1 + delimiter.length;
  }
  return fields;
}

/** Whether a text begins like a multipart form. */
export function mayBeMultipart(text: string): boolean {
  return /^[\r\n]*--/.test(text);
}

/** Some senders write a line end before each boundary, also before the first. */
function withoutLineEnds(sent: Buffer): Buffer {
  let at = 0;
  while (sent[at] === 0x0d || sent[at] === 0x0a) at += 1;
  return sent.subarray(at);
}

function delimiterOf(body: Buffer): string | null {
  if (!areDashes(body, 0)) return null;
  const [line = ""] = body.toString("latin1", 0, boundaryBytes).split("\n", 1);
  return line.length < boundaryBytes && line.trimEnd().length > 2 ? line.trimEnd() : null;
}

function areDashes(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x2d && bytes[at + 1] === 0x2d;
}

/** Most bytes of the headers of one part: far more than the names of a field and a file need. */
const headerBytes = 8 * 1024;

/** Reads one part: headers, an empty line, content. JSON may have no name. Null for any other part without a name. */
function fieldOf(part: Buffer, charset: string): Field | null {
  const [separator, at] = endOfHeaders(part.subarray(0, headerBytes));
  const headers = readBytes(part.subarray(0, Math.max(at, 0)), charset);
  const isJson = /^content-type:\s*application\/(?:[\w.-]+\+)?json\b/im.test(headers.text);
  const name = /[;\s]name="?([^";]*)/i.exec(headers.text)?.[1] ?? (isJson ? "" : undefined);
  if (at < 0 || name === undefined) return null;
  const content = part.subarray(at + separator.length);
  // In a form whose lines end with a single LF, a CR before it is the last byte of a file.
  const isCrlf = separator === "\r\n\r\n" && content.at(-1) === 0x0d;
  const ownCharset = declaredCharset(/^content-type:.*$/im.exec(headers.text)?.[0] ?? "");
  const text = readBytes(isCrlf ? content.subarray(0, -1) : content, ownCharset || charset);
  return field({ ...headers, text: name }, text);
}

/** The empty line that comes first. The other kind of empty line may be within a file. */
function endOfHeaders(part: Buffer): [separator: string, at: number] {
  const [crlf, lf] = [part.indexOf("\r\n\r\n"), part.indexOf("\n\n")];
  return lf < 0 || (crlf >= 0 && crlf < lf) ? ["\r\n\r\n", crlf] : ["\n\n", lf];
}
