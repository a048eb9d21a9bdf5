export { waitingOrders } from "./acting/open-orders.ts";
export type { BackfillAccount } from "./backfill/backfill.ts";
export { backfill, NotDelivered } from "./backfill/backfill.ts";
export { Progress } from "./backfill/progress.ts";
export { knownToCloud, ReadError } from "./backfill/read-api.ts";
export type { BridgeOptions, RunningBridge } from "./bridge.ts";
export { startBridge } from "./bridge.ts";
export type { Clock } from "./clock.ts";
export { systemClock } from "./clock.ts";
export { Cloud } from "./cloud/cloud.ts";
export type { PeopleConfig } from "./config/people.ts";
export { ConfigError, parseConfig, readConfig } from "./config/read.ts";
export type { BoxConfig, BridgeConfig } from "./config/schema.ts";
export { BridgeBusy, makeFolder } from "./folder.ts";
export type { Kept } from "./people/kept.ts";
export { keptSchema } from "./people/kept.ts";
export type {
  Attempt,
  Comparison,
  OrderOutcome,
  PersonLibrary,
  PhotoUpdate,
  Presence,
  Registration,
  UndoAttempt,
} from "./people/library.ts";
export type { OpenPeopleOptions } from "./people/open.ts";
export { openPeople } from "./people/open.ts";
export type { Seen } from "./people/seen.ts";
export { runBridge } from "./run.ts";
export { BoxApi } from "./se5/box-api.ts";
export { BoxError } from "./se5/box-error.ts";
export { setUp } from "./setup/setup.ts";
export { plannedSetup, type SettableMake, settableMakes, setUpTerminal } from "./setup/terminal-setup.ts";
export type { Refused, RefusedWhole } from "./spool/dead-letters.ts";
export { Spool } from "./spool/spool.ts";
export type { BridgeStatus } from "./status.ts";
export { bridgeStatus, leftBehind } from "./status.ts";
export type { TerminalAddress } from "./terminals/terminal-http.ts";
