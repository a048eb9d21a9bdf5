import { type Arrival, interpret, type Json, type JsonObject, type Passing } from "@gatepost/protocol";

/** When the passings of these builders happened: 2026-03-01 12:00 UTC. */
export const noon = Date.UTC(2026, 2, 1, 12);
/** When Gatepost hears of them. */
export const received = noon + 2_000;

const person = { identity_id: "888001", identity_name: "王芳", timestamp: noon, score: 0.87 };
const passing = { device_ip: "192.168.1.60", person_type: 1, device_type: "0" };

/** The body of an SE3's real-time report; `changes` replace members of its root, `ext` of its ext_data. */
export function realtime(changes: JsonObject = {}, ext: JsonObject = {}): JsonObject {
  return { ...person, ...changes, ext_data: { ...passing, ...ext } };
}

/** The body of an SE3's history report of the same passing. */
export function history(changes: JsonObject = {}, ext: JsonObject = {}): JsonObject {
  const device = { ep_id: "SNO1__192.168.1.60", dev_sno: "SNO1" };
  return { ...person, want_action: "0", ...changes, ext_data: { ...passing, ...device, ...ext } };
}

/** The body of a platform's record of the same passing. */
export function passRecord(changes: JsonObject = {}, ext: JsonObject = {}): JsonObject {
  const platform = { device_id: "23c7232b-0b35-4813-be6b-6ec4ee21ac4f", identity_info: {} };
  return { ...person, ...platform, ...changes, ext_data: { ...passing, ...ext } };
}

/** The body of a history report of a stranger. */
export function stranger(changes: JsonObject = {}, ext: JsonObject = {}): JsonObject {
  return history({ identity_id: "1772366400.25", ...changes }, { person_type: 4, ...ext });
}

/** A body without one of its root members. */
export function omitMember(member: string, { [member]: _, ...others }: JsonObject): JsonObject {
  return others;
}

export const arrival: Arrival = { box: "gate-1", route: "HistoryEvent", receivedAt: received, keepFeatures: false };

/** The passing that a body is understood as. Fails the test if it is not. */
export function understood(value: Json, changes: Partial<Arrival> = {}): Passing {
  const interpretation = interpret(value, { ...arrival, route: "", ...changes });
  if (!("passing" in interpretation)) throw new Error(`no passing: ${JSON.stringify(interpretation)}`);
  return interpretation.passing;
}

/** So many bytes of JSON that is one text: to look through them takes next to no time, and they pack as real texts do. */
export function longText(bytes: number): Buffer {
  const words = Array.from({ length: Math.ceil(bytes / wordLength) }, (_, i) =>
    ((i * 2654435761) % 2 ** 32).toString(36).padStart(wordLength, "x"),
  );
  return Buffer.from(`"${words.join("").slice(0, bytes - 2)}"`);
}

const wordLength = 64;
