import type { ActionReader, ListedAction } from "../ports/actions.ts";
import { type Seen, seenPage } from "./limited-lists.ts";

/**
 * The actions that a limited key sees: those of its boxes, and those of other boxes that a person has ordered for its
 * boxes, because the bridge there carries them out. Of an order it sees only its own boxes.
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
      const filters = { ...filter, ...(boxes === undefined ? {} : { boxes }) };
      return seenPage(
        page,
        async (request) => {
          const { items, ...page } = await actions.list(filters, request);
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

/** The action as the key sees it; null where it does not. */
function seenOf(action: ListedAction, { isSeen }: Seen): ListedAction | null {
  const approval = action.approval && {
    ...action.approval,
    boxes: action.approval.boxes.filter(({ box }) => isSeen(box)),
    earlierBoxes: action.approval.earlierBoxes.filter(isSeen),
  };
  if (isSeen(action.box)) return { ...action, approval };
  // An action of another box is shown for its order here, without its reason and history.
  const isHere = approval !== null && approval.boxes.length > 0;
  return isHere ? { ...action, approval, reason: null, history: [] } : null;
}

function isWaiting({ approval }: ListedAction): boolean {
  return approval?.boxes.some(({ state }) => state === "waiting") === true;
}
