import { parseStored, registeredTypes, storedJson } from "@gatepost/protocol";
import type { Schema } from "@gatepost/sqlite";
import * as z from "zod";
import { seenSchema } from "../people/seen.ts";
import { type Task, taskKinds, taskStates } from "./task.ts";

/** The file of tasks. Times are ms since 1970. */
export const schema: Schema = {
  application: 0x7461736b,
  steps: [
    `
    -- What is to be done at boxes: the last order of each action and box.
    CREATE TABLE tasks (
      ref TEXT NOT NULL,
      box TEXT NOT NULL,
      number INTEGER NOT NULL,
      kind TEXT NOT NULL,
      -- The person, as JSON; '{}' once nothing more is to be done.
      subject TEXT NOT NULL,
      since INTEGER NOT NULL,
      -- When it was ordered, ms: numbers begin again if the cloud was put back to a backup. 0 if no one ordered it.
      ordered_at INTEGER NOT NULL DEFAULT 0,
      state TEXT NOT NULL,
      reason TEXT,
      tries INTEGER NOT NULL DEFAULT 0,
      due_at INTEGER NOT NULL,
      taken_at INTEGER NOT NULL,
      -- Since when the box may have been changed by an order that is not undone.
      changed_at INTEGER,
      -- Whether every order that an undo reaches was received here: work of another bridge, or forgotten work, is unknown.
      is_whole INTEGER NOT NULL DEFAULT 0,
      -- The person at the box when the change began, as JSON; null if it has not begun, or has ended.
      began TEXT,
      -- The person at the box after the last order that ended, as JSON; null if unknown.
      left_as TEXT,
      reported TEXT,
      PRIMARY KEY (ref, box)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX tasks_due ON tasks (box, due_at) WHERE state = 'waiting';
    `,
  ],
};

const subject = z.object({
  person: z.string().default(""),
  name: z.string().nullable().default(null),
  type: z.enum(registeredTypes).nullable().default(null),
  group: z.string().nullable().default(null),
  photo: z.string().nullable().default(null),
});
const outcome = z.object({ state: z.enum(["done", "failed"]), reason: z.string().nullable() });

const taskRow = z
  .object({
    ref: z.string(),
    box: z.string(),
    number: z.int(),
    kind: z.enum(taskKinds),
    subject: z.pipe(storedJson(z.unknown()), subject),
    since: z.int(),
    ordered_at: z.int(),
    state: z.enum(taskStates),
    reason: z.string().nullable(),
    tries: z.int(),
    taken_at: z.int(),
    changed_at: z.int().nullable(),
    is_whole: z.int(),
    began: z.nullable(storedJson(seenSchema)),
    left_as: z.nullable(storedJson(seenSchema)),
    reported: z.nullable(storedJson(outcome)),
  })
  .transform(
    ({
      taken_at: takenAt,
      changed_at: changedAt,
      ordered_at: orderedAt,
      is_whole,
      left_as: leftAs,
      ...task
    }): Task => ({ ...task, takenAt, changedAt, orderedAt, leftAs, isWhole: is_whole === 1 }),
  );

export function taskOf(row: Record<string, unknown>): Task {
  return parseStored(taskRow, row, `task ${row["ref"]} at ${row["box"]}`);
}
