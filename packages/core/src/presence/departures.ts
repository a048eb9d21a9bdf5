import { randomBytes } from "node:crypto";
import { dayMs, idOf } from "@gatepost/protocol";
import { absent, type Items, type List, listOf, placeAt, present, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { listOfPeople } from "../people/settings.ts";
import { RecordKind } from "../records/record-kind.ts";
import { storedBoxes } from "../sites/libraries.ts";

/** `left_…`: a person has left a site, as another person says. `leftAt` and `madeAt` are ms since 1970. */
const departures = new RecordKind(
  "left_",
  z.object({
    site: z.string(),
    library: z.string(),
    key: z.string(),
    leftAt: z.int(),
    reason: z.string(),
    by: z.string(),
    madeAt: z.int(),
    boxes: z.optional(storedBoxes),
  }),
);

/** A correction of who is inside. */
export interface Departure {
  /** `left_…` */
  id: string;
  site: string;
  library: string;
  /** The boxes at which the person was known. */
  boxes: readonly string[];
  /** The id of the person as it is compared. */
  key: string;
  leftAt: number;
  reason: string;
  /** The id of the account or key. */
  by: string;
  madeAt: number;
}

/** ms for which a departure is kept: longer than passings. */
const keptMs = 400 * dayMs;

const listOfSite = (site: string): List => ({ index: "byBox", name: listOf("departures", site) });
/** The list of the departures of a person. */
export const departuresOfKey = (key: string): List => ({ index: "byPerson", name: `departures ${idOf("per", [key])}` });

function departureIn(id: string, { boxes = [], ...facts }: ReturnType<typeof departures.read>): Departure {
  return { id, ...facts, boxes };
}

/** The corrections by people of who is inside. */
export class Departures {
  readonly #items: Items;

  constructor(items: Items) {
    this.#items = items;
  }

  /** All of a site, the oldest first. One that was made within the last second may be missing on AWS. */
  async of(site: string): Promise<Departure[]> {
    const found: Departure[] = [];
    for await (const { pk, item } of this.#items.list({ lists: [listOfSite(site)], order: "ascending" })) {
      found.push(departureIn(pk, departures.read(item)));
    }
    return found;
  }

  /** Null if there is none. */
  async get(id: string): Promise<Departure | null> {
    const item = id.startsWith(departures.pk("")) ? await this.#items.get(id) : null;
    return item === null ? null : departureIn(id, departures.read(item));
  }

  /** Adds one; nothing if there is one of this id (`left_…`). */
  async add(departure: Omit<Departure, "id">, id = departures.pk(randomBytes(9).toString("hex"))): Promise<Departure> {
    const { site, key, leftAt, madeAt } = departure;
    const lists = { byBox: listOfSite(site).name, byPerson: departuresOfKey(key).name, byTime: listOfPeople.name };
    const boxes = JSON.stringify(departure.boxes);
    const record = { ...departure, boxes, ...lists, at: placeAt(leftAt, id), ttl: ttlAt(madeAt + keptMs) };
    await this.#items.write(departures.record(departures.id(id), record, absent()));
    return { id, ...departure };
  }

  /** False if there is none. */
  async remove(id: string): Promise<boolean> {
    return id.startsWith(departures.pk("")) && (await this.#items.remove(id, present())) !== null;
  }
}
