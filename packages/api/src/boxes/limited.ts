import { among, type Seen } from "../access/seen-boxes.ts";
import type { ApiPorts } from "../ports.ts";

/** The boxes of a store, of some boxes alone. */
export function limitedBoxes(
  { reader, ...forAdmins }: ApiPorts["boxes"],
  seen: Pick<Seen, "boxes" | "isSeen">,
): ApiPorts["boxes"] {
  return {
    reader: {
      list: (page, asked = null) => reader.list(page, among(seen.boxes, asked)),
      names: (asked = null) => reader.names(among(seen.boxes, asked)),
      get: async (box) => (seen.isSeen(box) ? reader.get(box) : null),
      places: (asked) => reader.places(among(seen.boxes, asked)),
      boxesOf: async (site) => (await reader.boxesOf(site)).filter(seen.isSeen),
      // The people of a box that is not seen are not read.
      siteOf: (box) => reader.siteOf(box),
    },
    // Only admin keys set boxes and look at what arrives, and none of them is limited. Nobody is shown `sites`.
    ...forAdmins,
  };
}

export function limitedDevices(devices: ApiPorts["devices"], { boxes }: Seen): ApiPorts["devices"] {
  return { devices: () => devices.devices(boxes) };
}
