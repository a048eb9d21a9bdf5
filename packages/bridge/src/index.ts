export { waitingOrders } from "./acting/waiting-orders.ts";
export { type BackfillAccount, backfill, NotDelivered } from "./backfill/backfill.ts";
export { Progress } from "./backfill/progress.ts";
export { knownToCloud, ReadError } from "./backfill/read-api.ts";
export { type BridgeOptions, type RunningBridge, startBridge } from "./bridge.ts";
export { type Clock, systemClock } from "./clock.ts";
export { Cloud } from "./cloud/cloud.ts";
export type { PeopleConfig } from "./config/people.ts";
export { ConfigError, parseConfig, readConfig } from "./config/read.ts";
export type { BoxConfig, BridgeConfig } from "./config/schema.ts";
export { BridgeBusy, makeFolder } from "./folder.ts";
export { type Kept, keptSchema } from "./people/kept.ts";
export type {
  Attempt,
  Comparison,
  Outcome,
  PersonLibrary,
  PhotoUpdate,
  Presence,
  Registration,
  UndoAttempt,
} from "./people/library.ts";
export { type OpenPeopleOptions, openPeople } from "./people/open.ts";
export type { Seen } from "./people/seen.ts";
export { runBridge } from "./run.ts";
export { BoxApi } from "./se5/box-api.ts";
export { BoxError } from "./se5/box-error.ts";
export { setUp } from "./setup/setup.ts";
export type { Refused, RefusedWhole } from "./spool/dead-letters.ts";
export { Spool } from "./spool/spool.ts";
export { type BridgeStatus, bridgeStatus, leftBehind } from "./status.ts";
