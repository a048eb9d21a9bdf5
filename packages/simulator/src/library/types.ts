import type { Json } from "@gatepost/protocol";
import { userTypes } from "../bodies/flat.ts";
import type { PersonType } from "../people.ts";
import { LibraryError } from "./refusal.ts";

/** The generations of the person interfaces. docs/acting.md. */
export type Generation = "A" | "B" | "B7" | "C";

const byNumber = new Map<Json, PersonType>([1, 2, 3, 4, 5].map((type) => [type, type as PersonType]));
const byWord = new Map<Json, PersonType>(
  [...byNumber.values()].map((type): [Json, PersonType] => [userTypes[type], type]),
);

/** Throws Refusal. */
export function typeOfNumber(sent: Json | undefined): PersonType {
  const type = byNumber.get(sent ?? null);
  if (type === undefined) throw new LibraryError("value-bad", "type");
  return type;
}

/** Throws Refusal. */
export function typeOfWord(sent: Json | undefined): PersonType {
  const type = byWord.get(sent ?? null);
  if (type === undefined) throw new LibraryError("value-bad", "user_type");
  return type;
}
