import { boxNameById } from "./gates.ts";

interface Named {
  library: string;
  id: string;
  name: string | null;
}

/** What several people of a list are called, by their name or else their id: their rows show id and box. */
export function sharedNames(people: readonly { name: string | null; id?: string }[]): ReadonlySet<string> {
  const [once, several] = [new Set<string>(), new Set<string>()];
  for (const { name, id = "" } of people) (once.has(name ?? id) ? several : once).add(name ?? id);
  return several;
}

/** `1001 · Gate north` of a person who is called as others are, too; null of another one. */
export function whichOf({ library, id, name }: Named, shared: ReadonlySet<string>): string | null {
  if (!shared.has(name ?? id)) return null;
  // A site that shares its people has one of each id.
  return library.startsWith("~") ? id : `${id} · ${boxNameById(library)}`;
}
