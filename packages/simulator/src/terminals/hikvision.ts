import { clockOf, form, type Identity, json, nameOf, part, posted, type Report, type TerminalForm } from "./form.ts";

function zoneText({ zone }: Identity): string {
  const [hours, minutes] = [Math.floor(Math.abs(zone) / 60), Math.abs(zone) % 60];
  return `${zone < 0 ? "-" : "+"}${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/** The event by which a terminal of Hikvision reports a passing. */
export function hikvisionEvent(terminal: Identity, { passing, isKept, tries }: Omit<Report, "part">) {
  const { number, person, at, direction, picture } = passing;
  return {
    ipAddress: "192.168.1.64",
    macAddress: terminal.id,
    activePostCount: tries + 1,
    dateTime: clockOf(terminal, at) + zoneText(terminal),
    eventType: "AccessControllerEvent",
    eventState: "active",
    AccessControllerEvent: {
      majorEventType: 5,
      subEventType: person === null ? 76 : 75,
      serialNo: number,
      currentEvent: !isKept,
      ...(person === null ? {} : { employeeNoString: person, name: nameOf(passing) }),
      attendanceStatus: direction === "in" ? "checkIn" : "checkOut",
      picturesNumber: picture === null ? 0 : 1,
    },
  };
}

/** A terminal with HTTP listening: one event a request, in JSON, with its picture in a form. */
export const hikvision: TerminalForm = {
  partsOf: () => ["record"],
  isListed: () => false,
  request(terminal, [report]) {
    const { picture } = report.passing;
    const event = Buffer.from(JSON.stringify(hikvisionEvent(terminal, report), null, 1));
    if (picture === null) return posted("/HikEvent", "application/json", event);
    const disposition = "Content-Disposition: form-data; name=";
    const parts = [
      part(`${disposition}"event_log"\r\nContent-Type: application/json`, event),
      part(`${disposition}"Picture"; filename="Picture.jpg"\r\nContent-Type: image/jpeg`, picture),
    ];
    return posted("/HikEvent", "multipart/form-data; boundary=MIME_boundary", form(parts));
  },
  isTaken: () => true,
  heartbeat: (terminal, at) =>
    json("/HikEvent", { macAddress: terminal.id, dateTime: clockOf(terminal, at), eventType: "heartBeat" }),
};
