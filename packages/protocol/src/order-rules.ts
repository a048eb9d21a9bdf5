import { answerSettlement, mayBecome, settlementOf } from "./action-states.ts";
import type { ActionOrder, Approval, ApprovalRequest, OrderReport, VisitEnd } from "./approval.ts";
import { faultsIn, inWords, outcomeOf, shortened, stateOf, waitingAt } from "./box-outcomes.ts";
import { declined, reopened } from "./decline-rules.ts";
import type { OrderedAction, OrderedChange, Origin, Taken } from "./ordered-action.ts";

/**
 * Applies an order to an action, the same for every store: the answer, and the action to write (null: none). A store
 * applies it to the stored action in one transaction, so two orders at the same time run one after the other.
 *
 * @param held null if there is no such action, or its event has expired
 * @example applyOrder(held, { kind: "undo" }, { by: "key_1", at: "2026-11-05T04:00:00.000Z" })
 */
export function applyOrder(held: OrderedAction | null, order: ActionOrder, origin: Origin): Taken {
  if (held === null) return { answer: { answer: "unknown" }, next: null };
  if (order.kind === "decline") return declined(held, order, origin);
  if (order.kind === "reopen") return reopened(held, origin);
  if (order.kind === "expire") return expired(held, order, origin);
  if (held.state === "declined") return refused("it was declined; take that back first");
  if (order.kind === "approve") return approved(held, order.request, origin);
  return order.kind === "undo" ? undone(held, origin) : reported(held, order.report, origin);
}

const notToBeSettled = "it is withheld, or done already and so cannot have failed";
const refused = (reason: string): Taken => ({ answer: { answer: "refused", reason }, next: null });
const taken = (next: OrderedChange | null): Taken => ({ answer: { answer: "taken" }, next });

function approved(held: OrderedAction, request: ApprovalRequest, origin: Origin): Taken {
  const { approval: before, state } = held;
  if (state === "withheld") return refused("it is withheld: the box itself calls the picture too poor");
  if (before?.isOpen === true) {
    if (before.order === "approve" && isSame(before, request)) return taken(null);
    return refused(
      before.order === "undo"
        ? "it is just being undone; approve it when that has ended"
        : `it was approved otherwise by ${before.by} at ${before.at} and is under way; undo that first`,
    );
  }
  const { boxes, ...subject } = request;
  const order = { order: "approve", isAutomatic: false, ...subject } as const;
  const changed = changedBoxes(before);
  const since = before === null || changed.length === 0 ? origin.at : before.since;
  return taken(ordered(held, { ...order, boxes, since, earlierBoxes: without(changed, boxes) }, origin));
}

function undone(held: OrderedAction, origin: Origin): Taken {
  const { approval: before } = held;
  if (before === null) return refused("nothing was approved, so there is nothing to undo");
  const isUndone = before.order === "undo" && (before.isOpen || before.boxes.every(({ state }) => state === "done"));
  if (isUndone) return taken(null);
  const boxes = changedBoxes(before);
  return taken(ordered(held, { ...before, order: "undo", isAutomatic: false, boxes, earlierBoxes: [] }, origin));
}

/**
 * Notes that a box removed the person at the end of a visit, or could not. The state of the action, and its place in
 * the lists, stay.
 */
function expired(held: OrderedAction, { box, state, reason }: VisitEnd, { by }: Origin): Taken {
  const { approval, decline, at } = held;
  if (approval === null) return refused("nothing was approved, so there is no visit that ends");
  const removed = { box, state, reason: shortened(reason ?? "the visit ended") };
  const boxes = approval.boxes.map((before) => (before.box === box ? removed : before));
  const next = { ...approval, boxes, earlierBoxes: without(approval.earlierBoxes, [box]) };
  if (JSON.stringify(next) === JSON.stringify(approval)) return taken(null);
  const change = { state: held.state, decision: "expire", reason, by } as const;
  return taken({ state: held.state, reason: held.reason, at, decline, approval: next, change });
}

