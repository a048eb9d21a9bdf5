import { includes, type Role } from "@gatepost/core/accounts";
import type { Key } from "@gatepost/core/keys";
import type { Caller } from "./caller.ts";

/**
 * The kinds of keys that a route may take. `people`: a read key that may read people, presence and hours. `settle`: a
 * key to settle actions.
 */
export type KeyKind = "read" | "people" | "settle" | "admin";

/** Who may use a route: people from this role upwards, and keys of these kinds. */
export interface Who {
  role: Role;
  keys: readonly KeyKind[];
}

/** All people who have signed in, and every key that reads. */
export const guards: Who = { role: "guard", keys: ["read", "admin"] };
/** The same, and keys to settle actions: for an action, and for its event and photo. */
export const guardsAndSettlers: Who = { role: "guard", keys: ["read", "settle", "admin"] };
/** All people, and an admin key. */
export const guardsAlone: Who = { role: "guard", keys: ["admin"] };
/** All people, and no key: a key has no browser, and no password. */
export const peopleAlone: Who = { role: "guard", keys: [] };
/** Managers, and every key that reads: it reads the same as before there were accounts. */
export const managers: Who = { role: "manager", keys: ["read", "admin"] };
/** Managers, and keys that may read people. */
export const managersOfPeople: Who = { role: "manager", keys: ["people", "admin"] };
export const managersAlone: Who = { role: "manager", keys: ["admin"] };
/** Administrators, and every key that reads. */
export const administrators: Who = { role: "administrator", keys: ["read", "admin"] };
export const administratorsAlone: Who = { role: "administrator", keys: ["admin"] };

/** Whether a caller is a person or a key that a route for these takes. */
export function isAmong({ account, key }: Pick<Caller, "account" | "key">, { role, keys }: Who): boolean {
  return account !== null ? includes(account.role, role) : key !== null && isOfKind(key, keys);
}

/** Whether a key is of one of these kinds. */
export function isOfKind({ scope, people }: Key, kinds: readonly KeyKind[]): boolean {
  return kinds.some((kind) => (kind === "people" ? scope === "read" && people === true : kind === scope));
}
