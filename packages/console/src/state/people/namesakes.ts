import { boxNameById } from "./gates.ts";

interface Named {
  library: string;
  id: string;
  name: string | null;
}

/** The names that several people of a list have: their rows show id and box. */
export function sharedNames(people: readonly Pick<Named, "name">[]): ReadonlySet<string> {
  const [once, several] = [new Set<string>(), new Set<string>()];
  for (const { name } of people) if (name !== null) (once.has(name) ? several : once).add(name);
  return several;
}

/** `1001 · Gate north` of a person whose name others have, too; null of another one. */
export function whichOf({ library, id, name }: Named, shared: ReadonlySet<string>): string | null {
  if (name === null || !shared.has(name)) return null;
  // A site that shares its people has one of each id.
  return library.startsWith("~") ? id : `${id} · ${boxNameById(library)}`;
}