function reported(held: OrderedAction, report: OrderReport, { by, at }: Origin): Taken {
  const { boxes, number, automatic } = report;
  const approval = held.approval ?? begunByItself(report, { by, at });
  if (number !== null && held.approval !== null && number !== held.approval.number) {
    return refused("the orders have changed; ask for the action again");
  }
  if (approval === null || (boxes === null && !approval.isOpen)) return settled(held, report, { by, at });
  if (automatic !== null && !approval.isAutomatic) return refused("a person has ordered something else; ask again");
  if (held.approval === null && !mayBecome(held.state, report.state)) return refused(notToBeSettled);
  const unknown = boxes?.find(({ box }) => !approval.boxes.some((one) => one.box === box));
  if (unknown !== undefined) return refused(`it was not to be done at the box ${unknown.box}`);
  const outcomes = approval.boxes.map((before) => outcomeOf(before, report));
  if (outcomes.some(({ state }, index) => state === "failed" && approval.boxes[index]?.state === "done")) {
    return refused("it is done already and so cannot have failed");
  }
  const next = { ...approval, boxes: outcomes, isOpen: outcomes.some(({ state }) => state === "waiting") };
  const state = stateOf(outcomes) ?? held.state;
  const reason = settlementOf("failed", report.note ?? faultsIn(outcomes)).reason;
  const isNews = JSON.stringify([state, reason, next]) !== JSON.stringify([held.state, held.reason, held.approval]);
  return taken(isNews ? { decline: null, at, state, reason, approval: next, change: { state, reason, by } } : null);
}

/** The work that a bridge did without an order, as if it had been ordered for the boxes that it names. */
function begunByItself({ boxes, automatic }: OrderReport, origin: Origin): Approval | null {
  if (automatic === null || boxes === null) return null;
  const waiting = boxes.map(({ box }) => waitingAt(box));
  const facts = {
    ...automatic,
    type: null,
    group: null,
    photo: null,
    note: null,
    validFrom: null,
    validUntil: null,
    host: null,
    earlierBoxes: [],
    isOpen: true,
    since: origin.at,
  };
  return { number: 1, order: "approve", isAutomatic: true, ...facts, boxes: waiting, ...origin };
}

/** An answer about an action without an open order, as a subscriber of the bus gives it. */
function settled(held: OrderedAction, { state, note }: OrderReport, { by, at }: Origin): Taken {
  const settlement = settlementOf(state, note);
  const { answer, isNews } = answerSettlement(held, settlement);
  if (answer === "refused") return refused(notToBeSettled);
  const { approval } = held;
  return taken(isNews ? { decline: null, at, approval, ...settlement, change: { ...settlement, by } } : null);
}

/** The action with a new order: it counts as open again until a report arrives. */
function ordered(
  { state, approval }: OrderedAction,
  { boxes, ...order }: Omit<Approval, "boxes" | "number" | "isOpen" | "at" | "by"> & { boxes: readonly string[] },
  { by, at }: Origin,
): OrderedChange {
  const next = state === "pending" ? state : "announced";
  const number = (approval?.number ?? 0) + 1;
  return {
    decline: null,
    at,
    state: next,
    reason: null,
    approval: { ...order, number, boxes: boxes.map(waitingAt), isOpen: true, at, by },
    change: { state: next, decision: order.order, reason: inWords({ ...order, boxes }), by },
  };
}

/** The boxes at which something may have been changed that was not undone. */
function changedBoxes(approval: Approval | null): string[] {
  if (approval === null) return [];
  const changed = approval.boxes.filter(({ state }) => approval.order === "approve" || state !== "done");
  return [...new Set([...changed.map(({ box }) => box), ...approval.earlierBoxes])];
}

function isSame(approval: Approval, { boxes, ...request }: ApprovalRequest): boolean {
  const { person, name, type, group, validFrom, validUntil, host } = approval;
  // An older order names no photo.
  if (approval.photo !== null && approval.photo !== request.photo) return false;
  const ordered = [person, name, type, group, validFrom, validUntil, host];
  const { validFrom: begin, validUntil: end } = request;
  const asked = [request.person, request.name, request.type, request.group, begin, end, request.host];
  const [before, now] = [approval.boxes.map(({ box }) => box), boxes].map((names) => names.toSorted());
  return JSON.stringify([ordered, before]) === JSON.stringify([asked, now]);
}

function without(all: readonly string[], some: readonly string[]): string[] {
  return all.filter((one) => !some.includes(one));
}
