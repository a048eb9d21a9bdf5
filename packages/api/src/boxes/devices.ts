import { mayBeOf } from "@gatepost/core/boxes";
import { GatepostError } from "@gatepost/core/errors";
import { boxDeviceSchema, type ShownBox, setDirections } from "@gatepost/protocol";
import * as z from "zod";
import { administratorsAlone } from "../access/who.ts";
import { displayName } from "../names.ts";
import { exampleIds } from "../openapi/examples.ts";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";
import { route } from "../route.ts";

const deviceAnswer = namedObject("DeviceOfBox", { ...boxDeviceSchema.shape, box: z.string() });

const settings = z
  .strictObject({
    label: displayName
      .nullable()
      .meta({ description: "The name that people see; null for the name that the box sends." })
      .exactOptional(),
    direction: z
      .enum(setDirections)
      .nullable()
      .meta({
        description:
          "Null: as the box says. `ignore`: hours and presence take no direction from its passings, also if these have one.",
      })
      .exactOptional(),
    counts: z.boolean().meta({ description: "Whether its passings count for who is inside." }).exactOptional(),
  })
  .refine((change) => Object.keys(change).length > 0, "give label, direction or counts");

const setDevice = route({
  method: "PATCH",
  path: "/v1/devices/:id",
  who: administratorsAlone,
  about: {
    summary: "Set the display name of a device, and its direction",
    detail: "Members that are left out stay unchanged. `key` of a device in `GET /v1/boxes/{id}` names it here.",
    answer: { status: 200, is: "The device, and its box.", schema: deviceAnswer },
    example: { path: { id: exampleIds.device }, body: { label: "Gate S1", direction: "in" } },
  },
  asks: { path: z.object({ id: z.string().max(64).meta({ description: "`dev_…`" }) }), body: settings },
  audits: {
    action: "setting-changed",
    about: ({ path: { id }, body: { label, direction, counts } }) => ({
      device: /^dev_[0-9a-z]{26}$/.test(id) ? id : "no device",
      label: label === undefined ? label : label !== null,
      direction: direction === null ? "as the box says" : direction,
      counts,
    }),
  },
  async answer({ path: { id: key }, body }, deps) {
    const box = await boxOf(key, deps);
    await deps.boxes.writer.set(box, { device: { key, ...body } });
    deps.log.info("device set", { box, device: key, ...body });
    const device = deviceIn(await deps.boxes.reader.get(box), key);
    if (device === null) throw noSuchDevice();
    return Response.json({ ...device, box });
  },
});

export const deviceSettingRoutes = [setDevice];

/** Throws 404 if no box has a device of this key. */
async function boxOf(key: string, { boxes: { reader } }: ApiPorts): Promise<string> {
  for (const box of (await reader.names()).filter((name) => mayBeOf(name, key))) {
    if (deviceIn(await reader.get(box), key) !== null) return box;
  }
  throw noSuchDevice();
}

function deviceIn(box: ShownBox | null, key: string): ShownBox["devices"][number] | null {
  return box?.devices.find((device) => device.key === key) ?? null;
}

function noSuchDevice(): GatepostError {
  return new GatepostError("not-found", "there is no such device; `GET /v1/boxes/{id}` has the keys of devices");
}
