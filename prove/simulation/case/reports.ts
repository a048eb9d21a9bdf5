import { createHash } from "node:crypto";
import { type Arrival, interpret, type JsonObject, type PictureKind } from "@gatepost/protocol";
import type { ReportSpec } from "./case.ts";

/** The report as a box sends it. */
export function bodyOf(spec: ReportSpec, start: number): JsonObject {
  const { passing, box, kind, isStranger, person, want, isFit, isBroken } = spec;
  const isHistory = kind !== "realtime";
  const has = (picture: "registered" | "scene") => spec.pictures.includes(picture);
  const scene = isBroken ? "!!! not base64 !!!" : photo(`scene ${passing}`);
  return {
    identity_id: isStranger ? `${1_700_000_000 + passing}.5` : person,
    identity_name: spec.name,
    timestamp: passedAt(spec, start),
    score: 0.87,
    // Every report with the same id has the same registered picture.
    ...(has("registered") ? { reg_pic: photo(`registered ${person}`) } : {}),
    ...(kind === "history" ? { want_action: want } : {}),
    ...(kind === "pass-record" ? { device_id: "platform-1", identity_info: {} } : {}),
    ...Object.fromEntries(spec.extras.map((name) => [name, `${name} of ${passing}`])),
    ext_data: {
      device_ip: `10.0.0.${passing % 3}`,
      person_type: isStranger ? 4 : 1,
      device_type: "0",
      ...(has("scene") || isBroken ? { spot_pic: scene } : {}),
      ...(isHistory
        ? {
            ...(kind === "history" ? { ep_id: `SNO__10.0.0.${passing % 3}`, dev_sno: box } : {}),
            recognize_face: photo(`face ${passing} ${spec.face}`),
            box_fiqa_info: { fiqa_result: isFit },
          }
        : {}),
    },
  };
}

/** The stored result of a report, by the rules of the protocol alone. */
export interface Expected {
  /** Equal for equal reports. */
  name: string;
  spec: ReportSpec;
  eventId: string;
  twinId: string;
  /** When the person passed, by the box: ms since 1970. */
  passedAt: number;
  /** The SHA-256 of its face; null if it has none. */
  face: string | null;
  pictures: ReadonlyMap<PictureKind, string>;
}

export function expectedOf(spec: ReportSpec, start: number): Expected {
  const arrival: Arrival = { box: spec.box, route: "HistoryEvent", receivedAt: start, keepFeatures: false };
  const read = interpret(bodyOf(spec, start), arrival);
  if (!("passing" in read)) throw new Error(`a report of the simulation is not understood: ${JSON.stringify(read)}`);
  const { eventId, twinId, pictures } = read.passing;
  const at = passedAt(spec, start);
  const hashes = new Map([...pictures].map(([kind, { sha256 }]) => [kind, sha256]));
  const face = hashes.get("face") ?? null;
  return { name: JSON.stringify(spec), spec, eventId, twinId, passedAt: at, face, pictures: hashes };
}

function passedAt({ passing }: ReportSpec, start: number): number {
  return start - 1000 - passing * 7;
}

function photo(seed: string): string {
  const data = createHash("sha256").update(seed).digest();
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), data, Buffer.from([0xff, 0xd9])]).toString("base64");
}
