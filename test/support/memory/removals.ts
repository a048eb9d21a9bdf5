import { maxRemovals, type Removal, type RemovalEnd, type RemovalStore, removalLifetimeMs } from "@gatepost/query";

/** What is asked of boxes for erased persons, in memory. */
export class MemoryRemovals implements RemovalStore {
  readonly all = new Map<string, Removal>();
  readonly #clock: () => number;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async ask(removal: Parameters<RemovalStore["ask"]>[0]): Promise<void> {
    if (!this.all.has(removal.id)) this.all.set(removal.id, { ...removal, state: "waiting", reason: null });
  }

  async waiting(boxes: readonly string[] | null): Promise<Removal[]> {
    return [...this.all.values()]
      .filter(({ at, state }) => state === "waiting" && at > this.#clock() - removalLifetimeMs)
      .filter(({ box }) => boxes?.includes(box) ?? true)
      .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
      .slice(0, maxRemovals);
  }

  async get(id: string): Promise<Removal | null> {
    const held = this.all.get(id);
    return held !== undefined && held.at > this.#clock() - removalLifetimeMs ? held : null;
  }

  async end(id: string, end: RemovalEnd): Promise<boolean> {
    const held = await this.get(id);
    if (held !== null && held.state !== "done") this.all.set(id, { ...held, ...end, person: null });
    return held !== null;
  }
}
