import { comparable } from "@gatepost/protocol";
import { alikeKey } from "../people/alike.ts";
import type { RolledPerson } from "./roll.ts";

/** A row of a roll: the person who went in last of those that it has, with the latest tick of all of them. */
export interface RolledRow extends RolledPerson {
  /** The people of the row, the last one who went in first. There are several if boxes of the site know one. */
  members: readonly RolledPerson[];
}

/**
 * The rows of a roll. People with one id and one name are one row, because the boxes of a site may know one person each.
 *
 * @param areApart whether someone has said that they are different people: then each is a row
 */
export function rowsOfRoll(people: readonly RolledPerson[], areApart: boolean): RolledRow[] {
  const nameOf = (person: RolledPerson) => (areApart ? null : alikeNameOf(person)) ?? person.key;
  return [...Map.groupBy(people, nameOf).values()].flatMap((members) => {
    const [shown, ...others] = members.toSorted((a, b) => (b.since ?? 0) - (a.since ?? 0) || (a.key < b.key ? -1 : 1));
    if (shown === undefined) return [];
    const tick = others.reduce<RolledPerson["tick"]>((held, one) => laterTick(held, one.tick), shown.tick);
    return [{ ...shown, tick, members: [shown, ...others] }];
  });
}

function alikeNameOf({ id, name }: RolledPerson): string | null {
  return id === null ? null : alikeKey({ key: comparable(id), name });
}

/** The later one, as `isLater` compares stored ticks. */
function laterTick(one: RolledPerson["tick"], other: RolledPerson["tick"]): RolledPerson["tick"] {
  if (one === null || other === null) return one ?? other;
  return other.at > one.at || (other.at === one.at && other.id > one.id) ? other : one;
}
