import type { ListedAction } from "@gatepost/core/actions";
import { GatepostError } from "@gatepost/core/errors";
import { type ActionOrder, declinableStates, merge } from "@gatepost/protocol";
import type { Job } from "../jobs/job.ts";
import type { JobDeps, SliceLimits } from "../ports.ts";
import { photoUpdate } from "./approval-request.ts";
import {
  type DecisionOutcome,
  type LeftOut,
  maxNamed,
  outcomeOf,
  type StoredDecision,
  type StoredUndo,
} from "./decision.ts";
import { declineFor } from "./decline.ts";
import { matchOf } from "./matching.ts";

/** From this match of 100 on, a photo may be taken without a look at it in its full size. */
const goodMatch = 90;

/** Decisions at the same time. */
const atOnce = 8;

type AnyDecision = StoredDecision | StoredUndo;

/** One slice of a job that decides actions, in the order of the request. To repeat it changes nothing. */
export async function decideSlice(job: Job, asked: AnyDecision, deps: JobDeps, { records }: SliceLimits): Promise<Job> {
  const before = outcomeOf(job);
  const after: DecisionOutcome = {
    decided: [...before.decided],
    leftOut: [...before.leftOut],
    failed: [...before.failed],
  };
  const end = Math.min(job.done + records, asked.actions.length);
  for (let from = job.done; from < end; from += atOnce) {
    const some = asked.actions.slice(from, Math.min(from + atOnce, end));
    const settled = await Promise.allSettled(some.map((id) => decideOne(id, asked, job, deps)));
    for (const [at, one] of settled.entries()) {
      if (one.status === "rejected") throw one.reason;
      note(one.value, { place: from + at, action: some[at] ?? "" }, after);
    }
  }
  const done = { ...job, done: end, of: asked.actions.length, progress: after };
  return end === asked.actions.length ? { ...done, state: "done" } : done;
}

function note(decided: Decided, { place, action }: { place: number; action: string }, outcome: DecisionOutcome): void {
  if (decided === null) outcome.decided.push(place);
  else if ("failed" in decided) addNamed(outcome.failed, { action, why: decided.failed });
  else addNamed(outcome.leftOut, { action, why: decided.leftOut });
}

function addNamed<One>(all: One[], one: One): void {
  if (all.length < maxNamed) all.push(one);
}

/** Null: it is decided. */
type Decided = { leftOut: LeftOut } | { failed: string } | null;

async function decideOne(id: string, asked: AnyDecision, { by }: Job, deps: JobDeps): Promise<Decided> {
  const action = await deps.actionReader.get(id);
  if (action === null) return { leftOut: "gone" };
  try {
    if (asked.do === "undo") return await takeBack(action, asked, by, deps);
    if (asked.do === "decline") return await declineOne(action, asked, by, deps);
    return asked.do === "done" ? await settleOne(action, by, deps) : await takePhoto(action, asked, by, deps);
  } catch (error) {
    if (!(error instanceof GatepostError) || error.kind === "unavailable") throw error;
    return error.kind === "not-found" ? { leftOut: "gone" } : { failed: error.message };
  }
}

/** An action that this caller has declined is declined again, with the reason of the job. */
async function declineOne(action: ListedAction, { reason }: StoredDecision, by: string, deps: JobDeps) {
  if (action.approval?.isOpen === true) return { leftOut: "ordered" } as const;
  if (!isOpen(action) && action.decline?.by !== by) return { leftOut: "state" } as const;
  await declineFor(action.id, { reason, note: null }, by, deps);
  return null;
}

async function settleOne(action: ListedAction, by: string, deps: JobDeps): Promise<Decided> {
  if (action.approval?.isOpen === true) return { leftOut: "ordered" };
  const { history, state } = action;
  if (state === "done" && history.at(-1)?.by === by) return null;
  if (!isOpen(action)) return { leftOut: "state" };
  const report = { state: "done", note: null, boxes: null, number: null, automatic: null } as const;
  return order(action, { kind: "report", report }, by, deps);
}

async function takePhoto(action: ListedAction, asked: StoredDecision, by: string, deps: JobDeps): Promise<Decided> {
  const { wantAction, approval, box, id } = action;
  if (wantAction !== "1002") return { leftOut: "kind" };
  if (approval?.isOpen === true) return isOrderedBy(approval, by) ? null : { leftOut: "ordered" };
  if (!isOpen(action)) return { leftOut: "state" };
  const poor = await lackOf(action, deps);
  if (poor !== null) return { leftOut: poor };
  const boxes = asked.together.find((group) => group.includes(box)) ?? [box];
  const photo = asked.photos?.[id];
  return order(
    action,
    { kind: "approve", request: await photoUpdate(action, { photo, boxes: [...boxes] }, deps) },
    by,
    deps,
  );
}

/** Why a photo may not be taken without a look at it in its full size; null if it may. */
async function lackOf({ id }: ListedAction, { actionReader }: JobDeps): Promise<LeftOut | null> {
  const stored = await actionReader.eventOf(id);
  if (stored === null) return "gone";
  const { score, scoreScale, quality, pictures } = merge(stored);
  if (pictures.registered === undefined || pictures.face === undefined) return "picture";
  if ((matchOf(score, scoreScale) ?? 0) < goodMatch) return "match";
  return quality.registrable === false ? "quality" : null;
}

/** Takes back the decision of an earlier job, unless a user has decided again since. */
async function takeBack(action: ListedAction, { of }: StoredUndo, by: string, deps: JobDeps): Promise<Decided> {
  const { decline, approval, history } = action;
  const back = of.do === "decline" ? "reopen" : "undo";
  const backSince = history.filter(({ at, decision }) => at >= of.since && decision === back);
  const decision = of.do === "decline" ? decline : approval?.order === "approve" ? approval : null;
  // A repeated slice has taken it back before.
  if (decision === null) return backSince.at(-1)?.by === by ? null : { leftOut: "state" };
  const isOfJob = decision.by === of.by && decision.at >= of.since && decision.at <= of.until;
  if (!isOfJob || backSince.length > 0) return { leftOut: "state" };
  return order(action, { kind: back }, by, deps);
}

function isOrderedBy({ order, by: orderedBy }: NonNullable<ListedAction["approval"]>, by: string): boolean {
  return order === "approve" && orderedBy === by;
}

function isOpen({ state }: ListedAction): boolean {
  return declinableStates.some((one) => one === state);
}

async function order({ id }: ListedAction, asked: ActionOrder, by: string, deps: JobDeps): Promise<Decided> {
  const outcome = await deps.orders.order(id, asked, by);
  if (outcome.answer === "unknown") return { leftOut: "gone" };
  return outcome.answer === "refused" ? { failed: outcome.reason } : null;
}
