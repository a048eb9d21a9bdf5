/** How an access event ended; no result if it is about no passing, or of no known meaning. */
interface AccessEvent {
  result?: "granted" | "denied";
  reason?: string;
}

const granted: AccessEvent = { result: "granted" };
const denied = (reason: string): AccessEvent => ({ result: "denied", reason });

/** The numbers of the events of access terminals that are about a person. */
const events = new Map<string, AccessEvent>([
  ...["0", "1", "2", "3", "4", "14", "15", "16", "17", "18", "19", "203"].map((number) => [number, granted] as const),
  // Opened under duress.
  ...["101", "103"].map((number) => [number, granted] as const),
  ["20", denied("too soon after the last")],
  ["21", denied("door closed at this time")],
  ["22", denied("not at this time")],
  ["23", denied("no permission")],
  ["24", denied("passed the same way twice")],
  ["25", denied("another door is open")],
  ["26", denied("waits for another person")],
  ["27", denied("card not known")],
  ["29", denied("expired")],
  ["30", denied("wrong password")],
  ["31", denied("too soon after the last")],
  ["32", denied("waits for another person")],
  ["33", denied("expired")],
  ["34", denied("not known")],
  ["35", denied("door closed at this time")],
]);

export function accessEvent(number: string): AccessEvent {
  return events.get(number) ?? {};
}
