import {
  type BoxSites,
  type BoxStore,
  lookAtOf,
  type Pauses,
  type Reception,
  type StoredBox,
  type Watchable,
} from "@gatepost/query";
import { asStored } from "./stored.ts";

/** What is known of boxes, in memory. */
export class MemoryBoxes implements BoxStore, BoxSites {
  readonly #boxes = new Map<string, StoredBox>();
  readonly #pauses = new Map<string, Pauses>();
  #reception: Reception | null = null;

  async get(box: string): Promise<StoredBox | null> {
    const stored = this.#boxes.get(box);
    return stored === undefined ? null : asStored(stored);
  }

  async getAll(boxes: readonly string[]): Promise<StoredBox[]> {
    return [...this.#boxes.values()].filter(({ record }) => boxes.includes(record.box)).map(asStored);
  }

  async boxesOf(site: string): Promise<string[]> {
    return [...this.#boxes.values()].filter(({ record }) => record.site === site).map(({ record }) => record.box);
  }

  async names(): Promise<{ box: string; isSilent: boolean }[]> {
    return [...this.#boxes.values()].map(({ record }) => ({ box: record.box, isSilent: record.silentSince !== null }));
  }

  async put({ record, rev }: StoredBox): Promise<boolean> {
    if ((this.#boxes.get(record.box)?.rev ?? 0) !== rev) return false;
    this.#boxes.set(record.box, asStored({ record, rev: rev + 1 }));
    return true;
  }

  async due(now: number, limit: number): Promise<string[]> {
    const dueAt = ({ record }: StoredBox) => lookAtOf(record) ?? Number.POSITIVE_INFINITY;
    const due = [...this.#boxes.values()].filter((stored) => dueAt(stored) <= now);
    return due
      .sort((a, b) => dueAt(a) - dueAt(b))
      .slice(0, limit)
      .map(({ record }) => record.box);
  }

  async pauses(of: Watchable, hours: readonly number[]): Promise<Pauses> {
    const known = this.#pauses.get(keyOf(of)) ?? {};
    return Object.fromEntries(Object.entries(known).filter(([hour]) => hours.includes(Number(hour))));
  }

  async addPauses(of: Watchable, pauses: Pauses): Promise<void> {
    const known = { ...this.#pauses.get(keyOf(of)) };
    for (const [hour, pause] of Object.entries(pauses)) known[hour] = Math.max(known[hour] ?? 0, pause);
    this.#pauses.set(keyOf(of), known);
  }

  async reception(): Promise<Reception | null> {
    return this.#reception;
  }

  async putReception(reception: Reception): Promise<void> {
    this.#reception = asStored(reception);
  }
}

function keyOf({ box, device }: Watchable): string {
  return JSON.stringify([box, device]);
}
