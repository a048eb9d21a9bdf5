/** A name that appears in a folder, or goes. */
export interface NameCall {
  kind: "create" | "unlink" | "make-folder" | "remove-folder";
  path: string;
}

export interface RenameCall {
  kind: "rename";
  path: string;
  to: string;
}

export interface ChangeCall {
  kind: "change";
  path: string;
  /** The place of the bytes, null at the end of the file; or the file's new size. */
  change: { offset: number | null; data: Buffer } | { size: number };
}

/** A sync covers the writes before its beginning, and is durable when it has ended. */
export interface SyncCall {
  kind: "sync-begin" | "sync-end";
  path: string;
  /** The number of the sync, the same at both ends. */
  sync: number;
  isDone: boolean;
}

/** The first bytes of an answer to the client on this port. */
interface AnswerCall {
  kind: "answer";
  port: number;
  status: number;
}

export type CallFacts = NameCall | RenameCall | ChangeCall | SyncCall | AnswerCall;

/**
 * A system call of a recorded process that changes files, or sends an answer. Paths are absolute, times ms since 1970.
 */
export type Call = CallFacts & { at: number };
