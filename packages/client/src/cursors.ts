/** Where a follower keeps its position: a file, a row of a database, the storage of a browser. */
export interface CursorStore {
  /** What was written last; null where nothing was. */
  read(): Promise<string | null>;
  /** Called when everything before the cursor was handled. Where it rejects, the follower ends with that error. */
  write(cursor: string): Promise<void>;
}

/** Keeps the position while the program runs. */
export function cursorsInMemory(): CursorStore {
  let last: string | null = null;
  return {
    read: async () => last,
    async write(cursor) {
      last = cursor;
    },
  };
}
