/** Of these every event has one, save where it is in base64: that begins as JSON does in it. */
const names = ["identity_", "timestamp", "crossTime", "userId", "userName", "eyJ", "ewo", "ew0", "eyA", "W3s", "Wwo"];

/** Characters of the shortest event in any wrapping. */
const minEventLength = 24;

/** How JSON, a JSON string and a form in parts begin. */
const beginnings = ["{", "[", '"', "--"];
/** How base64 begins of what begins so, also behind a line break or a byte order mark. */
const base64Beginnings = "eWILCD7";

/** Characters of base64 from which the beginning can be told, line breaks included. */
const peekLength = 16;

/** Characters in which the name of the first field of a form ends. */
const beginningLength = 201;
const formBeginning = /^[\w.[\]%-]{1,200}=/;

/** Whether there may be an event in a text that is not parsed yet: cheap, where parsing would not be. */
export function mayHoldEvent(text: string | Buffer): boolean {
  return text.length >= minEventLength && names.some((name) => text.includes(name));
}

/** What a text begins as that stands for the body of a message: JSON or a form, or base64 of one. Null for any other. */
export function payloadForm(text: string): "plain" | "base64" | null {
  if (text.length < minEventLength) return null;
  const begun = text.slice(0, beginningLength).trimStart();
  if (base64Beginnings.includes(begun.charAt(0)) && isBeginning(peek(begun))) return "base64";
  return isBeginning(begun) || formBeginning.test(begun) ? "plain" : null;
}

/**
 * Whether there may be an event in the text of some member, also where words stand before it. A picture mentions by
 * chance what an event does, and so may the address of a camera: neither is a message.
 */
export function mayBeMessage(text: string): boolean {
  const form = payloadForm(text);
  return form === "base64" || ((form === "plain" || text.includes("{")) && mayHoldEvent(text));
}

function isBeginning(text: string): boolean {
  return beginnings.some((beginning) => text.startsWith(beginning));
}

function peek(base64: string): string {
  const first = Buffer.from(base64.slice(0, peekLength), "base64").toString("latin1");
  return first.replace("\u00ef\u00bb\u00bf", "").trimStart();
}
