import { isTypeUnreadable } from "./claims.ts";
import { isUnfit, type Report } from "./report.ts";

export const actionStates = ["pending", "announced", "withheld", "declined", "done", "failed"] as const;
export type ActionState = (typeof actionStates)[number];

/** The states from which an action may be declined: no one has decided about the action yet. */
export const declinableStates = ["pending", "announced", "failed"] as const satisfies readonly ActionState[];

/** The decisions about an action: of a person, or `expire`, the end of a visit, which a person has set. */
export const decisions = ["approve", "undo", "reopen", "expire"] as const;

/** The actions for the values of want_action and post_action. docs/formats.md §1. */
export const actionNames = { "1001": "register-stranger", "1002": "update-photo" } as const;
export type WantAction = keyof typeof actionNames;
export const wantActions = ["1001", "1002"] as const satisfies readonly WantAction[];

/** An action as a report asks for it. */
export interface ActionRequest {
  wantAction: WantAction;
  name: (typeof actionNames)[WantAction];
  state: "pending" | "withheld";
  /** Why it is withheld. */
  reason: string | null;
}

/**
 * The id of an action, made of the event's id and the wanted action. It is also the idempotency key of its
 * announcement.
 */
export function actionId(eventId: string, wantAction: WantAction): string {
  return `act_${eventId.slice("evt_".length)}_${wantAction}`;
}

/** Reads the id of an action; null if the text is not one. */
export function parseActionId(id: string): { eventId: string; wantAction: WantAction } | null {
  const [, event, wantAction] = /^act_([0-9a-z]{26})_(\d{4})$/.exec(id) ?? [];
  return isWantAction(wantAction) ? { eventId: `evt_${event}`, wantAction } : null;
}

export function isWantAction(value: string | undefined): value is WantAction {
  return value !== undefined && Object.hasOwn(actionNames, value);
}

/** The value of a report that asks for nothing. docs/formats.md §1. */
const noAction = "0";

/** Whether a box wants an action of which nothing is known, as newer firmware may. */
export function isUnknownAction(value: string | undefined): value is string {
  return value !== undefined && value !== noAction && !isWantAction(value);
}

/** The action that a report asks for. A registration is withheld if the box says that the picture is too poor. */
export function requestedAction(report: Report): ActionRequest | null {
  const { wantAction } = report;
  if (!isWantAction(wantAction)) return null;
  const name = actionNames[wantAction];
  const reason = withholdingReason(wantAction, [report]);
  return { wantAction, name, state: reason === null ? "pending" : "withheld", reason };
}

/**
 * Why an action must not be announced, by all reports of its event: a possible stranger is not registered if any report
 * calls the face unfit. Null if the action may be announced.
 */
export function withholdingReason(wantAction: WantAction, reports: readonly Report[]): string | null {
  return wantAction === "1001" && reports.some(isUnfit) && mayBeStranger(reports) ? "fiqa_result is false" : null;
}

/** Whether a report calls the person a stranger, or only unknown types were sent. */
function mayBeStranger(reports: readonly Report[]): boolean {
  const types = reports.flatMap(({ person, flags }) => person?.type ?? (isTypeUnreadable(flags) ? "unknown" : []));
  return types.includes("stranger") || (types.length > 0 && types.every((type) => type === "unknown"));
}
