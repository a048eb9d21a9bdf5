import { isCheckBox } from "@gatepost/protocol";
import { activityOf, type BoxActivity, joined } from "./activity.ts";
import { addReport } from "./add-report.ts";
import type { LocalHours } from "./local-hours.ts";
import type { BoxSign } from "./sign.ts";

/**
 * Adds up signs by their boxes, without the box of checks.
 *
 * @param sums the sums to add to. They are changed in place and returned
 */
export function summed(
  signs: Iterable<BoxSign>,
  hours: LocalHours,
  sums = new Map<string, BoxActivity>(),
): Map<string, BoxActivity> {
  for (const sign of signs) {
    if (isCheckBox(sign.box)) continue;
    const sum = sums.get(sign.box);
    if (sum !== undefined && addReport(sum, sign, hours)) continue;
    const one = activityOf(sign, hours);
    sums.set(sign.box, sum === undefined ? one : joined(sum, one, hours));
  }
  return sums;
}
