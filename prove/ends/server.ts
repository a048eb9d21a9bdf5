import { cpSync } from "node:fs";
import { basename } from "node:path";
import { openRuntime, type Runtime } from "@gatepost/embedded";
import { type Log, type Receiver, receiver } from "@gatepost/ingest";
import { LiveHub } from "../../packages/embedded/src/live/hub.ts";

const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };

/** One run of the server over a data folder, in this process. */
export class Server {
  readonly runtime: Runtime;
  readonly receive: Receiver;
  readonly hub: LiveHub;
  readonly data: string;
  readonly generation: number;
  /** Whether it has ended. Whatever it still does is lost: its folder is not the one that is gone on with. */
  isOver = false;

  private constructor(runtime: Runtime, { data, generation, clock }: Opening) {
    this.runtime = runtime;
    this.data = data;
    this.generation = generation;
    this.receive = receiver(runtime.ingest);
    const { reads, missed, changes, seen, erased } = runtime;
    this.hub = new LiveHub({ reads, missed, changes, seen, erased, zone: this.runtime.zone, log: silent, clock });
  }

  static async open(opening: Opening): Promise<Server> {
    const { data, clock, random } = opening;
    const bus = { allowPrivateTargets: true, closeTimeoutMs: 0, random };
    return new Server(await openRuntime({ data, clock, log: silent, bus }), opening);
  }

  /**
   * Ends it as `kill -9` does: what it has written is in its files, of whose state at this moment `next` gets a copy.
   * Its memory is lost, and so are the locks and the index of the log. Resolves when no request of it is on its way.
   */
  async kill(next: string): Promise<void> {
    this.isOver = true;
    const isKept = (path: string) => !/^(reserve|lock\.db.*|.*-shm)$/.test(basename(path));
    cpSync(this.data, next, { recursive: true, filter: isKept });
    await this.runtime.bus.close();
  }

  async close(): Promise<void> {
    this.isOver = true;
    this.hub.close();
    await this.runtime.bus.close();
    await this.runtime.close();
  }
}

interface Opening {
  data: string;
  generation: number;
  clock(): number;
  random(): number;
}
