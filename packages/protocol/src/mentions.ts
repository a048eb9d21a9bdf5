import { personNames, timeNames } from "./recognise.ts";

/** JSON in base64 begins with one of these. */
const jsonInBase64 = ["eyJ", "ewo", "ew0", "eyA", "W3s", "Wwo"];

/** Every event contains one of these texts. */
const names = timeNames.concat(personNames, jsonInBase64);

/** Characters of the shortest event in any wrapping. */
const minEventLength = 24;

/** How JSON, a JSON string and a form in parts begin. */
const beginnings = ["{", "[", '"', "--"];
/** The first letters of base64 of these beginnings, also after a line break or a byte order mark. */
const base64Beginning = /^[eWILCD7]/;

/** Characters of base64 that are decoded to see the beginning, line breaks included. */
const peekLength = 16;

/** Characters within which the name of the first field of a form must end. */
const beginningLength = 201;
const formBeginning = /^[\w.[\]%-]{1,200}=/;

/** Whether a text that is not parsed yet may contain an event. This is much cheaper than parsing. */
export function mayHoldEvent(text: string | Buffer): boolean {
  return text.length >= minEventLength && names.some((name) => text.includes(name));
}

/**
 * Whether a text begins like the body of a message: JSON or a form (`plain`), or base64 of one. Null if it does not.
 */
export function payloadForm(text: string): "plain" | "base64" | null {
  if (text.length < minEventLength) return null;
  const begun = text.slice(0, beginningLength).trimStart();
  if (base64Beginning.test(begun) && isBeginning(peek(begun))) return "base64";
  return isBeginning(begun) || formBeginning.test(begun) ? "plain" : null;
}

/**
 * Whether the text of a member may contain an event, also after other words. Pictures and addresses of cameras may
 * contain the same letters by chance, so the beginning of the text counts as well. One UUID of 25 begins as base64 of JSON,
 * but its further bytes are no text.
 */
export function mayBeMessage(text: string): boolean {
  const form = payloadForm(text);
  return form === "base64"
    ? !peek(text).includes("\uFFFD") || mayHoldEvent(Buffer.from(text, "base64"))
    : (form !== null || text.includes("{")) && mayHoldEvent(text);
}

function isBeginning(text: string): boolean {
  return beginnings.some((beginning) => text.startsWith(beginning));
}

function peek(base64: string): string {
  return Buffer.from(base64.slice(0, peekLength), "base64").toString().trimStart();
}
