import type { ListedAction } from "@gatepost/core/actions";
import { readLibraries } from "@gatepost/core/sites";
import type { FaceEvent } from "@gatepost/protocol";
import * as z from "zod";
import { actingName } from "../access/actors.ts";
import type { ApiPorts } from "../ports.ts";

export const declinedBefore = z
  .object({ action: z.string(), at: z.iso.datetime(), byName: z.string().nullable() })
  .nullable();

/** Declined actions that are looked at, at most: the newest ones. */
const maxLooked = 200;

type Before = z.output<typeof declinedBefore>;

/**
 * For each action that is not declined, the newest one of the same person that was declined. Actions without
 * an entry have none.
 *
 * @param events the events of the actions, by id
 */
export async function declinedBeforeOf(
  actions: readonly ListedAction[],
  events: ReadonlyMap<string, FaceEvent>,
  deps: Pick<ApiPorts, "actionReader" | "sites" | "boxes" | "accounts" | "keyAdmin">,
): Promise<ReadonlyMap<string, NonNullable<Before>>> {
  const asked = actions.flatMap((action) => {
    const person = events.get(action.eventId)?.person.id ?? null;
    return person === null || action.state === "declined" ? [] : [{ action, person }];
  });
  if (asked.length === 0) return new Map();
  const { items } = await deps.actionReader.list({ states: ["declined"] }, { limit: maxLooked, cursor: null });
  if (items.length === 0) return new Map();
  const libraries = await readLibraries({ sites: deps.sites, boxes: deps.boxes.reader });
  const newest = new Map<string, ListedAction>();
  for (const declined of items.toReversed()) {
    const person = declined.decline?.person ?? null;
    if (person !== null) newest.set(`${libraries.of(declined.box)} ${person}`, declined);
  }
  const found = new Map<string, NonNullable<Before>>();
  for (const { action, person } of asked) {
    const before = newest.get(`${libraries.of(action.box)} ${person}`);
    const decline = before === undefined || before.id === action.id ? null : before.decline;
    if (before === undefined || decline === null) continue;
    const { at, by } = decline;
    found.set(action.id, { action: before.id, at, byName: (await actingName(by, deps)).name });
  }
  return found;
}
