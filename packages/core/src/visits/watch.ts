import {
  comparable,
  dayMs,
  type FaceEvent,
  instant,
  instantOrNull,
  merge,
  minuteMs,
  type StoredEvent,
  visitorArrived,
} from "@gatepost/protocol";
import { all, type Items } from "@gatepost/store";
import * as z from "zod/mini";
import type { ActionBus } from "../actions/index.ts";
import type { EventLabels } from "../boxes/index.ts";
import type { ChangeFeed } from "../events/reader.ts";
import { type PeopleSettings, passingAt, type StoredPassing, storedPassingOf } from "../people/index.ts";
import { RecordKind } from "../records/record-kind.ts";
import type { Libraries } from "../sites/index.ts";
import { beginOf, firstPassingOf, type Visit, Visits } from "./visits.ts";

/** `visit-watch`: the cursor up to which the feed of changes was looked at, and when it was moved. */
const watches = new RecordKind("visit-watch", z.object({ cursor: z.string(), movedAt: z.int() }));

/** Changes of a page of the feed, and pages of one check, which has 50 s on AWS. */
const [pageSize, maxPages] = [200, 50];

/** ms after which the cursor moves on while there is no visit: so the first one has few changes to look at. */
const idleMs = 10 * minuteMs;

interface Deps {
  items: Items;
  settings: Pick<PeopleSettings, "read">;
  feed: Pick<ChangeFeed, "read" | "end">;
  labels: Pick<EventLabels, "gates" | "show">;
  libraries(): Promise<Pick<Libraries, "of">>;
  bus: ActionBus;
  /** Whether entries contain the event. */
  announcesEvents: boolean;
  /** ms since 1970. */
  clock(): number;
}

/** The visits that passings may be of. */
interface Visiting {
  libraries: Pick<Libraries, "of">;
  /** By the id of the visitor, as it is compared. */
  ofPerson: ReadonlyMap<string, readonly Visit[]>;
  /** The visits of which this check has told. */
  told: Set<string>;
}

/** Tells subscribers once of each visitor who arrives, and once of one who comes before the visit begins. */
export class VisitWatch {
  readonly #deps: Deps;
  readonly #visits: Visits;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#visits = new Visits(deps.items, deps.libraries);
  }

  /**
   * Looks at the passings since the last check. Call it each minute. If the bus takes an entry and the process ends, the
   * next check puts the same entry there again.
   */
  async check(): Promise<void> {
    const { settings, items, feed, clock } = this.#deps;
    const visits = await this.#visits.between(clock() - dayMs, Number.POSITIVE_INFINITY);
    const open = visits.length > 0 && (await settings.read()).isOn ? visits : [];
    const item = await items.get(watches.pk(""));
    const held = item === null ? null : watches.read(item);
    if (held === null || open.length === 0) {
      if (held === null || Math.abs(clock() - held.movedAt) >= idleMs) await this.#keep(await feed.end());
      return;
    }
    await this.#look(held.cursor, open);
  }

  async #look(begin: string, open: readonly Visit[]): Promise<void> {
    const libraries = await this.#deps.libraries();
    const visits: Visiting = {
      libraries,
      ofPerson: Map.groupBy(open, ({ person }) => comparable(person)),
      told: new Set(),
    };
    let cursor = begin;
    for (let pages = 0; pages < maxPages; pages++) {
      const page = await this.#deps.feed.read(cursor, pageSize);
      for (const { event } of page.items) await this.#lookAt(event, visits);
      if (page.next !== cursor) await this.#keep(page.next);
      cursor = page.next;
      if (page.isEnd) return;
    }
  }

  async #lookAt(stored: StoredEvent, { libraries, ofPerson, told }: Visiting): Promise<void> {
    const passing = storedPassingOf(merge(stored));
    // One machine reads the feed of visitors alone.
    if (passing?.person?.type !== "visitor") return;
    const visits = ofPerson.get(passing.person.key);
    if (visits === undefined || this.#deps.clock() - passing.at > dayMs) return;
    const library = libraries.of(passing.box);
    for (const visit of visits) {
      const what = newsOf(visit, passing.at);
      const name = `${visit.id} ${what}`;
      if (what === null || told.has(name) || !visit.boxes.some((box) => libraries.of(box) === library)) continue;
      const [shown] = await this.#deps.labels.show([stored]);
      if (shown === undefined || (await this.#isWayOut(passing))) continue;
      await this.#announce(visit, { stored, shown, library, at: passing.at, isEarly: what === "early" });
      await this.#visits.told(visit, what, passing.at);
      told.add(name);
    }
  }

  /** By the direction that counts for people: the event's own one does not at a device that does not count. */
  async #isWayOut(passing: StoredPassing): Promise<boolean> {
    const find = await this.#deps.labels.gates([passing.box]);
    return passingAt(passing, find(passing.box, passing.device)).direction === "out";
  }

  async #announce(
    told: Visit,
    {
      library,
      at,
      isEarly,
      ...event
    }: { stored: StoredEvent; shown: FaceEvent; library: string; at: number; isEarly: boolean },
  ): Promise<void> {
    const { bus, clock, announcesEvents } = this.#deps;
    const { id, action, person, name, host, begins, ends } = told;
    const validity = { validFrom: instantOrNull(begins), validUntil: instant(ends) };
    const visit = { id, action, library, person, name, host, ...validity };
    const flags: "before-visit"[] = isEarly ? ["before-visit"] : [];
    await bus.put(
      visitorArrived({ visit, flags, at: instant(at), begin: beginOf(told) }, event, { now: clock(), announcesEvents }),
    );
  }

  async #keep(cursor: string): Promise<void> {
    await this.#deps.items.write(watches.record("", { cursor, movedAt: this.#deps.clock() }, all()));
  }
}

/** What a passing at a time (ms) is for a visit, if subscribers were not told of it; else null. */
function newsOf(visit: Visit, at: number): "early" | "arrived" | null {
  const { ends, earlyFor, arrived } = visit;
  if (at < firstPassingOf(visit) || at > ends) return null;
  const begin = beginOf(visit);
  if (at < begin) return earlyFor === begin ? null : "early";
  return arrived !== null && arrived >= begin ? null : "arrived";
}
