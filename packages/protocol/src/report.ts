import type { DeviceType } from "./device.ts";
import type { JsonObject } from "./json.ts";
import type { PersonType } from "./person.ts";
import type { PictureFacts, PictureKind } from "./picture.ts";

/** The kinds of report, the most telling first: where two reports of an event differ, the earlier kind is believed. */
export const reportKinds = ["history", "pass-record", "live", "backfill", "realtime"] as const;
export type ReportKind = (typeof reportKinds)[number];

export const dialectNames = [
  "se3-realtime",
  "history-nested",
  "history-flat",
  "history-v6",
  "ws-v5",
  "ws-v6",
  "platform-a",
  "platform-b",
  "stored-v5",
  "stored-v6",
  "root-facts",
] as const;
export type DialectName = (typeof dialectNames)[number];

/** What one report says of a passing. Sparse: what was not said, or said as "" or null, is absent. */
// Aliases, not interfaces: only those are JSON objects to the compiler.
export type Facts = {
  /** As sent, in ms; also where the box's clock was never set. */
  time?: number;
  enteredAt?: number;
  leftAt?: number;
  serial?: string;
  device?: { id?: string; ip?: string; type?: DeviceType; name?: string; endpoint?: string; direction?: "in" | "out" };
  person?: { id?: string; name?: string; type?: PersonType; group?: string; info?: JsonObject };
  /** As sent, and the value it has at best where the dialect tells. */
  score?: [value: number, scale: number | null];
  wantAction?: string;
  quality?: { registrable?: boolean; box?: JsonObject; grab?: JsonObject };
  attributes?: { age?: string; gender?: string; glasses?: string; faceBox?: number[] };
  /** Everything else, in the places where it was sent. */
  extra?: JsonObject;
};

/** One message of a box about one passing, as it is stored: compact JSON, its pictures by their hashes. */
export type Report = Facts & {
  kind: ReportKind;
  dialect: DialectName;
  /** When Gatepost received it, ms. */
  receivedAt: number;
  pictures?: Partial<Record<PictureKind, PictureFacts>>;
  flags?: string[];
};
