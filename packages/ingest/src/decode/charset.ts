import { isUtf8 } from "node:buffer";

/** The charset of a content type, in lower case; "" where it names none. */
export function declaredCharset(contentType: string): string {
  return /charset\s*=\s*["']?([\w-]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? "";
}

const chinese = /^(gb|x-gbk|cp936|ms936)/;

/**
 * Decodes bytes as text: as UTF-16 by its byte order mark, its zeros or the declared charset; as GBK by the declared
 * charset; else as UTF-8, else as GBK. Null where they are none of these.
 */
export function textOf(bytes: Buffer, declared: string): string | null {
  const wide = wideCharset(bytes, declared);
  if (wide !== null) return decoded(bytes, wide);
  const asDeclared = chinese.test(declared) ? decoded(bytes, "gb18030") : null;
  if (asDeclared !== null) return asDeclared;
  return isUtf8(bytes) ? withoutMark(bytes.toString("utf8")) : (tornUtf8(bytes) ?? decoded(bytes, "gb18030"));
}

/** Whether `textOf` takes bytes for UTF-8 if they are that. */
export function mayBeUtf8(bytes: Buffer, declared: string): boolean {
  return wideCharset(bytes, declared) === null && !chinese.test(declared);
}

/** The text of bytes that may be a picture; what is no text becomes base64, as pictures are sent elsewhere. */
export function bytesAsText(bytes: Buffer, declared: string): string {
  const isPicture = bytes.length > 3 && pictureMarks.has(bytes.readUInt32BE() >>> 8);
  return (isPicture ? null : textOf(bytes, declared)) ?? bytes.toString("base64");
}

/** The first bytes of JPEG and PNG. Without this check a small PNG could be taken for GBK. */
const pictureMarks = new Set([0xffd8ff, 0x89504e]);

export function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Which UTF-16 it is. JSON begins with an ASCII character, so one of the first two bytes is zero. */
function wideCharset(bytes: Buffer, declared: string): "utf-16le" | "utf-16be" | null {
  const first = bytes.length < 2 ? undefined : bytes.readUInt16BE();
  if (first === undefined) return null;
  if (first === 0xfffe || (first & 0xff) === 0) return "utf-16le";
  if (first === 0xfeff || first < 0x100) return "utf-16be";
  return declared.startsWith("utf-16") ? (declared === "utf-16be" ? "utf-16be" : "utf-16le") : null;
}

/** Decodes UTF-8 that was cut off within its last character. Read as GBK, the part that is whole would be spoiled. */
function tornUtf8(bytes: Buffer): string | null {
  const whole = decoded(bytes, "utf-8", { stream: true });
  return whole === null ? null : `${whole}\uFFFD`;
}

type Charset = "utf-8" | "gb18030" | "utf-16le" | "utf-16be";

function decoded(bytes: Buffer, charset: Charset, options: { stream?: boolean } = {}): string | null {
  try {
    return new TextDecoder(charset, { fatal: true }).decode(bytes, options);
  } catch {
    return null;
  }
}
