import type { Items } from "@gatepost/store";
import { eraseEnrolledNames } from "../enrolled/index.ts";
import { eraseClosedDays, eraseCorrections } from "../hours/index.ts";
import { eraseProfiles } from "../people/index.ts";
import { eraseDepartures } from "../presence/index.ts";
import { eraseRolled } from "../rolls/index.ts";

/**
 * Removes the records about an erased person beside the events: the profile, corrections of presence and hours, the
 * days of closed months, the places in evacuation lists, and the names at terminals.
 *
 * @param erased at one box, or at every box (null)
 */
export async function erasePersonRecords(
  erased: { person: string; box: string | null },
  items: Pick<Items, "list" | "entries" | "remove">,
): Promise<void> {
  await eraseProfiles(erased, items);
  await eraseDepartures(erased, items);
  await eraseCorrections(erased, items);
  await eraseClosedDays(erased, items);
  await eraseRolled(erased, items);
  await eraseEnrolledNames(erased, items);
}
