/** Of these every event has one, save where it is in base64: that begins as JSON does in it. */
const names = ["identity_", "timestamp", "crossTime", "userId", "userName", "eyJ", "ewo", "ew0", "eyA", "W3s", "Wwo"];

/** Characters of the shortest event in any wrapping. */
export const minEventLength = 24;

/** Whether there may be an event in a text that is not parsed yet: cheap, where parsing would not be. */
export function mayHoldEvent(text: string | Buffer): boolean {
  return text.length >= minEventLength && names.some((name) => text.includes(name));
}
