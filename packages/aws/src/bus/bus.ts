import { type EventBridgeClient, PutEventsCommand, type PutEventsResultEntry } from "@aws-sdk/client-eventbridge";
import type { ActionBus } from "@gatepost/core/actions";
import { type BusEntry, busEntryBytes } from "@gatepost/protocol";

/** EventBridge takes at most ten entries in one call. */
const maxEntriesPerCall = 10;

interface Waiting {
  entry: BusEntry;
  detail: string;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * Puts entries on EventBridge. Entries that are put at the same time, as a sweep does, share a call. Each has its own
 * result: EventBridge may take some entries of a call and refuse others, and answers status 200.
 */
export class EventBridgeBus implements ActionBus {
  readonly #client: () => EventBridgeClient;
  readonly #name: string;
  readonly #limit: number;
  #waiting: Waiting[] = [];

  /**
   * @param client makes the client on first use, which few reports need
   * @param limit ms that a call may take
   */
  constructor(client: () => EventBridgeClient, { name, limit }: { name: string; limit: number }) {
    this.#client = client;
    this.#name = name;
    this.#limit = limit;
  }

  async put(entry: BusEntry): Promise<boolean> {
    await new Promise<void>((resolve, reject) => {
      if (this.#waiting.length === 0) queueMicrotask(() => this.#flush());
      this.#waiting.push({ entry, detail: JSON.stringify(entry.detail), resolve, reject });
    });
    return true;
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of callsOf(waiting)) {
      this.#send(call).catch((error: unknown) => {
        for (const { reject } of call) reject(error);
      });
    }
  }

  async #send(call: readonly Waiting[]): Promise<void> {
    const Entries = call.map(({ entry, detail }) => ({
      EventBusName: this.#name,
      Source: entry.source,
      DetailType: entry.detailType,
      Detail: detail,
      Time: new Date(entry.time),
      Resources: [],
    }));
    const command = new PutEventsCommand({ Entries });
    const answer = await this.#client().send(command, { abortSignal: AbortSignal.timeout(this.#limit) });
    for (const [index, { resolve, reject }] of call.entries()) {
      const refusal = refusalOf(answer.Entries?.[index]);
      if (refusal === null) resolve();
      else reject(refusal);
    }
  }
}

/** EventBridge took an entry only if it gave it an id. */
function refusalOf(entry: PutEventsResultEntry | undefined): Error | null {
  if (entry?.EventId !== undefined && entry.ErrorCode === undefined) return null;
  return new Error(`the bus did not take an entry: ${entry?.ErrorCode ?? "it does not say why"}`);
}

/**
 * Divides entries into calls. A call has at most ten entries, and together at most the bytes that one entry may have.
 */
function callsOf(waiting: readonly Waiting[]): Waiting[][] {
  const calls: Waiting[][] = [];
  let call: Waiting[] = [];
  let bytes = 0;
  for (const entry of waiting) {
    const size = Buffer.byteLength(entry.detail);
    if (call.length === maxEntriesPerCall || (call.length > 0 && bytes + size > busEntryBytes)) {
      calls.push(call);
      [call, bytes] = [[], 0];
    }
    call.push(entry);
    bytes += size;
  }
  if (call.length > 0) calls.push(call);
  return calls;
}
