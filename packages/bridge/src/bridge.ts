import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Log } from "@gatepost/core/log";
import type { Listening } from "@gatepost/http";
import { Actor } from "./acting/actor.ts";
import type { Clock } from "./clock.ts";
import type { BridgeConfig } from "./config/schema.ts";
import { openFolder, openNaming } from "./folder.ts";
import { Pipelines } from "./pipelines.ts";
import { RejectedRequests } from "./rejected-requests.ts";
import { admission, serveRelay } from "./relay/relay.ts";
import { SubscribedTerminals } from "./relay/subscribed-terminals.ts";
import { TerminalAnswers } from "./relay/terminals.ts";
import type { SpooledRequest } from "./spool/request.ts";
import { Spool } from "./spool/spool.ts";
import { type BridgeStatus, leftBehind } from "./status.ts";
import { serveStatus } from "./status-server.ts";
import { upkeep } from "./upkeep.ts";
import { whyOf } from "./why.ts";

export interface BridgeOptions {
  config: BridgeConfig;
  clock: Clock;
  random: () => number;
  log: Log;
  /** ms after which everything has arrived that an SE5 pushed when the connection began. */
  settle?: number;
  /** ms between two checks for new devices of an SE5. */
  lookEvery?: number;
  /** ms between two requests for orders. */
  actEvery?: number;
}

export interface RunningBridge {
  /** Null if there is no relay. */
  relayPort: number | null;
  metricsPort: number;
  status(): BridgeStatus;
  /** Applies other boxes and another cloud at once. Other changes wait for the next start, and are logged. */
  change(wanted: BridgeConfig): Promise<void>;
  stop(): Promise<void>;
}

const maxInFlight = 64 * 1024 * 1024;
/** Settings that take effect only at the start. */
const fixed = ["spool", "relay", "metrics"] as const;

/**
 * Opens the spool, and starts the pipelines, the relay and the status server.
 *
 * @example
 * const config = readConfig("gatepost-bridge.yaml");
 * const bridge = await startBridge({ config, clock: systemClock, random: Math.random, log: jsonLog() });
 * await bridge.stop();
 */
export async function startBridge(options: BridgeOptions): Promise<RunningBridge> {
  const { config, clock, random, log, settle = 2000, lookEvery = 60_000 } = options;
  await using opened = new AsyncDisposableStack();
  const folder = openFolder(config.spool.folder);
  opened.defer(folder.unlock);
  const limits = { maxBytes: config.spool.max_bytes, maxAge: config.spool.max_age };
  const file = join(folder.path, "spool.db");
  const spool = openNaming(file, "its waiting reports are not delivered", () => new Spool(file, limits, clock.now));
  opened.defer(() => spool.close());
  const subscribed = new SubscribedTerminals();
  const pipelines = new Pipelines({ spool, clock, random, log, settle, lookEvery, subscribed });
  opened.defer(() => pipelines.stop());
  const admitting = { clock: clock.now, subscribed };
  let admit = admission(config.boxes, admitting);
  let zones = zonesOf(config);
  const terminals = new TerminalAnswers({ zoneOf: (box) => zones.get(box) ?? ownZone(), clock: clock.now });
  const take = (report: SpooledRequest) => pipelines.find(report.box)?.post(report) ?? spool.append(report);
  const rejected = new RejectedRequests({ clock, log });
  const relay = await openRelay(options, {
    admit: (request) => rejected.noting(admit, request),
    take,
    terminals,
    now: clock.now,
  });
  if (relay !== null) opened.defer(() => relay.close());
  subscribed.relay = relay === null ? null : { host: config.relay?.listen.host ?? "", port: relay.port };
  const actor = new Actor(join(folder.path, "acting"), { ...options, mayRemove: () => spool.mayRemove });
  opened.defer(() => actor.stop());
  const status = () => ({
    running: true,
    acting: actor.status(),
    unadmitted: rejected.seen,
    boxes: [...pipelines.status(), ...leftBehind(spool, pipelines.names())],
  });
  const metrics = await opening("metrics", serveStatus(config.metrics, { status, now: clock.now }));
  opened.defer(() => metrics.close());
  await pipelines.set(config);
  await actor.set(config);
  opened.defer(upkeep(spool, pipelines, options));
  const running = opened.move();
  return {
    relayPort: relay?.port ?? null,
    metricsPort: metrics.port,
    status,
    async change(wanted) {
      const waits = fixed.filter((section) => !isDeepStrictEqual(wanted[section], config[section]));
      if (waits.length > 0) log.warn("changed, which takes a restart", { sections: waits });
      admit = admission(wanted.boxes, admitting);
      zones = zonesOf(wanted);
      await pipelines.set(wanted);
      await actor.set(wanted);
    },
    stop: () => running.disposeAsync(),
  };
}

function openRelay(
  { config: { relay }, log }: BridgeOptions,
  deps: Pick<Parameters<typeof serveRelay>[0], "admit" | "take" | "terminals" | "now">,
) {
  if (relay === undefined) return null;
  return opening("relay.listen", serveRelay({ ...relay.listen, maxBody: relay.max_body, maxInFlight, log, ...deps }));
}

/** The zones that the file names, by box. */
function zonesOf({ boxes }: BridgeConfig): ReadonlyMap<string, string> {
  return new Map(boxes.flatMap(({ name, zone }) => (zone === undefined ? [] : [[name, zone] as const])));
}

/** The zone of this machine. */
function ownZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** If a port cannot be opened, names its setting in the configuration file. */
async function opening(setting: string, listening: Promise<Listening>): Promise<Listening> {
  try {
    return await listening;
  } catch (error) {
    throw new Error(`${setting}: ${whyOf(error)}; give another port or address there`, { cause: error });
  }
}
