import type { DatabaseSync } from "node:sqlite";

/** Selects exactly one order, so that its result is never noted for another. */
const sameOrder = "ref = ? AND box = ? AND number = ? AND kind = ? AND ordered_at = ?";

/**
 * Whether a task is later than a removal at the same box. A task without an order has only the time at which it was
 * received.
 */
const isAfterRemoval = `tasks.kind <> 'remove' AND tasks.subject ->> '$.person' = removal.subject ->> '$.person'
  AND max(tasks.ordered_at, tasks.since) >= removal.ordered_at`;

/** The statements of the spool of orders. */
export type OrderSql = ReturnType<typeof orderSql>;

/** Prepares them; the tables must be there. */
export function orderSql(database: DatabaseSync) {
  return {
    /* Reads. */
    get: database.prepare("SELECT * FROM tasks WHERE ref = ? AND box = ?"),
    all: database.prepare("SELECT * FROM tasks ORDER BY taken_at, ref, box"),
    next: database.prepare(
      `SELECT *, due_at FROM tasks WHERE box = ? AND state = 'waiting'
         AND ref NOT IN (SELECT value FROM json_each(?)) AND NOT EXISTS (
         SELECT 1 FROM tasks AS removal WHERE removal.box = tasks.box AND removal.state = 'waiting'
           AND removal.kind = 'remove' AND ${isAfterRemoval}
       ) ORDER BY due_at, taken_at, ordered_at LIMIT 1`,
    ),
    news: database.prepare(
      `SELECT * FROM tasks WHERE state = 'waiting' OR (state IN ('done', 'failed') AND
         (reported IS NULL OR reported ->> '$.state' <> state OR reported ->> '$.reason' IS NOT reason))
       ORDER BY taken_at, ref, box`,
    ),
    waiting: database.prepare("SELECT count(*) AS n FROM tasks WHERE state = 'waiting'"),
    waitingActions: database.prepare(
      "SELECT DISTINCT ref FROM tasks WHERE state = 'waiting' AND kind <> 'remove' ORDER BY ref",
    ),

    /* New orders, and the results of their tries. */
    put: database.prepare(
      `INSERT OR REPLACE INTO tasks (ref, box, number, kind, subject, since, state, due_at, taken_at, changed_at, ordered_at, is_whole, began, left_as)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7, ?7, ?8, ?9, ?10, ?11, ?12)`,
    ),
    set: database.prepare(`UPDATE tasks SET state = ?, reason = ?, tries = tries + 1, due_at = ? WHERE ${sameOrder}`),
    setChanged: database.prepare(
      "UPDATE tasks SET changed_at = ?, began = NULL, left_as = NULL WHERE ref = ? AND box = ?",
    ),
    // An undo that was received meanwhile must also know how far the order was.
    begin: database.prepare(
      `UPDATE tasks SET began = ?1 WHERE ref = ?2 AND box = ?3 AND (number = ?4 AND ordered_at = ?5 OR kind = 'undo')`,
    ),
    end: database.prepare(
      `UPDATE tasks SET began = NULL, left_as = coalesce(?1, left_as)
       WHERE ref = ?2 AND box = ?3 AND (number = ?4 AND ordered_at = ?5 OR kind = 'undo')`,
    ),
    disturb: database.prepare(
      `UPDATE tasks SET began = NULL, left_as = coalesce(left_as, ?)
       WHERE box = ? AND state = 'waiting' AND subject ->> '$.person' = ? AND ref <> ?`,
    ),

    /* The effects of a task on others. */
    overtake: database.prepare(
      `UPDATE tasks SET state = iif(number = 0, 'left', 'failed'),
         reason = 'A later order for the same person was done first; approve this again if it is still wanted.'
       WHERE box = ?1 AND state = 'waiting' AND kind IN ('register', 'update-photo')
         AND subject ->> '$.person' = ?2 AND ordered_at < ?3 AND ref <> ?4`,
    ),
    holdBack: database.prepare(
      `UPDATE tasks SET reason = ?1 FROM tasks AS removal WHERE removal.ref = ?2 AND removal.box = ?3
         AND tasks.box = removal.box AND tasks.state = 'waiting' AND ${isAfterRemoval}`,
    ),
    failFor: database.prepare(
      `UPDATE tasks SET state = 'failed', reason = 'The person was erased.'
       WHERE box = ?1 AND state = 'waiting' AND kind <> 'remove' AND subject ->> '$.person' = ?2
         AND max(ordered_at, since) < ?3`,
    ),

    /* Reports to the cloud. */
    report: database.prepare(`UPDATE tasks SET reported = ? WHERE ${sameOrder}`),
    close: database.prepare(
      "UPDATE tasks SET subject = '{}' WHERE ref = ? AND box = ? AND state <> 'waiting' AND reported IS NOT NULL AND subject <> '{}'",
    ),

    /* Ended tasks. */
    drop: database.prepare("DELETE FROM tasks WHERE ref = ?"),
    giveUp: database.prepare(
      `UPDATE tasks SET state = 'failed', subject = '{}',
         reason = 'The bridge does not act on this box any more. It was given up after 7 days.'
       WHERE state = 'waiting' AND taken_at < ? AND box NOT IN (SELECT value FROM json_each(?))`,
    ),
    forget: database.prepare(
      `UPDATE tasks SET subject = '{}', began = NULL, left_as = NULL
       WHERE (state = 'left' OR state <> 'waiting' AND taken_at < ?)
         AND (subject <> '{}' OR began IS NOT NULL OR left_as IS NOT NULL)`,
    ),
    prune: database.prepare(
      "DELETE FROM tasks WHERE state IN ('done', 'failed') AND taken_at < ?1 OR state = 'left' AND taken_at < ?2",
    ),
  };
}
