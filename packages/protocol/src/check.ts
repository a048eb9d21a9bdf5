import { hourMs } from "./durations.ts";

/**
 * The box whose reports only check that Gatepost works. A report belongs to it by its key alone, so no report of
 * another box can claim to be a check. Its announcements are `Gatepost Test`, no statistic counts it, lists,
 * the feed of changes and the WebSocket show it only to clients that name it, and it expires soon.
 */
export const checkBox = "gatepost-check";

/** ms after which the traces of a check expire. */
export const checkLifetimeMs = hourMs;

/** Whether this is the name of the box of checks. */
export function isCheckBox(box: string): boolean {
  return box === checkBox;
}
