import { randomBytes } from "node:crypto";
import { minuteMs } from "@gatepost/protocol";
import { absent, all, any, equals, type Items, placeAt, present } from "@gatepost/store";
import { GatepostError } from "../errors/errors.ts";
import type { NewsWriter } from "../events/index.ts";
import { listOfPeople } from "../people/settings.ts";
import {
  expiryOf,
  isAdded,
  isLater,
  listOf,
  listOfOpen,
  maxAdded,
  maxRolled,
  openRolls,
  personIn,
  placeId,
  placement,
  type Roll,
  type RollActor,
  type RolledPerson,
  rolled,
  rolledOfKey,
  rollIn,
  rolls,
  type Tick,
  tickAttributes,
} from "./roll.ts";

/** A person as a roll begins. `key` is the id as it is compared. */
interface ListedPerson {
  library: string;
  key: string;
  id: string;
  name: string | null;
  type: RolledPerson["type"];
  group: string | null;
  /** ms since 1970. */
  since: number;
  event: string;
  device: string | null;
  pictures: RolledPerson["pictures"];
  /** The box of the event. */
  box: string;
}

/** Records that are written at the same time. */
const atOnce = 16;

/** ms after which a roll that was not written has failed to begin. */
const maxBeginMs = minuteMs;

/** A roll that was begun, ticked or closed. */
export interface RollChange {
  /** `rol_…` */
  roll: string;
}

/** Evacuation lists. A list is frozen as it begins; then people are ticked, each by the latest tick. */
export class Rolls {
  readonly #items: Items;
  readonly #news: NewsWriter;

  constructor(items: Items, news: NewsWriter) {
    this.#items = items;
    this.#news = news;
  }

