import { heartbeatOf, requestsOf, type TerminalMake, type TerminalPassing, type TerminalRequest } from "./requests.ts";

/** The answer to a request of a terminal; null if none arrived. */
export type TerminalReply = { status: number; contentType: string; body: string } | null;

interface Options {
  make: TerminalMake;
  /** Its MAC or serial. */
  id: string;
  /** Minutes by which its clock is ahead of UTC. */
  zone: number;
  /** Sends a request to the server. Never throws. */
  send(request: TerminalRequest): Promise<TerminalReply>;
}

/**
 * A terminal of another maker. It keeps each passing until it is answered as its make needs, and then sends the kept ones
 * again, the oldest first.
 */
export class Terminal {
  readonly #options: Options;
  #kept: { passing: TerminalPassing; isKept: boolean }[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  /** How many passings are not answered yet. */
  get waiting(): number {
    return this.#kept.length;
  }

  passes(passing: TerminalPassing): void {
    this.#kept.push({ passing, isKept: false });
  }

  /** Sends each passing that is not answered yet, once. It stops at the first without the right answer. */
  async deliver(): Promise<void> {
    for (const one of [...this.#kept]) {
      if (!(await this.#report(one.passing, one.isKept))) {
        for (const kept of this.#kept) kept.isKept = true;
        return;
      }
      this.#kept = this.#kept.filter((kept) => kept !== one);
    }
  }

  /** Sends a heartbeat, and returns its answer. `at` is the time of its clock, ms since 1970. */
  beat(at: number): Promise<TerminalReply> {
    return this.#options.send(heartbeatOf(this.#options.make, this.#options, at));
  }

  async #report(passing: TerminalPassing, isKept: boolean): Promise<boolean> {
    const { make, send } = this.#options;
    for (const request of requestsOf(make, this.#options, { ...passing, isKept })) {
      if (!isTaken(make, passing, await send(request))) return false;
    }
    return true;
  }
}

/** Whether an answer is the one that a terminal of the make needs. */
function isTaken(make: TerminalMake, { number }: TerminalPassing, reply: TerminalReply): boolean {
  if (reply === null || reply.status !== 200) return false;
  if (make === "uniview") return recordIn(reply.body) === number;
  return make !== "zkteco" || (reply.contentType.startsWith("text/plain") && reply.body.startsWith("OK"));
}

function recordIn(body: string): unknown {
  try {
    return JSON.parse(body).Response.Data.RecordID;
  } catch {
    return null;
  }
}
