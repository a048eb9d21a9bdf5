import { words } from "../words/index.ts";

/** A reason of quarantine as a title, what happened, and what to do. */
export function reasonOf(reason: string): readonly [title: string, what: string, todo: string] {
  const { reasons, otherReason, notices } = words.value;
  const colon = reason.indexOf(":");
  const [name, about] = colon < 0 ? [reason, ""] : [reason.slice(0, colon), reason.slice(colon + 1)];
  const [title, what, todo] = reasons[name] ?? otherReason;
  const filling = reasons[name] === undefined ? reason : (notices[about] ?? about);
  return [title, what.replace("{}", () => filling), todo];
}
