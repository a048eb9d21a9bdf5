import type { DeviceType } from "./device.ts";
import type { JsonObject } from "./json.ts";
import type { PersonType } from "./person.ts";

/** The kinds of report, the most reliable first: where two reports of an event differ, the earlier kind wins. */
export const reportKinds = ["history", "pass-record", "live", "backfill", "realtime"] as const;
export type ReportKind = (typeof reportKinds)[number];

/** The facts of one report. Empty ones are left out: what was not sent, or sent as "" or null. */
// Aliases, not interfaces: only those are JSON objects to the compiler.
export type Facts = {
  /** As sent, in ms, even if the clock of the box was never set. */
  time?: number;
  enteredAt?: number;
  leftAt?: number;
  serial?: string;
  device?: { id?: string; ip?: string; type?: DeviceType; name?: string; endpoint?: string; direction?: "in" | "out" };
  person?: { id?: string; name?: string; type?: PersonType; group?: string; info?: JsonObject };
  /** As sent, and the highest value of its scale where the dialect says so. */
  score?: [value: number, scale: number | null];
  wantAction?: string;
  quality?: { registrable?: boolean; box?: JsonObject; grab?: JsonObject };
  attributes?: { age?: string; gender?: string; glasses?: string; faceBox?: number[] };
  /** Everything else, at the path where it was sent. */
  extra?: JsonObject;
};