  /**
   * Begins the roll of a site. Throws 409 if one is open, or there are more than 5,000 people.
   *
   * @param id `rol_…`, of no other roll
   */
  async begin(
    { site, isDrill, at, by }: { site: string; isDrill: boolean; at: number; by: RollActor },
    people: readonly ListedPerson[],
    id = rolls.pk(randomBytes(9).toString("hex")),
  ): Promise<Roll> {
    if (people.length > maxRolled) {
      throw new GatepostError("conflict", `a roll may have ${maxRolled} people, and ${people.length} are inside`, {
        code: "too-many",
      });
    }
    await this.#open(site, id, at);
    const roll: Roll = { id, site, isDrill, begunAt: at, begunBy: by, closed: null };
    for (let from = 0; from < people.length; from += atOnce) {
      await Promise.all(people.slice(from, from + atOnce).map((person) => this.#put(roll, person)));
    }
    const begun = { site, isDrill: isDrill ? (1 as const) : (0 as const), begunAt: at, begunBy: by.id };
    const listed = { byTime: listOfPeople.name, at: placeAt(at, id), ttl: expiryOf(at) };
    const record = { ...begun, begunName: by.name ?? "", ...listed };
    await this.#items.write(rolls.record(rolls.id(id), record, absent()));
    await this.#tell(roll, at);
    return roll;
  }

  /** Null if there is none. */
  async get(id: string): Promise<Roll | null> {
    const item = id.startsWith(rolls.pk("")) ? await this.#items.get(id) : null;
    return item === null ? null : rollIn(id, rolls.read(item));
  }

  /** The open rolls of all sites, the oldest first. One that began within the last second may be missing on AWS. */
  async open(): Promise<Roll[]> {
    const found: Roll[] = [];
    for await (const { item } of this.#items.list({ lists: [listOfOpen], order: "ascending" })) {
      const roll = await this.get(openRolls.read(item).roll);
      if (roll !== null && roll.closed === null) found.push(roll);
    }
    return found;
  }

  /**
   * The people of a roll: those who went in first are first, and added ones before them. One that was written within the
   * last second may be missing on AWS.
   */
  async people(id: string): Promise<RolledPerson[]> {
    const found: RolledPerson[] = [];
    for await (const { item } of this.#items.list({ lists: [listOf(id)], order: "ascending" })) {
      found.push(personIn(rolled.read(item)));
    }
    return found;
  }

  /**
   * Notes ticks, in any order. A tick of a person who is not on the list has no effect, unless it has a name. Throws 409
   * if the roll is closed, or 500 people were added.
   */
  async tick(roll: Roll, ticks: readonly Tick[], by: RollActor): Promise<void> {
    if (roll.closed !== null) throw new GatepostError("conflict", "this roll is closed", { code: "closed" });
    await this.#requireRoom(roll, ticks);
    for (let from = 0; from < ticks.length; from += atOnce) {
      await Promise.all(ticks.slice(from, from + atOnce).map((tick) => this.#note(roll, tick, by)));
    }
    await this.#tell(roll, Math.max(...ticks.map(({ at }) => at), roll.begunAt));
  }

  /** Closes a roll, and returns it is then. Null if there is none. One that is closed keeps its end. */
  async close(id: string, { at, by }: { at: number; by: RollActor }): Promise<Roll | null> {
    const roll = await this.get(id);
    if (roll === null) return null;
    const set = { closedAt: at, closedBy: by.id, closedName: by.name ?? "" };
    await this.#items.write(rolls.change(rolls.id(id), { set, when: all(present(), absent("closedAt")) }));
    await this.#items.remove(openRolls.pk(roll.site), equals("roll", id));
    await this.#tell(roll, at);
    return this.get(id);
  }

  /** Tells readers of the feed. A request that fails here is sent again, and does this again. */
  async #tell({ id, site }: Roll, at: number): Promise<void> {
    await this.#news.tell([{ told: { kind: "roll", roll: id }, at, box: null, site }]);
  }

  /** Makes this the open roll of its site. */
  async #open(site: string, id: string, at: number): Promise<void> {
    const item = await this.#items.get(openRolls.pk(site));
    const held = item === null ? null : openRolls.read(item);
    const isFree = held === null || (await this.#isOver(held, at));
    const when = held === null ? absent() : any(absent(), equals("roll", held.roll));
    const lists = { byTime: listOfOpen.name, at: placeAt(at, id) };
    const record = { roll: id, madeAt: at, ttl: expiryOf(at), ...lists };
    const { applied } = isFree ? await this.#items.write(openRolls.record(site, record, when)) : { applied: false };
    if (applied) return;
    throw new GatepostError("conflict", "an evacuation list of this site is open already", { code: "open" });
  }

  /** Whether a roll is closed, or has failed to begin. */
  async #isOver({ roll, madeAt }: { roll: string; madeAt: number }, now: number): Promise<boolean> {
    const found = await this.get(roll);
    return found === null ? now - madeAt > maxBeginMs : found.closed !== null;
  }

  async #put(roll: Roll, { name, device, box, group, pictures, ...person }: ListedPerson): Promise<void> {
    const key = `${person.library}/${person.key}`;
    const record = {
      ...person,
      roll: roll.id,
      known: name ?? "",
      device: device ?? "",
      site: roll.site,
      boxes: JSON.stringify([box]),
      pictures: JSON.stringify(pictures),
      group,
      ...placement(roll, key, person.since),
      byPerson: rolledOfKey(person.key).name,
    };
    await this.#items.write(rolled.record(placeId(roll.id, key), record, all()));
  }

  async #note(roll: Roll, tick: Tick, by: RollActor): Promise<void> {
    const id = placeId(roll.id, tick.key);
    const set = tickAttributes(tick, by);
    const when = all(present(), isLater(tick));
    const { applied, previous } = await this.#items.write(rolled.change(id, { set, when }));
    if (applied || previous !== null || tick.name === undefined || !isAdded(tick.key)) return;
    const nothing = { library: "", id: "", event: "", device: "", since: 0, type: "unknown" as const };
    const record = { ...nothing, ...set, roll: roll.id, key: tick.key, known: tick.name };
    const written = await this.#items.write(
      rolled.record(id, { ...record, ...placement(roll, tick.key, 0) }, absent()),
    );
    // Another tick of this person was written meanwhile.
    if (!written.applied) await this.#items.write(rolled.change(id, { set, when }));
  }

  async #requireRoom(roll: Roll, ticks: readonly Tick[]): Promise<void> {
    const wanted = new Set(ticks.flatMap(({ key, name }) => (isAdded(key) && name !== undefined ? [key] : [])));
    if (wanted.size === 0) return;
    const added = (await this.people(roll.id)).filter(({ key }) => isAdded(key));
    for (const { key } of added) wanted.add(key);
    if (wanted.size <= maxAdded) return;
    throw new GatepostError("conflict", `${maxAdded} people at most may be added to a roll`, { code: "too-many" });
  }
}
