import { reasonOf } from "./data-failure.ts";
import { Failure, sayWhy } from "./failure.ts";

/** What to do about a folder that cannot be written to. */
export const toWrite = { another: "name another one", owner: "let this user write there, or name another one" };

/** What could not be done at a place, and why, in one line that says what to do. */
export function placeFailure(
  what: string,
  { why, place, advice }: { why: unknown; place: string; advice: typeof toWrite },
): Failure {
  return new Failure(`${what}: ${reasonOf(why, advice, place) ?? sayWhy(why)}`, { cause: why });
}
