import * as z from "zod";
import type { Arrivals } from "../arrivals.ts";
import type { Subscribers } from "./subscribers.ts";

export const roomSchema = z.object({ usedBytes: z.number(), ofBytes: z.number() }).nullable();

export const countsSchema = z.object({
  actions: z.object({ pending: z.number(), announced: z.number(), failed: z.number() }),
  problems: z.object({ quarantine: z.number(), deadletters: z.number().nullable() }),
});

export const clockSchema = z.object({ is: z.enum(["ahead", "behind"]), noted: z.string() }).nullable();

export const shippingSchema = z.object({ since: z.string(), isFailing: z.boolean(), isLate: z.boolean() }).nullable();

/** What `gatepost status` says. */
export interface Status {
  /** Why nothing can be stored; null where it can. */
  store: string | null;
  /** The address of the server; null where none runs on the data folder. */
  server: string | null;
  room: z.output<typeof roomSchema>;
  /** What is doubtful about the clock of the machine; null where it is believed. */
  clock: z.output<typeof clockSchema>;
  /** How shipping to a bucket goes; null where nothing is shipped. */
  shipping: z.output<typeof shippingSchema>;
  boxes: { reporting: number; silent: number; expected: number; new: number };
  waiting: z.output<typeof countsSchema>["actions"];
  problems: z.output<typeof countsSchema>["problems"];
  /** What waits for subscribers; null where this Gatepost does not deliver itself. */
  subscribers: Pick<Subscribers, "rules" | "waiting"> | null;
  /** Reports of seven days that were too large; null where that is not counted. */
  tooLarge: number | null;
  /** The boxes whose clock is off by a minute and more, or cannot be right. */
  wrongClocks: string[];
  /** Serials that several boxes have: one box that delivers under two keys, or one that was replaced. */
  sameSerials: { serial: string; boxes: string[] }[];
  /** Boxes whose key several serials use in turn: several boxes deliver under one key. */
  alternatingSerials: { box: string; serials: string[] }[];
  /** The last requests with a wrong key; null where that is not known, or not to this key. */
  wrongKeys: Arrivals["wrongKeys"];
  /** Connections that ended before a complete request; null if that is not known, or not to this key. */
  refusedConnections: Arrivals["refusedConnections"];
  /** What needs a hand, in words. */
  needsHand: string[];
}
