import type { OpenActions, OpenWork, WorkFilter } from "@gatepost/core/statistics";
import type { MemoryEvents } from "./events.ts";
import type { MemoryQuarantine } from "./quarantine.ts";

/** Counts what waits in memory. There is no bus. */
export class MemoryOpenWork implements OpenWork {
  readonly #events: MemoryEvents;
  readonly #quarantine: MemoryQuarantine;

  constructor(events: MemoryEvents, quarantine: MemoryQuarantine) {
    this.#events = events;
    this.#quarantine = quarantine;
  }

  async actions({ boxes }: Pick<WorkFilter, "boxes">): Promise<OpenActions> {
    const events = this.#events.stored().filter(({ box }) => boxes === null || boxes.includes(box));
    const actions = events.flatMap((event) => event.actions);
    const inState = (wanted: string) => actions.filter(({ state }) => state === wanted).length;
    return { pending: inState("pending"), announced: inState("announced"), failed: inState("failed") };
  }

  async quarantined({ boxes, since }: WorkFilter): Promise<number> {
    const records = this.#quarantine.live().filter(({ box }) => boxes === null || boxes.includes(box));
    return records.filter(({ receivedAt }) => since === null || receivedAt >= since).length;
  }

  async deadLetters(): Promise<null> {
    return null;
  }
}
