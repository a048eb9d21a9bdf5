import type { DatabaseSync } from "node:sqlite";
import type { Log } from "@gatepost/core/log";
import type { QuarantineSize } from "@gatepost/core/quarantine";
import type { Settings } from "@gatepost/core/retention";
import type { Wal } from "@gatepost/sqlite";
import type { BusOptions } from "../bus/bus.ts";
import type { DataDir } from "../db/data-dir.ts";
import type { StoreClock } from "../db/store-clock.ts";
import type { CompanyOptions } from "./company.ts";
import type { Follower } from "./upkeep.ts";

/** Most bytes of one body. */
export const usualBody = 64 * 1024 * 1024;

export interface RuntimeOptions {
  /** The data folder. */
  data: string;
  settings?: Partial<Settings>;
  /** The time zone in which the daily rhythm of boxes is measured, as `Asia/Shanghai`; by default the machine's. */
  zone?: string;
  /** The clock of the machine, ms since 1970. */
  clock?: () => number;
  /** ms since any fixed moment, by a clock that no one can set. */
  elapsed?: () => number;
  log?: Log;
  quarantineLimits?: QuarantineSize;
  /** Most bytes of one body. */
  maxBody?: number;
  /** Most bytes of all bodies together that are being received, unpacked or stored at the same time. */
  maxInFlight?: number;
  bus?: BusOptions;
  /** The address under which people reach the server, as `https://gate.example`. Links in alerts begin with it. */
  publicUrl?: string;
  /** The e-mail address by which push services can reach the operator. */
  contact?: string;
  /** The provider of OpenID Connect by which people of the company sign in. */
  company?: CompanyOptions | null;
  /** Makes a follower of everything that is stored, for example one that ships it elsewhere. */
  follow?: (opened: Followed) => Follower;
  /** Days for which counts of passings are kept. */
  statisticsDays?: number;
}

/** The options of a runtime, with the defaults of those that all parts need. */
export type Chosen = RuntimeOptions & Required<Pick<RuntimeOptions, "clock" | "elapsed" | "log" | "zone">>;

/** What a follower of the store gets. */
export interface Followed {
  database: DatabaseSync;
  wal: Wal;
  folder: DataDir;
  log: Log;
  clock(): number;
  /** Whether the clock is believed. */
  storeClock: StoreClock;
}
