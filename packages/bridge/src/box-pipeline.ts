import type { Log } from "@gatepost/core/log";
import type { Clock } from "./clock.ts";
import type { Bandwidth } from "./cloud/bandwidth.ts";
import type { Cloud } from "./cloud/cloud.ts";
import { Sender } from "./cloud/sender.ts";
import type { BoxConfig } from "./config/schema.ts";
import { DahuaFollower } from "./dahua/follower.ts";
import { HikvisionFollower } from "./hikvision/follower.ts";
import type { SubscribedTerminals } from "./relay/subscribed-terminals.ts";
import { Follower } from "./se5/follower.ts";
import type { EventKey, SpooledRequest } from "./spool/request.ts";
import type { Spool } from "./spool/spool.ts";
import type { BoxStatus } from "./status.ts";
import { supervise } from "./supervise.ts";
import type { TerminalFollower } from "./terminals/follower.ts";
import { UniviewFollower } from "./uniview/follower.ts";
import { whyOf } from "./why.ts";

/** The dependencies of every pipeline. */
export interface PipelineDeps {
  spool: Spool;
  clock: Clock;
  random: () => number;
  log: Log;
  /** ms after which everything has arrived that an SE5 pushed when the connection began. */
  settle: number;
  /** ms between two checks for new devices of an SE5. */
  lookEvery: number;
  subscribed: SubscribedTerminals;
}

export interface PipelineOptions extends PipelineDeps {
  config: BoxConfig;
  cloud: Cloud;
  bandwidth: Bandwidth;
  /** Most bytes of a body that the cloud accepts. */
  maxBody: number;
}

/** Followers of terminals, by their makers. */
const followers = { hikvision: HikvisionFollower, dahua: DahuaFollower, uniview: UniviewFollower } as const;

/** The pipeline of one box: a sender for the reports in the spool, and for an SE5 or a terminal also a follower. */
export class BoxPipeline {
  readonly #config: BoxConfig;
  readonly #spool: Spool;
  readonly #clock: Clock;
  readonly #sender: Sender;
  readonly #follower: Follower | TerminalFollower | null;
  readonly #stopped = new AbortController();
  readonly #jobs: Promise<unknown>;
  #postedAt: number | null = null;
  #spoolError: string | null = null;

  constructor({ config, cloud, bandwidth, maxBody, ...deps }: PipelineOptions) {
    const { name: box, token, se5, terminal } = config;
    this.#config = config;
    this.#spool = deps.spool;
    this.#clock = deps.clock;
    this.#sender = new Sender({ ...deps, box, token, cloud, bandwidth, maxBody });
    const take = (report: SpooledRequest, seen: (EventKey & { isResumeMark: boolean }) | null) =>
      this.#take(report, seen);
    if (se5 !== undefined) this.#follower = new Follower({ ...deps, box, address: se5, take });
    else if (terminal === undefined) this.#follower = null;
    else this.#follower = new followers[terminal.make]({ ...deps, box, address: terminal, take });
    const { signal } = this.#stopped;
    this.#jobs = Promise.all([
      supervise((until) => this.#sender.run(until), deps, signal),
      supervise((until) => this.#follower?.run(until) ?? Promise.resolve(), deps, signal),
    ]);
  }

  /** Takes a report that the box posted. Once this resolves, it is durable. */
  async post(report: SpooledRequest): Promise<void> {
    await this.#take(report, null);
    this.#postedAt = this.#clock.now();
  }

  /** Tells the sender that there is a new report in the spool. */
  wake(): void {
    this.#sender.wake();
  }

  status(): BoxStatus {
    const { name } = this.#config;
    const isFailing = this.#spoolError ?? this.#sender.lastError ?? this.#follower?.lastError;
    const lastError = isFailing ?? this.#spool.counts.lastRefusal(name);
    const connected = this.#follower?.isConnected ?? null;
    return { ...this.#spool.counts.of(name), connected, posted: this.#postedAt, lastError };
  }

  /** Resolves when the pipeline has stopped. Waiting reports stay in the spool. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#jobs;
  }

  /** Writes the report into the spool, and wakes the sender once it is there. */
  async #take(report: SpooledRequest, seen: (EventKey & { isResumeMark: boolean }) | null): Promise<void> {
    try {
      await this.#spool.append(report, seen);
    } catch (error) {
      this.#spoolError = `not taken: ${whyOf(error)}`;
      throw error;
    }
    this.#spoolError = null;
    this.#sender.wake();
  }
}
