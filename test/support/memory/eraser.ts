import { monthOf, type StoredEvent } from "@gatepost/protocol";
import { type EventEraser, matches } from "@gatepost/query";
import type { MemoryBoxStatus } from "./box-status.ts";
import type { MemoryEvents } from "./events.ts";
import type { MemoryPictures } from "./pictures.ts";
import type { MemoryQuarantine } from "./quarantine.ts";

interface Deps {
  events: MemoryEvents;
  pictures: MemoryPictures;
  quarantine: MemoryQuarantine;
  boxStatus: MemoryBoxStatus;
}

/** Erases from what is in memory. */
export class MemoryEraser implements EventEraser {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async eraseEvent(id: string): Promise<boolean> {
    const { events, pictures, quarantine } = this.#deps;
    const erased = events.remove(id);
    if (erased === null) return false;
    quarantine.removeEvent(id);
    const shown = new Set(events.stored().flatMap((event) => picturesOf(event).map(String)));
    for (const picture of picturesOf(erased)) if (!shown.has(String(picture))) pictures.remove(...picture);
    return true;
  }

  async erasePerson(person: string, box: string | null): Promise<number> {
    const asked = { person, ...(box === null ? {} : { box }) };
    const theirs = this.#deps.events.shown().filter((event) => matches(event, asked));
    for (const { id } of theirs) await this.eraseEvent(id);
    this.#deps.boxStatus.removePerson(person, box);
    return theirs.length;
  }
}

/** The pictures of all reports of an event. */
function picturesOf({ reports }: StoredEvent): [month: string, sha256: string][] {
  return reports.flatMap(({ receivedAt, pictures = {} }) =>
    Object.values(pictures).map(({ sha256 }): [string, string] => [monthOf(receivedAt), sha256]),
  );
}
