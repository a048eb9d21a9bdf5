/*
 * Evacuation lists that this browser keeps, so that a reload without a connection shows them: their names in its storage.
 * Their content is read and written by state/rolls/kept.ts.
 */

/** ms after the last answer of the server for which a list is kept. */
const keptForMs = 24 * 3_600_000;

const prefix = "gatepost-roll ";

/** The owner of a list that a link has opened; `digest` is of its token, which is not kept. */
export const linkOwner = (digest: string): string => `link_${digest}`;

const isOfLink = (owner: string) => owner.startsWith(linkOwner(""));

/** The name of a list in the storage. `owner` is the account, or a link. */
export const nameOfKept = (owner: string, roll: string): string => `${prefix}${owner} ${roll}`;

interface KeptName {
  name: string;
  owner: string;
  roll: string;
}

/** The lists that are kept; none if this browser keeps nothing. */
export function keptNames(): KeptName[] {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(prefix));
    return names.map((name) => {
      const [owner = "", roll = ""] = name.slice(prefix.length).split(" ");
      return { name, owner, roll };
    });
  } catch {
    return [];
  }
}

/** The lists of users that are kept. */
export const keptOfUsers = (): KeptName[] => keptNames().filter(({ owner }) => !isOfLink(owner));

/** The list to show while the server does not answer about the user: the wanted one if it is kept, else another one. */
export function keptRollOfUser(wanted: string | null): string | null {
  const kept = keptOfUsers();
  return (kept.find(({ roll }) => roll === wanted) ?? kept[0])?.roll ?? null;
}

/** Removes the lists of users, except the lists of one account, if it is given. */
export function dropRollsOfUsers(except?: string): void {
  drop(({ owner }) => !isOfLink(owner) && owner !== except);
}

export function dropRollsOfLinks(): void {
  drop(({ owner }) => isOfLink(owner));
}

/** Removes the lists whose time is over, or which cannot be read. */
export function dropOldRolls(): void {
  drop(({ name }) => !isFresh(Number(localStorage.getItem(name)?.split(" ", 1)[0])));
}

/** Whether a list that was read at a time, ms since 1970 by this browser's clock, may still be shown. */
export const isFresh = (at: number): boolean => Math.abs(Date.now() - at) < keptForMs;

function drop(is: (kept: KeptName) => boolean): void {
  for (const kept of keptNames()) if (is(kept)) removeKept(kept.name);
}

/** Removes a list by its name in the storage. */
export function removeKept(name: string): void {
  // A browser without a storage keeps none.
  try {
    localStorage.removeItem(name);
  } catch {}
}
