import { interpret, type Json, type JsonObject, omitAbsent } from "@gatepost/protocol";
import { dahua } from "@gatepost/protocol/terminals";
import { limitedJsonOrNull } from "../limited-json.ts";
import type { SpooledRequest } from "../spool/request.ts";

/** The path after the key at which these terminals deliver. Any path would do: a report is recognised by its shape. */
const path = "/notification";

/** The code of a face that was recognised at the door. One approach makes several of them. */
const atDoor = "_doorface_";

/** Most characters before the data of an event. */
const maxHead = 512;

/** A part of the stream of events. */
export interface StreamEvent {
  report: Omit<SpooledRequest, "box">;
  /**
   * `face`: the same approach may be reported again. `sign`: it only shows that the terminal is there. `unreadable`: it
   * may be a passing.
   */
  kind: "passing" | "face" | "sign" | "unreadable";
  /** "" for a stranger. */
  person: string;
}

/** Reads `Code=…;action=…;index=…;data={…}` or `Heartbeat`, as an event that the terminal uploads by itself. */
export function readStreamEvent(content: Buffer, mac: string): StreamEvent {
  const head = content.toString("latin1", 0, maxHead);
  const at = head.indexOf(dataSign);
  const sent = membersOf(at < 0 ? head : head.slice(0, at));
  const code = sent.get("code") ?? "Heartbeat";
  const data = at < 0 ? null : limitedJsonOrNull(content.subarray(at + dataSign.length));
  const event = {
    Action: sent.get("action") ?? "",
    Code: code,
    Index: Number(sent.get("index")) || 0,
    PhysicalAddress: mac,
    ...omitAbsent({ Data: data }),
  };
  const means = interpret(event, { box: "", route: "", receivedAt: 0, keepFeatures: false, zone: null, make: dahua });
  if ("boxStatus" in means) return { report: reportOf({ ...event, Data: {} }), kind: "sign", person: "" };
  // Quarantine keeps an event that cannot be read.
  if (!("passing" in means)) return { report: { ...asText, body: content }, kind: "unreadable", person: "" };
  const kind = code.toLowerCase() === atDoor ? "face" : "passing";
  return { report: reportOf(event), kind, person: means.passing.report.person?.id ?? "" };
}

const dataSign = ";data=";

function membersOf(head: string): Map<string, string> {
  const pairs = head.split(";").map((pair) => pair.split("=", 2));
  return new Map(
    pairs.flatMap(([name = "", value]) => (value === undefined ? [] : [[name.trim().toLowerCase(), value.trim()]])),
  );
}

const asText = { path, contentType: "text/plain", contentEncoding: null } as const;

function reportOf(event: JsonObject): StreamEvent["report"] {
  const body: Json = { Events: [event] };
  return { path, contentType: "application/json", contentEncoding: null, body: Buffer.from(JSON.stringify(body)) };
}
