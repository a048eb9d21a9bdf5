import type { RegisteredType } from "@gatepost/protocol";
import type { BoxPerson } from "./dialect.ts";

/** The numbers of person types up to V5R7. docs/formats.md §1. */
export const typeNumbers = { employee: 1, visitor: 2, blacklist: 3, stranger: 4, vip: 5 } as const satisfies Record<
  RegisteredType | "stranger",
  number
>;

const names = ["employee", "visitor", "blacklist", "stranger", "vip"] as const;

/** Up to V5R7, a missing type means employee. */
export function typeOfNumber(number: number | undefined): BoxPerson["type"] {
  return names.find((name) => typeNumbers[name] === (number ?? typeNumbers.employee)) ?? null;
}

/** The type for a word of V6. */
export function typeOfWord(word: string): BoxPerson["type"] {
  return names.find((name) => name === word) ?? null;
}
