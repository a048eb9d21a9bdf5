import type { ClockDoubt } from "./clock-doubt.ts";
import type { RetentionFacts } from "./retention.ts";
import type { Shipping } from "./shipping.ts";

/** What a runtime says of itself to whoever has a key. */
export interface ServerFacts {
  runtime: "one-machine" | "aws";
  /** Where the live feed is: a path of this server, or a whole address. */
  live: string;
  /** Whether the rules of the bus can be edited by the API. */
  rules: "editable" | "elsewhere";
  /** Bytes of one body at most. */
  bodyBytes: number;
  /** Days for which events and quarantine are kept. */
  retention(): Promise<RetentionFacts>;
  /** How full the disk of the data folder is; null where there is none. */
  room(): Promise<{ usedBytes: number; ofBytes: number } | null>;
  /** What is doubtful about the clock of the machine; null where it is believed. */
  clockDoubt(): Promise<ClockDoubt | null>;
  /** How shipping what is stored goes; null where nothing is shipped. */
  shipping(): Promise<Shipping | null>;
}
