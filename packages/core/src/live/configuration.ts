import { deviceName, type FaceEvent, isCheckBox, isObject, jsonIn } from "@gatepost/protocol";
import * as z from "zod/mini";

const flag = z._default(z.boolean(), false);
const ids = z._default(z.array(z.string().check(z.maxLength(256))).check(z.maxLength(1000)), []);

/** The configuration of an SE5: V2R6 to V5R7, and V6. docs/formats.md §2 (g). */
const v5 = z.object({ need_face: flag, need_register: flag, event_list: ids });
const v6 = z.object({ with_face_image: flag, with_register_image: flag, media_device_ids: ids });

/** The configuration that a client of an SE5 sends. */
export interface LiveConfiguration {
  version: 5 | 6;
  /** Whether it gets the pictures of the passing, and the registered one. */
  face: boolean;
  registered: boolean;
  /** Ids of devices; `*` means every device, and an empty list none. */
  devices: ReadonlySet<string>;
}

/** Reads a configuration, whose names tell the version; null if it is none. */
export function readConfiguration(message: string): LiveConfiguration | null {
  const sent = jsonIn(message);
  if (!isObject(sent)) return null;
  return Object.keys(v6.shape).some((name) => name in sent) ? readV6(sent) : readV5(sent);
}

function readV5(sent: unknown): LiveConfiguration | null {
  const read = v5.safeParse(sent).data;
  if (read === undefined) return null;
  return { version: 5, face: read.need_face, registered: read.need_register, devices: new Set(read.event_list) };
}

function readV6(sent: unknown): LiveConfiguration | null {
  const read = v6.safeParse(sent).data;
  if (read === undefined) return null;
  const { with_face_image: face, with_register_image: registered, media_device_ids: devices } = read;
  return { version: 6, face, registered, devices: new Set(devices) };
}

/** Whether an event is of the devices of a configuration. */
export function isWanted({ device, box }: FaceEvent, { devices }: LiveConfiguration): boolean {
  const name = deviceName(device);
  return (devices.has("*") && !isCheckBox(box.id)) || (name !== null && devices.has(name));
}
