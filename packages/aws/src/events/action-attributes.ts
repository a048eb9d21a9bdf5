import {
  type Approval,
  actionId,
  actionNames,
  actionStates,
  approvalSchema,
  type Decline,
  declineSchema,
  type EventAction,
  instant,
  parseStored,
  storedJson,
  toStoredJson,
  type WantAction,
  wantActions,
} from "@gatepost/protocol";
import { type Item, placeAt, timeOfPlace } from "@gatepost/store";
import * as z from "zod/mini";
import { actionShardFor, isIndexKey } from "../dynamo/lists.ts";
import { firstChange } from "./action-history.ts";

/*
 * An action is three attributes of the row of its event, always written together: `a_1001` is its state and shard,
 * `t_1001` its key in the list of that state, `n_1001` its reason. `h_1001` is the time until which a sweep has leased
 * it. Its earlier states are in its history. `o_1001` is the last order, and `v_1001`, while that is open, the shard of
 * the list of orders, in which an action has the same key as in the list of its state. `d_1001` is there while the
 * action is declined.
 */

/** The list of actions with an open order. */
export const orderedList = "ordered";

const attributes = z.lazy(() =>
  z.object({
    pk: z.string(),
    /** In its attribute, the shard follows the state. */
    state: z.pipe(
      z.pipe(
        z.string(),
        z.transform((text) => text.split("#")[0]),
      ),
      z.enum(actionStates),
    ),
    key: z.string().check(z.refine(isIndexKey)),
    reason: storedJson(z.nullable(z.string())),
  }),
);

export function actionAttributes(eventId: string, action: EventAction): Item {
  const { wantAction, state, reason, at } = action;
  return {
    ...stateAttributes(eventId, wantAction, { state, at: Date.parse(at) }),
    ...reasonAttribute(wantAction, reason),
    ...firstChange(action),
  };
}

/** The attributes that put an action into the list of its state. */
export function stateAttributes(
  eventId: string,
  want: WantAction,
  { state, at }: { state: EventAction["state"]; at: number },
): Item {
  return { [`a_${want}`]: actionShardFor(state, eventId), [`t_${want}`]: placeAt(at, actionId(eventId, want)) };
}

export function reasonAttribute(want: WantAction, reason: string | null): Item {
  return { [`n_${want}`]: JSON.stringify(reason) };
}

/** The attributes to set and to remove for an order. */
export function orderAttributes(
  eventId: string,
  want: WantAction,
  approval: Approval,
): { set: Item; remove: string[] } {
  const open = `v_${want}`;
  return {
    set: {
      [orderAttribute(want)]: toStoredJson(approvalSchema, approval, `event ${eventId}`),
      ...(approval.isOpen ? { [open]: actionShardFor(orderedList, eventId) } : {}),
    },
    remove: approval.isOpen ? [] : [open],
  };
}

/** The name of the attribute with the last order. */
export function orderAttribute(want: WantAction): string {
  return `o_${want}`;
}

/** The name of the attribute with the decision that an action is declined. */
export function declineAttribute(want: WantAction): string {
  return `d_${want}`;
}

/** The attributes to set and to remove for that decision; null if it is taken back. */
export function declineAttributes(eventId: string, want: WantAction, decline: Decline | null) {
  const name = declineAttribute(want);
  return decline === null
    ? { set: {}, remove: [name] }
    : { set: { [name]: toStoredJson(declineSchema, decline, `event ${eventId}`) }, remove: [] };
}

/** The decision that an action is declined; null if it is not. */
export function declineOf(row: Item, want: WantAction): Decline | null {
  const text = row[declineAttribute(want)];
  return text === undefined ? null : parseStored(storedJson(declineSchema), text, `d_${want} of event ${row["pk"]}`);
}

/** The last order about an action; null if there is none. */
export function approvalOf(row: Item, want: WantAction): Approval | null {
  const text = row[orderAttribute(want)];
  return text === undefined
    ? null
    : parseStored(storedJson(approvalSchema), text, `order ${want} of event ${row["pk"]}`);
}

export function hasAction(row: Item | null, want: WantAction): boolean {
  return row?.[`a_${want}`] !== undefined;
}

/** Whether an action of a row is as a report has brought it, and not one that an earlier report brought. */
export function hasActionOf(row: Item, { wantAction, at }: EventAction): boolean {
  return actionOf(row, wantAction)?.at === at;
}

/** The action of an event's row, or null if it has none. */
export function actionOf(row: Item, wantAction: WantAction): EventAction | null {
  if (!hasAction(row, wantAction)) return null;
  const { pk, state, key, reason } = parseStored(
    attributes,
    { pk: row["pk"], state: row[`a_${wantAction}`], key: row[`t_${wantAction}`], reason: row[`n_${wantAction}`] },
    `action ${wantAction} of event ${row["pk"]}`,
  );
  const at = instant(timeOfPlace(key));
  return { id: actionId(pk, wantAction), wantAction, name: actionNames[wantAction], state, reason, at };
}

export function actionsOf(row: Item): EventAction[] {
  return wantActions.flatMap((wantAction) => actionOf(row, wantAction) ?? []);
}

/** The ids of the actions of an event's row, which may be broken. */
export function actionIdsOf(row: Item): string[] {
  const held = wantActions.filter((want) => hasAction(row, want));
  return held.map((want) => actionId(`${row["pk"]}`, want));
}
