import type { ActionOrders, ActionReader, ListedAction } from "@gatepost/core/actions";
import { type Seen, seenPage } from "../access/seen-boxes.ts";

/** The actions of some boxes, unchanged. */
export function filteredActions(actions: ActionReader, { boxes, isSeen }: Seen): ActionReader {
  return {
    get: (id) => actions.get(id),
    eventOf: (id) => actions.eventOf(id),
    ofEvent: (id) => actions.ofEvent(id),
    async list({ boxes: asked, ...filter }, page) {
      const among = asked === undefined ? boxes : asked.filter(isSeen);
      return among.length === 0 ? { items: [], next: null } : actions.list({ ...filter, boxes: among }, page);
    },
  };
}

/**
 * The actions that a limited key sees: actions of its boxes, and actions of other boxes that a person has ordered for
 * its boxes, because the bridge there carries them out. It sees only its own boxes in an order.
 */
export function limitedActions(actions: ActionReader, seen: Seen): ActionReader {
  const get = async (id: string) => {
    const action = await actions.get(id);
    return action === null ? null : seenOf(action, seen);
  };
  return {
    get,
    list({ boxes: asked, ...filter }, page) {
      const among = asked?.filter(seen.isSeen);
      // An ordered action may be of any box; every other one must be of a box that is seen.
      const boxes = filter.isOrdered === true ? among : (among ?? seen.boxes);
      return seenPage(
        page,
        async (request) => {
          const { items, ...page } = await actions.list({ ...filter, boxes }, request);
          return { items: items.flatMap((action) => seenOf(action, seen) ?? []), ...page };
        },
        {
          ...seen,
          seenOf: (found) => found.filter((action) => filter.isOrdered !== true || isWaiting(action)),
        },
      );
    },
    eventOf: async (id) => ((await get(id)) === null ? null : actions.eventOf(id)),
    ofEvent: async (eventId) => (await actions.ofEvent(eventId)).flatMap((action) => seenOf(action, seen) ?? []),
  };
}

/** @param actions those that the caller sees */
export function limitedOrders(orders: ActionOrders, actions: ActionReader): ActionOrders {
  return {
    order: async (id, ...order) =>
      (await actions.get(id)) === null ? { answer: "unknown" } : orders.order(id, ...order),
  };
}

/** The action as the key sees it; null if the key does not see it. */
function seenOf(action: ListedAction, { isSeen }: Seen): ListedAction | null {
  const approval = action.approval && {
    ...action.approval,
    boxes: action.approval.boxes.filter(({ box }) => isSeen(box)),
    earlierBoxes: action.approval.earlierBoxes.filter(isSeen),
  };
  if (isSeen(action.box)) return { ...action, approval };
  // An action of another box is shown for its order here, without its reason, notes and history.
  const isHere = approval !== null && approval.boxes.length > 0;
  if (!isHere) return null;
  return { ...action, approval: { ...approval, note: null, host: null }, reason: null, decline: null, history: [] };
}

function isWaiting({ approval }: ListedAction): boolean {
  return approval?.boxes.some(({ state }) => state === "waiting") === true;
}
