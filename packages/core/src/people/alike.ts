import { comparable } from "@gatepost/protocol";
import type { PersonFacts } from "./stored.ts";

/**
 * The id and the name of a person, as they are compared: people of several boxes of a site who have one may be the same
 * person. Null without a name: an id alone says nothing.
 */
export function alikeKey({ key, name }: Pick<PersonFacts, "key" | "name">): string | null {
  const called = comparable((name ?? "").normalize().trim());
  return called === "" ? null : JSON.stringify([key, called]);
}
