import { PatternError } from "./error.ts";
import { isArray, isObject } from "./json.ts";

const maxDepth = 32;
const maxCharacters = 16_384;
const maxConditions = 10_000;

/** Refuses a pattern that is nested too deeply or is too long. Throws PatternError. */
export function refuseTooLarge(pattern: unknown): void {
  refuseTooDeep(pattern, "$", maxDepth);
  const length = JSON.stringify(pattern)?.length ?? 0;
  if (length > maxCharacters) {
    throw new PatternError("$", `the pattern has ${length} characters of JSON: shorten it to ${maxCharacters}`);
  }
}

/** Refuses a pattern whose $or's multiply into too many conditions. Throws PatternError. */
export function refuseTooMany(drafts: readonly ReadonlyMap<string, unknown>[], at: string): void {
  const conditions = drafts.reduce((sum, draft) => sum + draft.size, 0);
  if (conditions > maxConditions) {
    throw new PatternError(at, "these $or lists multiply into too many combinations: use fewer, or several rules");
  }
}

function refuseTooDeep(value: unknown, at: string, levelsLeft: number): void {
  if (!isArray(value) && !isObject(value)) return;
  if (levelsLeft === 0) throw new PatternError(at, `nest the pattern at most ${maxDepth} levels deep`);
  for (const [key, child] of Object.entries(value)) refuseTooDeep(child, `${at}.${key}`, levelsLeft - 1);
}
