/** Where a follower keeps how far it is: in a file, a row of a database, the storage of a browser. */
export interface CursorStore {
  /** What was written last; null where nothing was. */
  read(): Promise<string | null>;
  /** Is called once everything before the cursor was handled. Where it rejects, the follower ends with that. */
  write(cursor: string): Promise<void>;
}

/** Keeps it as long as the program runs. */
export function cursorsInMemory(): CursorStore {
  let last: string | null = null;
  return {
    read: async () => last,
    async write(cursor) {
      last = cursor;
    },
  };
}
