import type { BusEntry } from "@gatepost/protocol";

export interface ActionBus {
  /** Resolves once the bus has taken the entry and will deliver it. */
  put(entry: BusEntry): Promise<void>;
}
