import { comparable } from "./comparable.ts";

export const personTypes = ["employee", "visitor", "blacklist", "stranger", "vip", "unknown"] as const;
export type PersonType = (typeof personTypes)[number];

const byCode = new Map<string, PersonType>([
  ["1", "employee"],
  ["2", "visitor"],
  ["3", "blacklist"],
  ["4", "stranger"],
  ["5", "vip"],
  ["employee", "employee"],
  ["member", "employee"],
  ["visitor", "visitor"],
  ["blacklist", "blacklist"],
  ["stranger", "stranger"],
  ["vip", "vip"],
]);

/** The id of a known person; null for a stranger, who gets another id every time. */
export function knownPerson({ id, type }: { id: string | null; type: PersonType }): string | null {
  return type === "stranger" ? null : id;
}

/** The key by which a known person is found: the id as it is compared. Null for a stranger. */
export function personKey(person: { id: string | null; type: PersonType }): string | null {
  const known = knownPerson(person);
  return known === null ? null : comparable(known);
}

/**
 * The person type of a number of (a)–(c), (f), (g), or of a word of V6 and platform A; "unknown" for any other.
 * docs/formats.md §1.
 */
export function personType(sent: string): PersonType {
  return byCode.get(sent.trim().toLowerCase()) ?? "unknown";
}
