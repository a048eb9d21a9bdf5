import type { ActionBus } from "@gatepost/core/actions";
import type { EventLabels } from "@gatepost/core/boxes";
import type { BusEntry } from "@gatepost/protocol";

export type Labels = Pick<EventLabels, "add">;

/** An entry whose event has the site, the names and the direction that readers get now. Other entries are unchanged. */
export async function labelled<Entry extends BusEntry>(entry: Entry, labels: Labels): Promise<Entry> {
  const { detail } = entry;
  if (!("event" in detail) || !("box" in detail.event)) return entry;
  const [event = detail.event] = await labels.add([detail.event]);
  return { ...entry, detail: { ...detail, event } };
}

/** The bus, which gets such entries: a rule may ask for a site. */
export function labelledBus(bus: ActionBus, labels: Labels): ActionBus {
  return { put: async (entry) => bus.put(await labelled(entry, labels)) };
}
