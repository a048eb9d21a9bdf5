import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  type Approval,
  actionNames,
  actionStates,
  approvalSchema,
  type Decline,
  declineSchema,
  type EventAction,
  instant,
  jsonIn,
  parseStored,
  type ReportKind,
  type StoredEvent,
  storedJson,
  storedReport,
} from "@gatepost/protocol";
import * as z from "zod";

/** These numbers are stored, so they never change. There is room for eight. */
const numbers: Record<ReportKind, number> = { realtime: 0, history: 1, "pass-record": 2, live: 3, backfill: 4 };

/** The id of the row of a report. @param made the number of its event */
export function reportRowOf(made: number, kind: ReportKind): number {
  return made * 8 + numbers[kind];
}

/** Whether a row of `reports` belongs to the event in a row of `events`. */
export const isReportOfEvent = "reports.id BETWEEN events.made * 8 AND events.made * 8 + 7";

type Row = Record<string, unknown>;

/** SQLite's rows are arrays after `setReturnArrays`, which takes less time, but their type stays. */
export type RowArray = { readonly [column: number]: unknown };

/** The columns of a whole event. Everything is in one row: a row for each report and action would take longer. */
export const eventColumns = `
  events.id, events.box, events.is_twin,
  (SELECT group_concat(report, ',') FROM reports WHERE ${isReportOfEvent}) AS reports,
  (SELECT json_group_array(json_object('id', actions.id, 'want_action', want_action, 'state', state, 'reason', reason, 'at', at))
   FROM actions WHERE event_id = events.id) AS actions`;

const actionRow = z.object({
  id: z.string(),
  want_action: z.enum(["1001", "1002"]),
  state: z.enum(actionStates),
  reason: z.string().nullable(),
  at: z.int(),
});

// Pages of events are read with it. Compiled, it takes a seventh of the time.
const eventRow = z.compile(
  z.object({
    id: z.string(),
    box: z.string(),
    is_twin: z.literal([0, 1]),
    reports: z.array(storedReport()).min(1),
    actions: z.array(actionRow),
  }),
);

/** The number of these columns. In a row that is an array, the next selected column is at this place. */
export const eventColumnCount = 5;

/** An event from a row of `eventColumns`. Throws an error with the id of the event if its row is broken. */
export function eventOf({ id, box, is_twin, reports, actions }: Row): StoredEvent {
  return eventIn([id, box, is_twin, reports, actions]);
}

/** The same of a row that is an array, whose first members are these columns in their order. */
export function eventIn({ 0: id, 1: box, 2: is_twin, 3: reports, 4: actions }: RowArray): StoredEvent {
  const columns = { id, box, is_twin, reports: jsonIn(`[${reports}]`), actions: jsonIn(String(actions)) };
  const event = parseStored(eventRow, columns, `event ${id}`);
  return {
    id: event.id,
    box: event.box,
    isSecondFace: event.is_twin === 1,
    reports: event.reports,
    actions: event.actions.map(toAction),
  };
}

const heldActionRow = z.object({
  ...actionRow.shape,
  event_id: z.string(),
  approval: z.nullable(storedJson(approvalSchema)),
  decline: z.nullable(storedJson(declineSchema)),
});

/** An action as it is held: the last order about it, whether it is declined, and the id of its event. */
export interface HeldAction {
  action: EventAction;
  approval: Approval | null;
  decline: Decline | null;
  eventId: string;
}

export function heldActionOf(row: Row): HeldAction {
  const { event_id: eventId, approval, decline, ...action } = parseStored(heldActionRow, row, `action ${row["id"]}`);
  return { action: toAction(action), eventId, approval, decline };
}

function toAction({ id, want_action: wantAction, state, reason, at }: z.output<typeof actionRow>): EventAction {
  return { id, wantAction, name: actionNames[wantAction], state, reason, at: instant(at) };
}

/** Reads events, also expired ones. */
export class EventRows {
  readonly #read: StatementSync;

  constructor(database: DatabaseSync) {
    this.#read = database.prepare(`SELECT ${eventColumns} FROM events WHERE id = ?`);
  }

  read(id: string): StoredEvent | null {
    const row = this.#read.get(id);
    return row === undefined ? null : eventOf(row);
  }
}
