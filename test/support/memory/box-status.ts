import type { BoxStatusRecord, BoxStatusStore } from "@gatepost/ingest";
import { tellsOf } from "@gatepost/protocol";
import { asStored } from "./stored.ts";

/** What boxes said last of themselves, in memory. What has expired is treated as missing. */
export class MemoryBoxStatus implements BoxStatusStore {
  /** By box and kind. */
  readonly records = new Map<string, BoxStatusRecord>();
  readonly #deps: { clock(): number; lifetime(): number };

  constructor(deps: { clock(): number; lifetime(): number }) {
    this.#deps = deps;
  }

  async put(boxStatus: BoxStatusRecord): Promise<void> {
    const key = keyOf(boxStatus);
    const since = this.records.get(key)?.receivedAt ?? 0;
    if (since <= boxStatus.receivedAt) this.records.set(key, asStored(boxStatus));
  }

  /** All that is kept of a box. */
  of(box: string): BoxStatusRecord[] {
    const expired = this.#deps.clock() - this.#deps.lifetime();
    return [...this.records.values()].filter((record) => record.box === box && record.receivedAt > expired);
  }

  /** Removes what one box, or every box where it is null, said of a person. */
  removePerson(person: string, box: string | null): void {
    for (const record of this.records.values()) {
      const isOfBox = box === null || record.box === box;
      if (isOfBox && tellsOf(record.report, person)) this.records.delete(keyOf(record));
    }
  }
}

function keyOf({ box, kind }: Pick<BoxStatusRecord, "box" | "kind">): string {
  return `${box} ${kind}`;
}
