import { join } from "node:path";
import type { Log } from "@gatepost/ingest";
import type { Clock } from "./clock.ts";
import { Bandwidth } from "./cloud/bandwidth.ts";
import { Cloud } from "./cloud/cloud.ts";
import { Sender } from "./cloud/sender.ts";
import type { BoxConfig, BridgeConfig } from "./config/schema.ts";
import { openFolder } from "./folder.ts";
import { admission } from "./relay/admit.ts";
import { serveRelay } from "./relay/relay.ts";
import { Follower } from "./se5/follower.ts";
import type { Facts, Report } from "./spool/report.ts";
import { Spool } from "./spool/spool.ts";
import type { BoxStatus, BridgeStatus } from "./status.ts";
import { serveStatus } from "./status-server.ts";

export interface BridgeOptions {
  config: BridgeConfig;
  clock: Clock;
  random: () => number;
  log: Log;
  /** ms in which what an SE5 pushed when a connection began has certainly come. */
  settle?: number;
  /** ms between two looks at which devices an SE5 has. */
  lookEvery?: number;
}

export interface RunningBridge {
  /** Null where there is no relay. */
  relayPort: number | null;
  metricsPort: number;
  status(): BridgeStatus;
  stop(): Promise<void>;
}

interface Line {
  config: BoxConfig;
  sender: Sender;
  follower: Follower | null;
}

/** ms between two looks at what waited too long. */
const expireEvery = 60_000;
const maxInFlight = 64 * 1024 * 1024;

/** Opens the spool and everything that fills and empties it. */
export async function startBridge(options: BridgeOptions): Promise<RunningBridge> {
  const { config, clock, log } = options;
  await using opened = new AsyncDisposableStack();
  const folder = openFolder(config.spool.folder);
  opened.defer(folder.unlock);
  const limits = { maxBytes: config.spool.max_bytes, maxAge: config.spool.max_age };
  const spool = new Spool(join(folder.path, "spool.db"), limits, clock.now);
  opened.defer(() => spool.close());
  const lines = linesOf(options, spool);
  const relay = await openRelay(options, spool, lines);
  if (relay !== null) opened.defer(() => relay.close());
  const status = () => ({ running: true, boxes: lines.map((line) => statusOf(line, spool)) });
  const metrics = await serveStatus(config.metrics, { status, now: clock.now });
  opened.defer(() => metrics.close());
  opened.defer(run(lines, { spool, clock, log }));
  const running = opened.move();
  return {
    relayPort: relay?.port ?? null,
    metricsPort: metrics.port,
    status,
    stop: () => running.disposeAsync(),
  };
}

function linesOf(
  { config, clock, random, log, settle = 2000, lookEvery = 60_000 }: BridgeOptions,
  spool: Spool,
): Line[] {
  const cloud = new Cloud(config.cloud.url);
  const bandwidth = new Bandwidth(config.cloud.bandwidth_per_second ?? Number.POSITIVE_INFINITY, clock);
  const maxBody = config.cloud.max_body;
  return config.boxes.map((one) => {
    const { name: box, token, se5: address } = one;
    const sender = new Sender({ box, token, spool, cloud, bandwidth, maxBody, clock, random });
    const take = taker(spool, () => sender);
    const follower =
      address === undefined ? null : new Follower({ box, address, spool, take, clock, random, log, settle, lookEvery });
    return { config: one, sender, follower };
  });
}

/** Takes a report into the spool, and only then wakes who sends it. */
function taker(spool: Spool, senderOf: (box: string) => Sender | undefined) {
  return async (report: Report, passing: (Facts & { isMark: boolean }) | null = null): Promise<void> => {
    await spool.append(report, passing);
    senderOf(report.box)?.wake();
  };
}

async function openRelay({ config, clock, log }: BridgeOptions, spool: Spool, lines: readonly Line[]) {
  if (config.relay === undefined) return null;
  const { listen, max_body: maxBody } = config.relay;
  const senders = new Map(lines.map(({ config: { name }, sender }) => [name, sender]));
  const admit = admission(config.boxes, clock.now);
  const take = taker(spool, (box) => senders.get(box));
  return await serveRelay({ ...listen, maxBody, maxInFlight, admit, take, log });
}

/** Lets everything run; the returned function ends it. */
function run(lines: readonly Line[], { spool, clock, log }: { spool: Spool; clock: Clock; log: Log }) {
  const stopped = new AbortController();
  const { signal } = stopped;
  const jobs = [
    ...lines.map(({ sender }) => keptUp(() => sender.run(signal))),
    ...lines.map(({ follower }) => keptUp(() => follower?.run(signal) ?? Promise.resolve())),
    keptUp(async () => {
      while (!signal.aborted) {
        await spool.expire();
        await clock.sleep(expireEvery, signal);
      }
    }),
  ];
  /** A full disk or a bug in one must not end the others, nor itself for good. */
  async function keptUp(job: () => Promise<void>): Promise<void> {
    while (!signal.aborted) {
      try {
        await job();
        return;
      } catch (cause) {
        log.error("interrupted, going on", { cause });
        await clock.sleep(1000, signal);
      }
    }
  }
  return async () => {
    stopped.abort();
    await Promise.all(jobs);
  };
}

function statusOf({ config: { name }, sender, follower }: Line, spool: Spool): BoxStatus {
  const lastError = sender.lastError ?? follower?.lastError ?? spool.counts.lastRefusal(name);
  return { ...spool.counts.of(name), connected: follower?.isConnected ?? null, lastError };
}
