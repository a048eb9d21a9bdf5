import { rm } from "node:fs/promises";
import { minuteMs } from "@gatepost/protocol";
import type { DataDir } from "../../db/data-dir.ts";
import { openPlain } from "../bytes.ts";
import { checkRoom, fileSize } from "../job.ts";
import { copyDatabase } from "../snapshot.ts";
import { type Base, chunkBytes } from "./base.ts";
import { type ShipStore, sha256Of } from "./bucket.ts";

/** Bytes of the disk that stay free beside the copy, for reports that arrive meanwhile. */
const marginBytes = 256 * 1024 * 1024;

/** ms until the copy is tried again after there was no room for it. */
const againMs = 5 * minuteMs;

/** The copy of the database with which a generation begins. It is in the data folder while it is sent. */
export class DatabaseCopy {
  readonly #folder: Pick<DataDir, "path" | "database" | "copy">;
  readonly #checkRoom: typeof checkRoom;
  #failed: { at: number; why: unknown } | null = null;

  constructor(folder: Pick<DataDir, "path" | "database" | "copy">, check = checkRoom) {
    this.#folder = folder;
    this.#checkRoom = check;
  }

  /** Whether there was no room for it some minutes ago. Trying again at once would keep the disk full. */
  isHeld(now: number): boolean {
    return this.#failed !== null && Math.abs(now - this.#failed.at) < againMs;
  }

  /** Why the copy could not be made. */
  get failure(): unknown {
    return this.#failed?.why;
  }

  /** Throws BackupRefused if the disk has no room for the copy. */
  async check(now: number): Promise<void> {
    const { path, database, copy } = this.#folder;
    await rm(copy, { force: true });
    const bytes = await fileSize(database);
    await this.#noting(now, () => this.#checkRoom(path, bytes + marginBytes));
  }

  async make(now: number): Promise<void> {
    const { database, copy } = this.#folder;
    await this.#noting(now, () => copyDatabase(database, copy));
  }

  async remove(): Promise<void> {
    await rm(this.#folder.copy, { force: true });
  }

  /** Sends the parts of the copy that the bucket lacks. */
  async send(bucket: ShipStore, known: ReadonlySet<string>): Promise<Pick<Base, "bytes" | "chunks">> {
    await using bytes = await openPlain(this.#folder.copy);
    if (bytes === null) throw new Error("the copy of the database is gone");
    const chunks: string[] = [];
    for (let at = 0; at < bytes.size; at += chunkBytes) {
      const chunk = await bytes.read(at, chunkBytes);
      const digest = sha256Of(chunk);
      const key = `chunks/${digest}`;
      if (!known.has(key)) await bucket.put(key, chunk);
      chunks.push(digest);
    }
    return { bytes: bytes.size, chunks };
  }

  async #noting(now: number, work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
      this.#failed = null;
    } catch (why) {
      this.#failed = { at: now, why };
      throw why;
    }
  }
}
