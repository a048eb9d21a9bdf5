import { among, type Seen } from "../access/seen-boxes.ts";
import type { ApiPorts } from "../ports.ts";

export function limitedPresence(presence: ApiPorts["presence"], { boxes }: Seen): ApiPorts["presence"] {
  return { of: (asked, ...how) => presence.of({ ...asked, boxes: among(boxes, asked.boxes) }, ...how) };
}
