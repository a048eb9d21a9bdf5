import type { ActionFilter, ActionReader, ListedAction } from "@gatepost/core/actions";
import type { PageRequest } from "@gatepost/core/lists";
import type { StoredEvent } from "@gatepost/protocol";
import type { MemoryEvents } from "./events.ts";
import { pageOf } from "./page.ts";

/** Reads the actions of events in memory. */
export class MemoryActions implements ActionReader {
  readonly #events: MemoryEvents;

  constructor(events: MemoryEvents) {
    this.#events = events;
  }

  async list({ states, wants, boxes, isOrdered = false, isTold }: ActionFilter, page: PageRequest) {
    const found = this.#events
      .listedActions()
      .filter(({ state }) => states?.includes(state) ?? true)
      .filter(({ wantAction }) => wants?.includes(wantAction) ?? true)
      .filter(({ box }) => boxes?.includes(box) ?? true)
      .filter(({ approval }) => !isOrdered || approval?.isOpen === true)
      .filter(({ told }) => isTold === undefined || told === isTold);
    return pageOf(
      found.map((item) => ({ item, at: Date.parse(item.at), id: item.id })),
      page,
    );
  }

  async get(actionId: string): Promise<ListedAction | null> {
    return this.#events.listedActions().find(({ id }) => id === actionId) ?? null;
  }

  async eventOf(actionId: string): Promise<StoredEvent | null> {
    const action = await this.get(actionId);
    return action === null ? null : this.#events.get(action.eventId);
  }

  async ofEvent(id: string): Promise<ListedAction[]> {
    return this.#events.listedActions().filter(({ eventId }) => eventId === id);
  }
}
