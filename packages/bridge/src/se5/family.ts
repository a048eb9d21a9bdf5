import type { JsonObject } from "@gatepost/protocol";
import * as z from "zod";
import type { BoxApi } from "./box-api.ts";
import { BoxError } from "./box-error.ts";

/** The two protocols of SE5s: V5 and V6. docs/formats.md §2 (g). */
export interface Family {
  name: "V5" | "V6";
  /** The ids of the devices behind the box. */
  devices(api: BoxApi, signal: AbortSignal): Promise<string[]>;
  /** The message after which the box begins to push events. */
  configuration(devices: readonly string[]): JsonObject;
}

const id = z.string().min(1).max(256);
const maxDevices = 10_000;

const devicesV5 = z.object({
  data: z.object({ devices_list: z.array(z.object({ device_id: id })).max(maxDevices) }),
});
const devicesV6 = z.object({ devices: z.array(z.object({ media_device_id: id })).max(maxDevices) });

const familyV5: Family = {
  name: "V5",
  async devices(api, signal) {
    const { data } = await api.ask({ path: "/SophonDevice/api/Devices", answer: devicesV5 }, signal);
    return data.devices_list.map(({ device_id }) => device_id);
  },
  configuration: (devices) => ({ need_face: true, need_register: true, event_list: [...devices] }),
};

const familyV6: Family = {
  name: "V6",
  async devices(api, signal) {
    const question = { method: "POST", path: "/sophon/v2/face/getmediadevices", body: {}, answer: devicesV6 } as const;
    const { devices } = await api.ask(question, signal);
    return devices.map(({ media_device_id }) => media_device_id);
  },
  configuration: (devices) => ({ with_face_image: true, with_register_image: true, media_device_ids: [...devices] }),
};

/** Finds the protocol of a box: V6 if it does not know V5's address and knows V6's, else V5. */
export async function familyOf(api: BoxApi, signal: AbortSignal): Promise<Family> {
  try {
    await familyV5.devices(api, signal);
    return familyV5;
  } catch (error) {
    if (!(error instanceof BoxError) || error.status === null) throw error;
    await familyV6.devices(api, signal);
    return familyV6;
  }
}
