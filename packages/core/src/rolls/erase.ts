import { comparable } from "@gatepost/protocol";
import type { Items } from "@gatepost/store";
import { listOfKey } from "./roll.ts";

/**
 * Removes an erased person from all rolls: in the library of one box and in shared ones, or in all (null). A name that
 * was added by hand stays until its roll expires: no id is known of it.
 */
export async function eraseRolled(
  { person, box }: { person: string; box: string | null },
  items: Pick<Items, "list" | "remove">,
): Promise<void> {
  const range = { lists: [listOfKey(comparable(person))], order: "ascending" } as const;
  for await (const { pk, item } of items.list(range)) {
    const library = String(item["library"]);
    if (box === null || library === box || library.startsWith("~")) await items.remove(pk);
  }
}
