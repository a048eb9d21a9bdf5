import { asked, form, type Identity, json, nameOf, part, posted, type Report, type TerminalForm } from "./form.ts";

/** The event by which a terminal of Dahua reports a passing. */
export function dahuaEvent(terminal: Pick<Identity, "id">, { passing }: Pick<Report, "passing">) {
  const { person, at, direction } = passing;
  const data = {
    UserID: person ?? "",
    CardName: person === null ? "" : nameOf(passing),
    Method: 15,
    Status: person === null ? 0 : 1,
    ErrorCode: 0,
    Type: direction === "in" ? "Entry" : "Exit",
    RealUTC: at / 1000,
    UTC: at / 1000,
    SN: terminal.id,
    Similarity: 90,
  };
  return { Action: "Pulse", Code: "AccessControl", Index: 0, PhysicalAddress: terminal.id, Data: data };
}

/** A terminal that uploads events with pictures. Kept events are one list, without pictures. */
export const dahua: TerminalForm = {
  partsOf: () => ["record"],
  isListed: ({ isKept }) => isKept,
  request(terminal, reports) {
    const [{ isKept, passing }] = reports;
    const events = { Events: reports.map((report) => dahuaEvent(terminal, report)), Time: "" };
    if (passing.picture === null || isKept) return json("/notification", events);
    const parts = [
      part("Content-Type: text/plain", Buffer.from(JSON.stringify(events))),
      part("Content-Type: image/jpeg", passing.picture),
    ];
    return posted("/notification", "multipart/mixed; boundary=MIME_boundary", form(parts));
  },
  isTaken: () => true,
  // It leaves the key out.
  heartbeat: () => asked("/EventHttpUpload/keepalive"),
};
