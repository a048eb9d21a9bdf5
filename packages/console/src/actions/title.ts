import type { RequestedAction } from "@gatepost/client";
import { visible } from "../format/event.ts";
import { words } from "../words/index.ts";

/** What a box asked for, and for whom. */
export function titleOf({ wantAction, event }: RequestedAction): string {
  const { wants } = words.value;
  const name = visible(event?.person.name ?? null);
  return wantAction === "1002" && name !== null ? wants["1002of"](name) : wants[wantAction];
}

const openStates: readonly RequestedAction["state"][] = ["pending", "announced", "failed"];

/** Whether it is still to be decided. */
export const isOpen = ({ state }: Pick<RequestedAction, "state">) => openStates.includes(state);
