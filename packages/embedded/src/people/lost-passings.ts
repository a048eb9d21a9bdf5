import type { DatabaseSync } from "node:sqlite";

/**
 * Tells which events were removed, or end at another time: these changes have no revision. Triggers of this connection,
 * which alone writes events, note them.
 */
export class LostPassings {
  readonly #listeners: ((event: string) => void)[] = [];

  constructor(database: DatabaseSync) {
    database.function("note_lost_passing", (event) => {
      if (typeof event === "string") for (const listener of this.#listeners) listener(event);
      return null;
    });
    database.exec(
      `CREATE TEMP TRIGGER passings_are_lost AFTER DELETE ON main.events BEGIN
         SELECT note_lost_passing(old.id);
       END;
       CREATE TEMP TRIGGER passings_end_otherwise AFTER UPDATE OF expires_at ON main.events BEGIN
         SELECT note_lost_passing(old.id);
       END`,
    );
  }

  /** Calls `listener` with the id of each. */
  listen(listener: (event: string) => void): void {
    this.#listeners.push(listener);
  }
}
