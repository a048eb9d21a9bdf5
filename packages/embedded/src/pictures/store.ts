import { hash } from "node:crypto";
import { rmSync } from "node:fs";
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { all } from "@gatepost/core/errors";
import type { Log } from "@gatepost/core/log";
import type { PictureReader, PictureStore } from "@gatepost/core/pictures";
import { scenesIn } from "@gatepost/core/retention";
import {
  type LocatedPicture,
  monthOf,
  type Passing,
  type Picture,
  type PictureAddress,
  type PictureFacts,
  type Report,
} from "@gatepost/protocol";
import { syncFolder, type Writer } from "@gatepost/sqlite";
import { noteOwn } from "./own-memory.ts";
import { Pack } from "./pack.ts";
import { ofAnotherDatabase, type PackPlace, type PictureRows } from "./rows.ts";

interface Waiting {
  picture: Picture;
  resolve(): void;
  reject(error: unknown): void;
}

/** What an operator can do about lost pictures. */
const toDo =
  "their bytes are not in the folder pictures/: stop Gatepost, put the packs of the same backup there and start it again; " +
  "reports that boxes send again are stored again";

/**
 * Pictures in append-only packs, one for each month. Pictures that arrive together are appended and synced together.
 * Then their rows are written; a picture exists only if it has a row.
 */
export class PicturePacks implements PictureStore, PictureReader {
  readonly #folder: string;
  readonly #writer: Writer;
  readonly #packs = new Map<string, Promise<Pack>>();
  /** Packs that were opened before their file was removed. */
  readonly #removed = new WeakSet<Promise<Pack>>();
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #underWay = new Map<string, Promise<void>>();
  /** Pictures whose bytes are durable and whose rows are not. */
  readonly #unwritten = new Map<string, Pick<PackPlace, "position" | "bytes">>();
  readonly #rows: PictureRows;
  readonly #log: Log;

  constructor(folder: string, { rows, writer, log }: { rows: PictureRows; writer: Writer; log: Log }) {
    this.#folder = folder;
    this.#rows = rows;
    this.#writer = writer;
    this.#log = log;
  }

  /**
   * Compares the rows of all months with the sizes of their packs. A picture whose bytes are missing counts as unknown,
   * so a report that brings it stores it again. Logs one line while any picture is lost.
   */
  async findLosses(): Promise<void> {
    for (const { month, end } of this.#rows.ends()) {
      const size = await sizeOf(this.pathOf(month));
      if (size < end) await this.#writer.run(() => this.#rows.markMissing(month, size));
    }
    const pictures = this.#rows.lost();
    if (Object.keys(pictures).length > 0) this.#log.warn("pictures are lost", { pictures, todo: toDo });
  }

  /** Scenes that are kept for less time than their events are in separate packs, which are removed sooner. */
  async putAll({ report, pictures }: Passing): Promise<Report> {
    const month = monthOf(report.receivedAt);
    const monthFor = ({ keptDays }: PictureFacts) => (keptDays === undefined ? month : scenesIn(month));
    await all([...pictures.values()].map((picture) => this.put(monthFor(picture), picture)));
    const scene = report.pictures?.scene;
    if (scene?.keptDays === undefined) return report;
    return { ...report, pictures: { ...report.pictures, scene: { ...scene, month: monthFor(scene) } } };
  }

  /**
   * Resolves once the bytes are durable and can be found by their hash in that month. A picture that the month already
   * has is not written again.
   */
  async put(month: string, picture: Picture): Promise<void> {
    if (this.#placeOf(month, picture.sha256)?.lost === null) return;
    const name = nameOf(month, picture.sha256);
    const written = this.#underWay.get(name) ?? this.#enqueue(month, picture);
    this.#underWay.set(name, written);
    try {
      await written;
    } finally {
      this.#underWay.delete(name);
    }
  }

  address({ month, sha256 }: LocatedPicture): PictureAddress {
    return { bucket: null, key: `${month}/${sha256}` };
  }

  get({ month, sha256 }: LocatedPicture): Promise<Buffer | null> {
    return this.find(month, sha256);
  }

  /** The bytes of a picture; null if they are lost. Notes if that has changed. */
  async find(month: string, sha256: string): Promise<Buffer | null> {
    const place = this.#placeOf(month, sha256);
    if (place === null) return null;
    const pack = await this.pack(month);
    const data = await pack.read(place.position, place.bytes);
    const lost = data === null ? "missing" : hash("sha256", data) === sha256 ? null : "damaged";
    if ((lost === null) !== (place.lost === null)) await this.#note(month, sha256, { ...place, lost });
    return data === null || lost !== null ? null : noteOwn(data);
  }

  /** The pack of a month. It is opened only once. */
  pack(month: string): Promise<Pack> {
    const known = this.#packs.get(month);
    if (known !== undefined) return known;
    const opened = Pack.open(this.pathOf(month), {
      endWithin: (size) => this.#rows.endWithin(month, size),
      onLeft: (bytes) =>
        this.#log.warn("a pack has pictures that the database does not know", {
          month,
          bytes,
          todo: ofAnotherDatabase,
        }),
    });
    this.#packs.set(month, opened);
    opened.catch(() => {
      if (this.#packs.get(month) === opened) this.#packs.delete(month);
    });
    return opened;
  }

