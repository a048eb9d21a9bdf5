import { enReasons } from "./en-reasons.ts";
import { entryOf } from "./index.ts";
import { wordsOfPage } from "./of-page.ts";
import { zhReasons } from "./zh-reasons.ts";

/** The words for reasons of quarantine. */
const reasonWords = wordsOfPage(enReasons, zhReasons);

/** A reason of quarantine as a title, what happened, and what to do. */
export function reasonOf(reason: string): readonly [title: string, what: string, todo: string] {
  const { reasons, otherReason, notices } = reasonWords.value;
  const colon = reason.indexOf(":");
  const [name, about] = colon < 0 ? [reason, ""] : [reason.slice(0, colon), reason.slice(colon + 1)];
  const known = entryOf(reasons, name);
  const [title, what, todo] = known ?? otherReason;
  const filling = known === undefined ? reason : (entryOf(notices, about) ?? about);
  return [title, what.replace("{}", () => filling), todo];
}
