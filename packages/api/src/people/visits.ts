import { GatepostError } from "@gatepost/core/errors";
import type { KeyListing } from "@gatepost/core/keys";
import { masked } from "@gatepost/core/masking";
import type { Removal } from "@gatepost/core/removals";
import type { Approval } from "@gatepost/protocol";
import type { ApiPorts } from "../ports.ts";
import { librariesOf } from "./passed.ts";

/**
 * The boxes at which a bridge can register and remove a person: for each there is a read key that is limited to it, or to
 * its site.
 */
export async function boxesOfBridges(
  boxes: readonly string[],
  { keyAdmin, boxes: stored, clock }: Pick<ApiPorts, "keyAdmin" | "boxes" | "clock">,
): Promise<string[]> {
  const now = clock();
  const [listed, places] = await Promise.all([keyAdmin.list(), stored.reader.places(boxes)]);
  const keys = listed.filter((key) => isOfBridge(key, now));
  return places
    .filter(({ id, site }) => keys.some((key) => key.boxes?.includes(id) || key.site === site))
    .map(({ id }) => id);
}

/** Throws 409 if no bridge can remove a person from one of the boxes. */
export async function requireBridges(
  boxes: readonly string[],
  deps: Pick<ApiPorts, "keyAdmin" | "boxes" | "clock">,
): Promise<void> {
  const able = await boxesOfBridges(boxes, deps);
  const without = boxes.find((box) => !able.includes(box));
  if (without === undefined) return;
  throw new GatepostError(
    "conflict",
    `validUntil: no bridge can remove the person from ${masked(without)}; make a read key that is limited to this box, for a bridge`,
  );
}

function isOfBridge({ scope, revokedAt, expiresAt }: KeyListing, now: number): boolean {
  return scope === "read" && revokedAt === null && (expiresAt === undefined || Date.parse(expiresAt) > now);
}

type Ports = Pick<
  ApiPorts,
  "actionReader" | "eraser" | "jobs" | "visits" | "peopleSettings" | "sites" | "boxes" | "clock"
>;

/**
 * Sets the end of the visit that an action was approved for, at each of its boxes; or, without an end, lets the person
 * stay. After an undo, the visit of the order before counts again. It may be repeated: the process that took the order may
 * have ended before all was set. A photo update changes nothing of it.
 */
export async function setVisit(id: string, approval: Approval, deps: Ports): Promise<void> {
  if (approval.order === "approve" && approval.type === null) return;
  for (const { box } of approval.boxes) await setEnd(box, id, approval, deps);
  await keepVisit(id, approval, deps);
}

/** Sets the end of a visit at a box as the action was ordered there last. */
async function setEnd(
  box: string,
  action: string,
  { order, number, person, validUntil, boxes, at }: Approval,
  { jobs: { removals }, clock }: Pick<ApiPorts, "jobs" | "clock">,
): Promise<void> {
  const isApproved = order === "approve" && boxes.some((one) => one.box === box);
  if (!isApproved) return removals.undoVisit({ box, person, action });
  const endsAt = validUntil === null ? null : Date.parse(validUntil);
  await removals.setVisit({ box, person, action, number, endsAt, at: Date.parse(at) }, clock());
}

/** Keeps the visit of an approval for those who expect the visitor; none after an undo, and while people are off. */
async function keepVisit(action: string, approval: Approval, deps: Ports): Promise<void> {
  const { actionReader, eraser, visits, peopleSettings, jobs, clock } = deps;
  const { order, person, name, host, validFrom, validUntil, at } = approval;
  const boxes = [...new Set([...approval.boxes.map(({ box }) => box), ...approval.earlierBoxes])];
  if (order === "undo") {
    await visits.remove(action);
    const libraries = await librariesOf(deps);
    const shared = new Set(boxes.flatMap((box) => [box, ...libraries.boxesOf(libraries.of(box))]));
    for (const box of shared) {
      const before = await jobs.removals.visitOf({ box, person });
      if (before !== null) await visits.restore({ action: before.action, boxes: [box] }, clock());
    }
    return;
  }
  if (validUntil === null) {
    await visits.remove(action);
    await visits.replaceOthers({ action, person, boxes, orderedAt: Date.parse(at) }, clock());
    return;
  }
  if (!(await peopleSettings.read()).isOn) return;
  const times = {
    madeAt: Date.parse(at),
    begins: validFrom === null ? null : Date.parse(validFrom),
    ends: Date.parse(validUntil),
  };
  // An erasure of the visitor that runs meanwhile takes the action, and then the visit.
  await eraser.alongside(async () => {
    if ((await actionReader.get(action)) === null) return;
    await visits.set({ action, person, name, host, boxes, ...times }, clock());
  });
}

/**
 * Whether a removal is still to be done. The end of a visit is not if the approval was undone since, or replaced. If the
 * action is no longer kept, the visit has an end all the same.
 */
export async function isStillMeant(
  removal: Removal,
  { actionReader }: Pick<ApiPorts, "actionReader">,
): Promise<boolean> {
  const { visit, box } = removal;
  if (visit === null) return true;
  const action = await actionReader.get(visit.action);
  if (action === null) return true;
  const { approval } = action;
  if (approval === null || approval.earlierBoxes.includes(box)) return approval !== null;
  const isOrdered = approval.order === "approve" && approval.boxes.some((one) => one.box === box);
  return isOrdered && approval.validUntil !== null && Date.parse(approval.validUntil) === visit.endsAt;
}

/** Sets the end of a visit that is not meant any more as its action was ordered last. */
export async function correctEnd(
  { box, visit }: Removal,
  deps: Pick<ApiPorts, "actionReader" | "jobs" | "clock">,
): Promise<void> {
  const approval = visit === null ? null : (await deps.actionReader.get(visit.action))?.approval;
  if (visit !== null && approval) await setEnd(box, visit.action, approval, deps);
}

/** Notes in the history of its action how a visit ended. It may be repeated. */
export async function noteEnd(
  { visit, box }: Removal,
  { state, reason, by }: { state: "done" | "failed"; reason: string | null; by: string },
  { orders }: Pick<ApiPorts, "orders">,
): Promise<void> {
  if (visit !== null) await orders.order(visit.action, { kind: "expire", box, state, reason }, by);
}
