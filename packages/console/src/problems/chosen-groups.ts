import type { QuarantineGroup } from "@gatepost/client";
import { ChosenRows } from "../parts/chosen-rows.ts";

/** A group of reports by its name: the fault, the box and the path. */
export type NamedGroup = QuarantineGroup & { id: string };

/** The groups that the user has chosen, to replay or export them together. */
export const chosenGroups = new ChosenRows<NamedGroup>();

export function named(group: QuarantineGroup): NamedGroup {
  return { ...group, id: `${group.reason} ${group.box} ${group.path}` };
}
