import { createReadStream, type StatsFs } from "node:fs";
import { type FileHandle, open, readdir, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { JobStore } from "@gatepost/api";
import { GatepostError } from "@gatepost/core/errors";
import { type ExportState, type ExportStore, hasEnded, resultLifetimeMs } from "@gatepost/core/jobs";
import { makeFolder, syncFolder } from "@gatepost/sqlite";
import * as z from "zod";
import { lackOfRoom } from "../db/store-faults.ts";

type DiskFacts = Pick<StatsFs, "blocks" | "bavail" | "bsize">;

const minFreeShare = 0.05;
const maxFreeBytes = 5 * 1024 ** 3;

const noRoom = "the disk of the data folder is nearly full: make room on it, or ask for less";

const written = z.object({ bytes: z.int() });

/** The results of exports, in a folder: one file for each job, and notes beside it until it is finished. */
export class ExportFolder implements ExportStore {
  readonly #folder: string;
  readonly #statfs: (path: string) => Promise<DiskFacts>;

  /** @param statfsOf tells how full the disk is */
  constructor(folder: string, statfsOf: (path: string) => Promise<DiskFacts> = statfs) {
    this.#folder = folder;
    this.#statfs = statfsOf;
  }

  /**
   * Cuts off bytes that an earlier try wrote after the valid bytes. Throws `gone` if valid bytes are missing, for
   * example after a restore: exports are in no backup.
   */
  async append(id: string, chunks: AsyncIterable<Uint8Array>, state: ExportState): Promise<ExportState> {
    await using file = await withRoom(this.#open(id));
    if ((await this.room()) < 0) throw new GatepostError("too-large", noRoom);
    let { bytes } = state === null ? { bytes: 0 } : written.parse(state);
    if ((await file.stat()).size < bytes)
      throw new GatepostError("gone", "the file is gone, as after a restore; export again");
    await file.truncate(bytes);
    for await (const chunk of chunks) {
      await withRoom(writeAll(file, chunk));
      bytes += chunk.length;
    }
    await withRoom(file.sync());
    if (state === null) syncFolder(this.#folder);
    return { bytes };
  }

  /** A twentieth of the disk stays free, at most 5 GB: reports of boxes matter more. */
  async room(): Promise<number> {
    await withRoom(this.#makeFolder());
    const { blocks, bavail, bsize } = await this.#statfs(this.#folder);
    return bavail * bsize - Math.min(blocks * bsize * minFreeShare, maxFreeBytes);
  }

  async #open(id: string): Promise<FileHandle> {
    await this.#makeFolder();
    return open(this.#fileOf(id), "a", 0o600);
  }

  async #makeFolder(): Promise<void> {
    makeFolder(this.#folder);
  }

  async putNote(id: string, number: number, note: Uint8Array): Promise<void> {
    await withRoom(writeFile(this.#noteOf(id, number), note, { mode: 0o600, flush: true }));
    syncFolder(this.#folder);
  }

  note(id: string, number: number): Promise<Uint8Array> {
    return readFile(this.#noteOf(id, number));
  }

  async finish(id: string, _state: ExportState, { notes }: { notes: number }): Promise<void> {
    for (let number = 0; number < notes; number++) await rm(this.#noteOf(id, number), { force: true });
  }

  async remove(id: string): Promise<void> {
    for (const name of await this.#names()) {
      if (name === id || name.startsWith(`${id}.`)) await rm(join(this.#folder, name), { force: true });
    }
  }

  link(): Promise<null> {
    return Promise.resolve(null);
  }

  async read(id: string): Promise<{ bytes: number; stream: ReadableStream<Uint8Array> } | null> {
    const path = this.#fileOf(id);
    const size = await stat(path).then(
      (file) => file.size,
      () => null,
    );
    if (size === null) return null;
    // The file no longer grows.
    return { bytes: size, stream: ReadableStream.from(piecesOf(path)) };
  }

  /** Removes files that are older than a day, and files without a job that has or makes a result. */
  async sweep(jobs: Pick<JobStore, "get">, now: number): Promise<void> {
    const ids = new Set((await this.#names()).map((name) => name.replace(/\..*$/, "")));
    for (const id of ids) {
      const job = await jobs.get(id);
      const isMade = job !== null && !hasEnded(job);
      const isKept = job !== null && job.result !== null && Math.abs(now - (job.endedAt ?? 0)) < resultLifetimeMs;
      if (!isMade && !isKept) await this.remove(id);
    }
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#folder);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
      throw error;
    }
  }

  #fileOf(id: string): string {
    return join(this.#folder, id);
  }

  #noteOf(id: string, number: number): string {
    return join(this.#folder, `${id}.${number}`);
  }
}

/** Opens the file when the first piece is asked for: for a HEAD that never happens, and the file would stay open. */
async function* piecesOf(path: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(path);
}

/** Turns the error of a full disk into `unavailable`, which the client of an export may see. */
async function withRoom<T>(written: Promise<T>): Promise<T> {
  try {
    return await written;
  } catch (cause) {
    throw lackOfRoom(cause) ?? cause;
  }
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
}
