import { Room } from "@gatepost/core/room";
import * as unpacking from "../../../../packages/receive/src/decode/body.ts";

/** The unpacked body, and the room that it took. */
export async function unpack(body: Buffer, encoding: string | undefined, room = new Room(512 * 1024 * 1024)) {
  const held = room.hold();
  const unpacked = await unpacking.unpack(body, encoding, { held, watching: () => () => {} });
  return { unpacked, taken: held.bytes };
}
