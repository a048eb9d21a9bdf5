import type { Log } from "@gatepost/core/log";
import { Backoff } from "../backoff.ts";
import type { Clock } from "../clock.ts";
import type { EventKey, SpooledRequest } from "../spool/request.ts";
import type { Spool } from "../spool/spool.ts";
import { whyOf } from "../why.ts";
import { BoxApi } from "./box-api.ts";
import { BoxError } from "./box-error.ts";
import { Connection } from "./connection.ts";
import { pushedEventKey } from "./event-key.ts";
import { type Family, familyOf } from "./family.ts";
import { fillGap, type GapOptions } from "./gap.ts";
import { PlausibleTimes } from "./plausible.ts";
import { RegisteredPictures } from "./registered-pictures.ts";

interface Se5Address {
  host: string;
  livePort: number;
  apiPort: number;
}

export interface FollowerOptions {
  box: string;
  address: Se5Address;
  spool: Spool;
  /** Writes a report into the spool and wakes the sender. */
  take(report: SpooledRequest, seen: (EventKey & { isResumeMark: boolean }) | null): Promise<void>;
  clock: Clock;
  random: () => number;
  log: Log;
  /** ms after which everything has arrived that was pushed when a connection began. */
  settle: number;
  /** ms between two checks for new devices. */
  lookEvery: number;
}

/** The options to fetch missed events. */
type BoxMemory = Pick<GapOptions, "api" | "family" | "registered">;

/** Follows one SE5: takes what it pushes, and after every interruption fetches the missed events from its memory. */
export class Follower {
  readonly #options: FollowerOptions;
  readonly #backoff: Backoff;
  #isConnected = false;
  #lastError: string | null = null;
  /** Whether everything before the newest push was taken. Until then the resume mark does not move. */
  #isComplete = false;
  #newest: number | null = null;
  readonly #plausible: PlausibleTimes;

  constructor(options: FollowerOptions) {
    this.#options = options;
    this.#plausible = new PlausibleTimes(options.clock.now);
    this.#backoff = new Backoff(options.random);
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get lastError(): string | null {
    return this.#lastError;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, box, spool, log } = this.#options;
    // From now on no event may be lost, even before the first connection.
    if (spool.seenEvents.resumeMark(box) === null) await spool.setResumeMark(box, clock.now());
    while (!signal.aborted) {
      const why = await this.#session(signal).catch((error: unknown) => error);
      this.#isConnected = false;
      if (signal.aborted) return;
      this.#lastError = whyOf(why);
      log.warn("not connected", { box, why: this.#lastError });
      await clock.sleep(this.#backoff.failed(), signal);
    }
  }

  /** Connects. Resolves with the reason when the connection has ended. */
  async #session(outer: AbortSignal): Promise<Error> {
    const { address, clock, log, box } = this.#options;
    const api = new BoxApi(address.host, address.apiPort);
    const family = await familyOf(api, outer);
    const devices = await family.devices(api, outer);
    this.#isComplete = false;
    this.#newest = null;
    const connection = await Connection.open(
      {
        url: `ws://${address.host}:${address.livePort}`,
        configuration: JSON.stringify(family.configuration(devices)),
        take: (message) => this.#take(message),
        clock,
      },
      outer,
    );
    this.#isConnected = true;
    this.#lastError = null;
    log.info("connected", { box, family: family.name, devices: devices.length });
    const session = new AbortController();
    const signal = AbortSignal.any([outer, session.signal]);
    const end = (error: unknown) => {
      if (!session.signal.aborted) connection.end(error instanceof Error ? error : new Error(String(error)));
    };
    const chores = [
      this.#catchUp({ api, family, registered: this.#registeredOf(api) }, signal).catch(end),
      this.#lookForDevices(api, family, devices, signal).catch(end),
    ];
    const why = await connection.ended(outer);
    session.abort();
    await Promise.all(chores);
    return why;
  }

  async #take(message: Buffer): Promise<void> {
    const { box, take } = this.#options;
    const key = pushedEventKey(message);
    const report = { box, path: "/LiveEvent", contentType: "application/json", contentEncoding: null, body: message };
    const isPlausible = key !== null && this.#plausible.accepts(key.at);
    await take(report, key === null ? null : { ...key, isResumeMark: this.#isComplete && isPlausible });
    if (isPlausible) this.#newest = key.at;
  }

  /** Fetches missed events. Tries again after a failure, while the connection lasts. */
  async #catchUp(memory: BoxMemory, signal: AbortSignal): Promise<void> {
    const { clock, random, settle, log, box } = this.#options;
    const backoff = new Backoff(random);
    // The box does not acknowledge the configuration. So the time in which it pushes must overlap the time that is
    // fetched.
    await clock.sleep(settle, signal);
    while (!signal.aborted && !this.#isComplete) {
      try {
        await this.#fill(memory, signal);
      } catch (error) {
        if (!(error instanceof BoxError)) throw error;
        log.warn("gap not filled", { box, why: error.message });
        // Firmware before V5R5 does not have this address, so nothing can be fetched.
        this.#isComplete = error.status === 404;
        if (!this.#isComplete) await clock.sleep(backoff.failed(), signal);
      }
    }
    if (this.#isComplete) this.#backoff.succeeded();
  }

  #registeredOf(api: BoxApi): RegisteredPictures {
    const { box, log } = this.#options;
    return new RegisteredPictures(api, (why) => log.warn("registered pictures left out", { box, why }));
  }

  async #fill(memory: BoxMemory, signal: AbortSignal): Promise<void> {
    const { box, spool, take, clock, settle, log } = this.#options;
    const resumeMark = spool.seenEvents.resumeMark(box) ?? clock.now();
    const { taken, latest } = await fillGap(resumeMark, { box, ...memory, spool, take, clock, settle }, signal);
    signal.throwIfAborted();
    if (taken > 0) log.info("gap filled", { box, events: taken });
    this.#isComplete = true;
    const upTo = this.#newest ?? latest;
    if (upTo !== null) await spool.setResumeMark(box, upTo);
  }

  /** The box pushes events of a new device only after a new configuration, on a new connection. */
  async #lookForDevices(api: BoxApi, family: Family, known: readonly string[], signal: AbortSignal): Promise<void> {
    const { clock, lookEvery, log, box } = this.#options;
    const before = names(known);
    for (;;) {
      await clock.sleep(lookEvery, signal);
      if (signal.aborted) return;
      try {
        if (names(await family.devices(api, signal)) === before) continue;
      } catch (error) {
        log.warn("devices not known", { box, why: String(error) });
        continue;
      }
      throw new Error("the devices of the box have changed");
    }
  }
}

function names(devices: readonly string[]): string {
  return [...devices].sort().join("\n");
}
