import { parseStored, registeredTypes, storedJson } from "@gatepost/protocol";
import * as z from "zod";
import { seenSchema } from "../people/seen.ts";
import { type Task, taskKinds, taskStates } from "./task.ts";

/** One step for each version of the schema. A released step is never changed. Times are ms since 1970. */
export const migrations: readonly string[] = [
  `
  -- What is to be done at boxes: of each action and box the last order.
  CREATE TABLE tasks (
    ref TEXT NOT NULL,
    box TEXT NOT NULL,
    number INTEGER NOT NULL,
    kind TEXT NOT NULL,
    -- Whom it is about, as JSON; '{}' once nothing more is to be done.
    subject TEXT NOT NULL,
    since INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    tries INTEGER NOT NULL DEFAULT 0,
    due_at INTEGER NOT NULL,
    taken_at INTEGER NOT NULL,
    -- Since when the box may have been changed by an order that is not undone.
    changed_at INTEGER,
    reported TEXT,
    PRIMARY KEY (ref, box)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tasks_due ON tasks (box, due_at) WHERE state = 'waiting';

  CREATE TABLE facts (made_at INTEGER NOT NULL) STRICT;
  `,
  `
  -- When it was ordered, ms: numbers begin again where the cloud was put back to a backup. 0 where nobody ordered it.
  ALTER TABLE tasks ADD COLUMN ordered_at INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Whether every order that an undo reaches came here: what another bridge did, or what is forgotten, is not known.
  ALTER TABLE tasks ADD COLUMN is_whole INTEGER NOT NULL DEFAULT 0;
  UPDATE tasks SET is_whole = number < 2 AND kind <> 'undo';
  DROP TABLE facts;
  `,
  `
  -- How the box had the person when it began to be changed, as JSON; null where that has not begun, or has ended.
  ALTER TABLE tasks ADD COLUMN began TEXT;
  -- How the last order of the action that ended left the person; null where that is not known.
  ALTER TABLE tasks ADD COLUMN left_as TEXT;
  `,
  `
  -- Removals have the time at which they were ordered, too.
  UPDATE tasks SET ordered_at = since WHERE kind = 'remove';
  `,
];

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
    }): Task => ({
      ...{ ...task, takenAt, changedAt, orderedAt, leftAs, isWhole: is_whole === 1 },
    }),
  );

export function taskOf(row: Record<string, unknown>): Task {
  return parseStored(taskRow, row, `task ${row["ref"]} at ${row["box"]}`);
}
