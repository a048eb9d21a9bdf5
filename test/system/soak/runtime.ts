import type { Client } from "../../support/client.ts";
import type { Held } from "./account.ts";
import type { Outages } from "./outages.ts";
import type { Troubles } from "./troubles.ts";

/** A running Gatepost, as the soak drives and disturbs it. */
export interface Runtime {
  /** The address to which boxes and bridge deliver. It never changes. */
  url: string;
  /** ms between two people who go by one box: more than the tolerance of times, and what the runtime carries here. */
  pause: number;
  /** Of the edges of pictures. */
  scale: number;
  /** ms that pass between two troubles at most: those that a runtime has many of come faster. */
  calm: number;
  /** When something was down that a report needs. */
  outages: Outages;
  /** When there was no processor for an answer in the time that a box waits, though nothing was down. */
  delays: Outages;
  troubles: Troubles;
  /** Idempotency keys of the announcements that were taken, with how often each was. */
  heard(): ReadonlyMap<string, number>;
  /** Reads stored data, past all that can fail on purpose. */
  client(): Client;
  /** The contents of the stores, read from them alone; null if only the API can tell. */
  held(): Promise<Held | null>;
  /** Other events beside the troubles, and how often. */
  notes(): Record<string, number>;
  close(): Promise<void>;
}
