import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Log } from "@gatepost/core/log";
import { BoxPipeline } from "../../../packages/bridge/src/box-pipeline.ts";
import { Bandwidth } from "../../../packages/bridge/src/cloud/bandwidth.ts";
import { Cloud } from "../../../packages/bridge/src/cloud/cloud.ts";
import { type Verdict, verdictOf } from "../../../packages/bridge/src/cloud/verdict.ts";
import { SubscribedTerminals } from "../../../packages/bridge/src/relay/subscribed-terminals.ts";
import type { SpooledRequest } from "../../../packages/bridge/src/spool/request.ts";
import { Spool } from "../../../packages/bridge/src/spool/spool.ts";
import { Process } from "../aws/process.ts";
import type { Scheduler } from "../engine/scheduler.ts";

/** A folder in memory, if there is one: `prove/power` tests the disk. */
const memory = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** The result of a report on the way to the cloud: null if no answer arrives. */
type Uplink = (report: SpooledRequest) => Promise<{ status: number; text: string } | null>;

interface BridgePorts {
  scheduler: Scheduler;
  random(): number;
  uplink: Uplink;
  tokenOf(box: string): string;
  trace(line: string): void;
}

/** ms after which the cloud's answer is not waited for any more. */
const answerMs = 5000;

/** The cloud as a bridge reaches it here: the real verdicts about answers that arrived another way. */
class VirtualCloud extends Cloud {
  readonly #deps: BridgePorts;
  readonly #process: Process;

  constructor(process: Process, deps: BridgePorts) {
    super("http://gatepost");
    this.#process = process;
    this.#deps = deps;
  }

  override async deliver(report: SpooledRequest): Promise<Verdict> {
    const { scheduler, trace } = this.#deps;
    const crash = this.#process.beforeCall();
    if (this.#process.isOver) return new Promise(() => {});
    const late = scheduler.pause(answerMs).then(() => null);
    const answered = await Promise.race([this.#deps.uplink(report), late]);
    if (crash === "after") this.#process.end();
    if (this.#process.isOver) return new Promise(() => {});
    trace(`${this.#process.name} is answered ${answered?.status ?? "nothing"}`);
    if (answered === null) return { kind: "later", why: "no answer", wait: 0 };
    return verdictOf({ ...answered, hasOutcome: false, retryAfterMs: 0 });
  }
}

/** A bridge that ends now and then, and continues with the file that it left. */
export class BridgeOnFile {
  readonly #deps: BridgePorts;
  readonly #folder = mkdtempSync(join(memory, "gatepost-simulation-"));
  readonly #spools: Spool[] = [];
  #starts = 0;
  #running: { process: Process; spool: Spool; pipelines: Map<string, BoxPipeline> };

  constructor(deps: BridgePorts) {
    this.#deps = deps;
    this.#running = this.#start();
  }

  get process(): Process {
    return this.#running.process;
  }

  /** Takes a report as the relay does. Resolves with whether it was acknowledged. */
  async post(report: SpooledRequest): Promise<boolean> {
    const { process, spool, pipelines } = this.#running;
    const pipeline = pipelines.get(report.box) ?? this.#pipelineOf(report.box, { process, spool });
    pipelines.set(report.box, pipeline);
    const crash = process.beforeCall();
    const taken = process.isOver ? Promise.resolve(false) : pipeline.post(report).then(() => true);
    const isTaken = await Promise.race([taken, process.over.then(() => false)]);
    if (crash === "after") process.end();
    return isTaken && !process.isOver;
  }

  /** Starts again if it has ended, with the content that its file had then. */
  revive(): void {
    if (!this.#running.process.isOver) return;
    this.#running = this.#start();
  }

  /** Whether something of a box still waits. */
  isWaiting(box: string): boolean {
    return this.#running.spool.next(box) !== null;
  }

  get deadLetters(): number {
    return this.#running.spool.deadLetters.list().length;
  }

  end(): void {
    for (const spool of this.#spools) spool.close().catch(() => {});
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #start() {
    const before = this.#fileOf(this.#starts);
    this.#starts += 1;
    const file = this.#fileOf(this.#starts);
    // Commits are in the file and its log. The process that has ended may continue with its own copy.
    for (const side of ["", "-wal"]) if (existsSync(before + side)) copyFileSync(before + side, file + side);
    const { scheduler } = this.#deps;
    const process = new Process(`bridge.${this.#starts}`, 0);
    const spool = new Spool(file, { maxBytes: 1e9, maxAge: 1e12 }, () => Math.floor(scheduler.now));
    this.#spools.push(spool);
    const pipelines = new Map<string, BoxPipeline>();
    for (const box of ["gate-1", "gate-2", "gate-3"]) {
      if (spool.next(box) !== null) pipelines.set(box, this.#pipelineOf(box, { process, spool }));
    }
    void process.over.then(() => {
      this.#deps.trace(`${process.name} ends`);
      return scheduler.after(3000, () => this.revive());
    });
    return { process, spool, pipelines };
  }

  #fileOf(start: number): string {
    return join(this.#folder, `spool-${start}.db`);
  }

  #pipelineOf(box: string, { process, spool }: { process: Process; spool: Spool }): BoxPipeline {
    const { scheduler, random, tokenOf } = this.#deps;
    const clock = {
      now: () => Math.floor(scheduler.now),
      sleep: (ms: number, signal: AbortSignal) => sleep(scheduler, ms, signal),
    };
    return new BoxPipeline({
      config: { name: box, token: tokenOf(box) },
      cloud: new VirtualCloud(process, this.#deps),
      bandwidth: new Bandwidth(Number.POSITIVE_INFINITY, clock),
      maxBody: 1e6,
      spool,
      clock,
      random,
      log: silent,
      settle: 50,
      lookEvery: 60_000,
      subscribed: new SubscribedTerminals(),
    });
  }
}

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

function sleep(scheduler: Scheduler, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const cancel = scheduler.after(ms, resolve);
    const stop = () => {
      cancel();
      resolve();
    };
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
