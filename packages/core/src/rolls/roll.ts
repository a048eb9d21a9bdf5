import { dayMs, idOf, personTypes, storedJson } from "@gatepost/protocol";
import { absent, all, any, type Condition, compare, equals, type List, placeAt, ttlAt } from "@gatepost/store";
import * as z from "zod/mini";
import { type PortraitKind, portraitKinds } from "../people/passing.ts";
import { listOfPeople } from "../people/settings.ts";
import { RecordKind } from "../records/record-kind.ts";
import { storedBoxes } from "../sites/libraries.ts";

/** Most people of a roll as it begins, and most who are added to it. */
export const [maxRolled, maxAdded] = [5000, 500];

/** ms for which a roll is kept from its beginning on. */
const keptMs = 31 * dayMs;

const flag = z.union([z.literal(0), z.literal(1)]);

/** `rol_ID`: an evacuation list. `begunAt` and `closedAt` are ms since 1970; an open one has no `closedAt`. */
export const rolls = new RecordKind(
  "rol_",
  z.object({
    site: z.string(),
    isDrill: flag,
    begunAt: z.int(),
    begunBy: z.string(),
    begunName: z.string(),
    closedAt: z.optional(z.int()),
    closedBy: z.optional(z.string()),
    closedName: z.optional(z.string()),
  }),
);

/** `open-roll SITE`: the roll of a site that is not closed. It is written before the people of the roll. */
export const openRolls = new RecordKind("open-roll ", z.object({ roll: z.string(), madeAt: z.int() }));

/**
 * `roll-person HASH`: a person of a roll, and the latest tick if there is one. Texts that are not known are empty; of a
 * person who was added by hand, `key` begins with `+`, and all but the name is empty.
 */
export const rolled = new RecordKind(
  "roll-person ",
  z.object({
    roll: z.string(),
    library: z.string(),
    key: z.string(),
    id: z.string(),
    known: z.string(),
    type: z.enum(personTypes),
    since: z.int(),
    event: z.string(),
    device: z.string(),
    tick: z.optional(z.string()),
    tickAt: z.optional(z.int()),
    isSafe: z.optional(flag),
    by: z.optional(z.string()),
    byName: z.optional(z.string()),
    site: z.optional(z.string()),
    boxes: z.optional(storedBoxes),
    group: z.optional(z.string()),
    /** Absent in records of earlier builds. */
    pictures: z.optional(storedJson(z.array(z.enum(portraitKinds)))),
  }),
);

/** Who did something: the id of the account or key, and the name at that time. */
export interface RollActor {
  id: string;
  name: string | null;
}

/** An evacuation list of a site. */
export interface Roll {
  /** `rol_…` */
  id: string;
  site: string;
  isDrill: boolean;
  /** ms since 1970. */
  begunAt: number;
  begunBy: RollActor;
  /** Null while it is open. */
  closed: { at: number; by: RollActor } | null;
}

/** A person says that another one is safe, or is not. */
export interface Tick {
  /** `tic_…`, made by who ticks: a tick that is sent again has no further effect. */
  id: string;
  /** The person: `RolledPerson.key`. */
  key: string;
  isSafe: boolean;
  /** ms since 1970. */
  at: number;
  /** The name of a person who is not on the list, and is added to it. Then the key begins with `+`. */
  name?: string;
}

/** A person of a roll. */
export interface RolledPerson {
  /** `LIBRARY/ID`, as ids are compared; of a person who was added, a text that begins with `+`. */
  key: string;
  /** Null of a person who was added. */
  library: string | null;
  id: string | null;
  name: string | null;
  type: (typeof personTypes)[number];
  group: string | null;
  /** When the person went in, ms since 1970, by which event and device. */
  since: number | null;
  event: string | null;
  device: string | null;
  /** The pictures of that passing; the face, if they are not known. */
  pictures: readonly PortraitKind[];
  /** The latest tick: with the largest time, then with the largest id. */
  tick: (Pick<Tick, "id" | "isSafe" | "at"> & { by: RollActor }) | null;
}

/** The list of the open rolls. */
export const listOfOpen: List = { index: "byTime", name: "open-rolls" };
/** The list of the people of a roll. */
export const listOf = (roll: string): List => ({ index: "byBox", name: `roll ${roll}` });
/** The list of the places of a person in rolls. `key` is the id of the person as it is compared. */
export const rolledOfKey = (key: string): List => ({ index: "byPerson", name: `roll ${idOf("per", [key])}` });

/** Whether a key is of a person who is added by hand: every other one has the library before a slash. */
export const isAdded = (key: string) => key.startsWith("+") && !key.includes("/");

/** The place of a person in the store. */
export const placeId = (roll: string, key: string) => idOf("per", [roll, key]);

/** When the records of a roll expire. */
export const expiryOf = (begunAt: number) => ttlAt(begunAt + keptMs);

/** The lists and the expiry of a person of a roll. */
export function placement(roll: Pick<Roll, "id" | "begunAt">, key: string, since: number) {
  const lists = { byBox: listOf(roll.id).name, byTime: listOfPeople.name };
  return { ...lists, at: placeAt(since, placeId(roll.id, key)), ttl: expiryOf(roll.begunAt) };
}

export const tickAttributes = (tick: Tick, by: RollActor) => ({
  tick: tick.id,
  tickAt: tick.at,
  isSafe: tick.isSafe ? (1 as const) : (0 as const),
  by: by.id,
  byName: by.name ?? "",
});

/** Whether a tick is later than the stored one. So ticks in any order, and repeated ones, lead to the same list. */
export function isLater({ id, at }: Pick<Tick, "id" | "at">): Condition {
  return any(absent("tickAt"), compare("tickAt", "<", at), all(equals("tickAt", at), compare("tick", "<", id)));
}

export function rollIn(id: string, item: ReturnType<typeof rolls.read>): Roll {
  const { site, isDrill, begunAt, begunBy, begunName, closedAt, closedBy, closedName } = item;
  const closed = closedAt === undefined ? null : { at: closedAt, by: { id: closedBy ?? "", name: closedName || null } };
  return { id, site, isDrill: isDrill === 1, begunAt, begunBy: { id: begunBy, name: begunName || null }, closed };
}

export function personIn({
  library,
  key,
  id,
  known,
  type,
  since,
  event,
  device,
  group,
  pictures = ["face"],
  ...last
}: ReturnType<typeof rolled.read>): RolledPerson {
  const { tick, tickAt, isSafe, by, byName } = last;
  const isByHand = library === "";
  return {
    key: isByHand ? key : `${library}/${key}`,
    library: library || null,
    id: isByHand ? null : id,
    name: known || null,
    type,
    group: group ?? null,
    since: isByHand ? null : since,
    event: event || null,
    device: device || null,
    pictures,
    tick:
      tick === undefined || tickAt === undefined
        ? null
        : { id: tick, at: tickAt, isSafe: isSafe === 1, by: { id: by ?? "", name: byName || null } },
  };
}
