import type { AlertRow, AlertRows } from "@gatepost/query";

/** What alerts remember, in memory. */
export class MemoryAlertRows implements AlertRows {
  readonly #clock: () => number;
  readonly #rows = new Map<string, { json: string; version: number; until: number }>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  async get(names: readonly string[]): Promise<ReadonlyMap<string, AlertRow>> {
    return new Map(
      names.flatMap((name): [string, AlertRow][] => {
        const held = this.#rows.get(name);
        if (held === undefined || held.until <= this.#clock()) return [];
        return [[name, { value: JSON.parse(held.json), version: held.version }]];
      }),
    );
  }

  async put(name: string, value: object, { version, until }: { version: number; until: number }): Promise<boolean> {
    const held = this.#rows.get(name);
    const isLive = held !== undefined && held.until > this.#clock();
    if (version !== (isLive ? held.version : 0)) return false;
    this.#rows.set(name, { json: JSON.stringify(value), version: (held?.version ?? 0) + 1, until });
    return true;
  }
}