  /** Throws if the file of an open pack was removed or replaced. */
  async checkFiles(): Promise<void> {
    for (const pack of await Promise.all(this.#packs.values())) pack.check();
  }

  pathOf(month: string): string {
    return join(this.#folder, `${month}.pack`);
  }

  /**
   * Removes the pack of a month. When this resolves, it is removed for good; or it stays, because a report was replayed
   * into that month. An append in progress fails, and its pictures get no rows.
   */
  async remove(month: string): Promise<void> {
    // While the file is held open, removing its name takes no time. Freeing gigabytes takes a second: a thread does
    // that when the file is closed. A file that does not exist or cannot be read is not held.
    await using _ = await open(this.pathOf(month)).catch(() => null);
    let opened: Promise<Pack> | undefined;
    await this.#writer.run(() => {
      if (this.#rows.has(month)) return;
      rmSync(this.pathOf(month), { force: true });
      // If the transaction runs again because another one in it failed, the pack is already gone from the map.
      opened ??= this.#packs.get(month);
      this.#packs.delete(month);
      if (opened !== undefined) this.#removed.add(opened);
    });
    // A pack that could not be opened needs no closing.
    await (await opened?.catch(() => null))?.close();
    syncFolder(this.#folder);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay.values());
    for (const [month, pack] of [...this.#packs]) {
      this.#packs.delete(month);
      await (await pack).close();
    }
  }

  #placeOf(month: string, sha256: string): PackPlace | null {
    const unwritten = this.#unwritten.get(nameOf(month, sha256));
    return unwritten === undefined ? this.#rows.find(month, sha256) : { ...unwritten, lost: null };
  }

  /** Notes that a picture is lost, or was found in its old place. */
  async #note(month: string, sha256: string, place: PackPlace): Promise<void> {
    if (place.lost === null) {
      await this.#writer.run(() => this.#rows.markFound(month, sha256, place));
      this.#log.info("a lost picture was found", { month, sha256 });
    } else if (await this.#writer.run(() => this.#rows.markLost(month, sha256, place))) {
      this.#log.error("a picture is lost", { month, sha256, todo: toDo });
    }
  }

  #enqueue(month: string, picture: Picture): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(month);
      if (waiting !== undefined) waiting.push({ picture, resolve, reject });
      else {
        this.#waiting.set(month, [{ picture, resolve, reject }]);
        void this.#drain(month);
      }
    });
  }

  /** Appends the pictures that wait for a month, until none waits. While one batch is synced, the next one collects. */
  async #drain(month: string): Promise<void> {
    // The pictures of one report are put in the same turn, and are synced together.
    await nextTurn();
    for (;;) {
      const batch = this.#waiting.get(month) ?? [];
      if (batch.length === 0) break;
      this.#waiting.set(month, []);
      try {
        await this.#append(month, batch);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#waiting.delete(month);
  }

  async #append(month: string, batch: readonly Waiting[]): Promise<void> {
    const pack = this.pack(month);
    const positions = await (await pack).append(batch.map(({ picture }) => picture.data));
    for (const [index, { picture, resolve }] of batch.entries()) {
      this.#keep(pack, { month, sha256: picture.sha256 }, { position: positions[index] ?? 0, bytes: picture.bytes });
      resolve();
    }
  }

  /**
   * Writes the row of a picture. The caller does not wait for it: it is written no later than the event that shows the
   * picture. Rows are written in the order of their places, so after a crash only bytes at the end of the pack have no
   * row, and these are cut off.
   */
  #keep(
    pack: Promise<Pack>,
    { month, sha256 }: { month: string; sha256: string },
    place: Pick<PackPlace, "position" | "bytes">,
  ): void {
    const name = nameOf(month, sha256);
    this.#unwritten.set(name, place);
    this.#writer
      .run(() => {
        if (this.#removed.has(pack)) throw new Error("its pack was removed after it was written");
        this.#rows.put(month, sha256, place);
      })
      .catch((cause) => this.#log.error("could not write the row of a picture", { month, sha256, cause }))
      .finally(() => this.#unwritten.delete(name));
  }
}

function nameOf(month: string, sha256: string): string {
  return `${month}/${sha256}`;
}

/** The size of a file in bytes; 0 if there is none. */
async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return 0;
    throw error;
  }
}
