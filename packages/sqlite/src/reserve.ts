import { randomFillSync } from "node:crypto";
import { closeSync, fsyncSync, ftruncateSync, openSync, statSync } from "node:fs";
import { open } from "node:fs/promises";
import { NoRoomToCopy } from "./room-to-copy.ts";
import type { Writer } from "./writer.ts";

/** Enough for the log of a revocation, or of the erasure of some thousand events. */
export const reservedBytes = 8 * 1024 * 1024;

const chunkBytes = 1024 * 1024;

/**
 * A file that reserves room on the disk. If a write that must succeed finds the disk full, the room is given up for it,
 * and taken again at once, so that the next one has room too.
 */
export class Reserve {
  readonly #path: string;
  #filling: Promise<void> | null = null;
  /** Works that run once more, in the room that was given up. */
  #inRoom = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** Runs `work`; and once more if the disk is full, and there was room to give up, and it can be enough. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isHelpedByRoom(error) || !(await this.#giveUp())) throw error;
      try {
        return await work();
      } finally {
        this.#inRoom -= 1;
        // A failure here does not change the result of the work: the room is taken again later.
        await this.fill().catch(() => undefined);
      }
    }
  }

  /**
   * Has the writer run `work`, as `run` does. But if the log cannot be emptied even with all of the room, each write
   * would leave less of it. Then half is kept for urgent writes, such as revoking a key, which only `run` may use.
   */
  async write<T>(writer: Pick<Writer, "run" | "requireRoomToCopy">, work: () => T): Promise<T> {
    if (this.#size < reservedBytes / 2) requireRoomThatHelps(writer);
    return this.run(() => writer.run(work));
  }

  /** Writes that share a transaction fail together: the first gives up the room, and the others use it, too. */
  async #giveUp(): Promise<boolean> {
    // Room that is given up while it is being taken would be taken again before the work.
    while (this.#filling !== null) await this.#filling.catch(() => undefined);
    if (this.#inRoom === 0 && !this.#release()) return false;
    this.#inRoom += 1;
    return true;
  }

  /** The same for synchronous work. The room is not taken again. */
  runSync<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (!isHelpedByRoom(error) || !this.#release()) throw error;
      return work();
    }
  }

  /** Takes as much of the room as the disk has; none while works run in it, which need it until the last is done. */
  async fill(): Promise<void> {
    if (this.#inRoom > 0) return;
    this.#filling ??= this.#fill().finally(() => {
      this.#filling = null;
    });
    await this.#filling;
  }

  /** Random bytes, because a file system may store zeros without using room. */
  async #fill(): Promise<void> {
    try {
      await using file = await open(this.#path, "a", 0o600);
      let { size } = await file.stat();
      let chunk: Buffer | undefined;
      while (size < reservedBytes) {
        chunk ??= Buffer.allocUnsafeSlow(chunkBytes);
        randomFillSync(chunk);
        const { bytesWritten } = await file.write(chunk, 0, Math.min(chunkBytes, reservedBytes - size));
        size += bytesWritten;
      }
      await file.datasync();
    } catch (error) {
      if (!isFull(error)) throw error;
    }
  }

  get #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Returns false if there is no room to give up. */
  #release(): boolean {
    if (this.#size === 0) return false;
    const file = openSync(this.#path, "r+");
    try {
      ftruncateSync(file, 0);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    return true;
  }
}

/** SQLite's codes for a full disk and for a failed write, which happens beyond a quota. */
const failedWrites = [13, 10];
const fullDisk = ["ENOSPC", "EDQUOT", "EFBIG"];
/** SQLite's codes for a full disk, and for a write that failed, as beyond a quota; not for a sync that failed. */
const failedForRoom = [13, 778];

/** Whether an error means that the disk has no room. */
export function isFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if ("errcode" in error) return failedWrites.includes(Number(error.errcode) & 0xff);
  return hasCodeOfFullDisk(error);
}

/** Whether something failed because there is no room, and not because a disk could not keep what it had taken. */
export function lacksRoom(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return "errcode" in error ? failedForRoom.includes(Number(error.errcode)) : hasCodeOfFullDisk(error);
}

const hasCodeOfFullDisk = (error: Error) => "code" in error && fullDisk.includes(String(error.code));

/** Throws if the log cannot be emptied, even with the reserved room. */
function requireRoomThatHelps(writer: Pick<Writer, "requireRoomToCopy">): void {
  try {
    writer.requireRoomToCopy();
  } catch (error) {
    if (!isHelpedByRoom(error)) throw error;
  }
}

/** A write that needs more than the reserve would only leave less for smaller ones. */
function isHelpedByRoom(error: unknown): boolean {
  return isFull(error) && !(error instanceof NoRoomToCopy && error.bytes > reservedBytes);
}
