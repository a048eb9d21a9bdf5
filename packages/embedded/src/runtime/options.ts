import type { DatabaseSync } from "node:sqlite";
import type { Log, QuarantineSize, Settings } from "@gatepost/ingest";
import type { Wal } from "@gatepost/sqlite";
import type { BusOptions } from "../bus/bus.ts";
import type { DataDir } from "../db/data-dir.ts";
import type { StoreClock } from "../db/store-clock.ts";
import type { Follower } from "./upkeep.ts";

/** Bytes of one body at most. */
export const usualBody = 64 * 1024 * 1024;

export interface RuntimeOptions {
  /** The data folder. */
  data: string;
  /** ms to wait for another process to leave the folder. */
  wait?: number;
  settings?: Partial<Settings>;
  /** The time zone whose hours are the rhythm of boxes, as `Asia/Shanghai`; default the machine's. */
  zone?: string;
  clock?: () => number;
  log?: Log;
  quarantineLimits?: QuarantineSize;
  /** Bytes of one body at most. */
  maxBody?: number;
  /** Bytes of all bodies together that are being received, unpacked or stored at the same time. */
  maxInFlight?: number;
  bus?: BusOptions;
  /** Under which address people reach it, as `https://gate.example`; the links of alerts begin with it. */
  publicUrl?: string;
  /** What follows all that is stored, as to ship it elsewhere. */
  follow?: (opened: Followed) => Follower;
  /** Days that counts of passings are kept. */
  statisticsDays?: number;
}

/** The options of a runtime, where those that everything needs are chosen. */
export type Chosen = RuntimeOptions & Required<Pick<RuntimeOptions, "clock" | "log" | "zone">>;

/** What is given to whoever follows what is stored. */
export interface Followed {
  database: DatabaseSync;
  wal: Wal;
  folder: DataDir;
  log: Log;
  clock(): number;
  /** Whether the clock is believed. */
  storeClock: StoreClock;
}
