import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import type { Shipping } from "@gatepost/core/health";
import { hourMs } from "@gatepost/protocol";
import { type CommittedPages, WalFrames } from "@gatepost/sqlite";
import type { Followed, RuntimeOptions } from "../../runtime/options.ts";
import type { Follower } from "../../runtime/upkeep.ts";
import { type checkRoom, packsOf, rulesOf } from "../job.ts";
import { schemaOf, storeOf } from "../snapshot.ts";
import { type Base, baseKey } from "./base.ts";
import { checkStore, deltaKey, keysOf, type ShipStore, sha256Of } from "./bucket.ts";
import { DatabaseCopy } from "./database-copy.ts";
import { historyMs, removeHistory } from "./history.ts";
import { addPages, packDelta } from "./pages.ts";
import { PictureParts } from "./parts.ts";
import { refuseOlder, writeShipped } from "./shipped.ts";
import { NameClock, stampText } from "./stamps.ts";

/** ms after which a generation of the index ends, and the next one begins with the whole database. */
const generationMs = 24 * hourMs;

/** ms between two removals of what no longer exists here. */
const tidyEveryMs = 6 * hourMs;

/** ms that a stop waits for unshipped data. */
const endMs = 8000;

/**
 * Most bytes of changed pages that wait while the bucket cannot be reached. With more, the whole database is shipped.
 */
const maxHeldBytes = 128 * 1024 * 1024;

interface Deps extends Pick<Followed, "folder" | "wal" | "log" | "clock" | "storeClock"> {
  bucket: ShipStore;
  /** ms that a stop waits for unshipped data. */
  timeoutMs: number;
  checkRoom?: typeof checkRoom;
  /** Most bytes of changed pages that wait for the bucket. */
  maxHeldBytes?: number;
}

/**
 * Makes a runtime ship to a bucket.
 *
 * @param timeoutMs ms that a stop waits for the unshipped data
 * @example
 * const runtime = await openRuntime({ data: ".gatepost", follow: shipTo(bucket) });
 */
export function shipTo(
  bucket: ShipStore,
  { timeoutMs = endMs, ...others }: Partial<Pick<Deps, "timeoutMs" | "checkRoom" | "maxHeldBytes">> = {},
): NonNullable<RuntimeOptions["follow"]> {
  return ({ database, ...deps }) => new Shipper(database, { ...deps, ...others, bucket, timeoutMs });
}

/**
 * Ships new pictures and changes of the index to a bucket. The following is true even after an interruption:
 *
 * - Data that was durable when a tick began is in the bucket when the tick ends.
 * - Pictures are shipped first: a shipped index never names a picture that was not shipped. Bytes are removed after the
 *   pages that named them.
 * - A generation exists once its base does. Its changes are all changes since the copy of the database.
 * - A data folder that lacks something of the bucket, or whose clock is not believed, removes nothing from the bucket.
 */
class Shipper implements Follower {
  readonly #deps: Deps;
  readonly #database: DatabaseSync;
  readonly #frames: WalFrames;
  readonly #packs: ReturnType<typeof packsOf>;
  readonly #parts: PictureParts;
  readonly #copy: DatabaseCopy;
  /** Changed pages that were not shipped yet. */
  #changed: CommittedPages | null = null;
  #generation: { name: string; begunAt: number; next: number } | null = null;
  readonly #lost: { get(): Record<string, unknown> | undefined };
  #lostBefore = 0;
  #tidiedAt = Number.NEGATIVE_INFINITY;
  readonly #names: NameClock;
  #rules: string | null = null;
  #isOpen = false;
  #underWay: Promise<void> = Promise.resolve();
  #shipping: Shipping;

  constructor(database: DatabaseSync, deps: Deps) {
    this.#deps = deps;
    this.#shipping = { since: deps.clock(), isFailing: false };
    this.#database = database;
    this.#packs = packsOf(deps.folder.path);
    this.#names = new NameClock(deps.storeClock, deps.log);
    this.#parts = new PictureParts(database, { bucket: deps.bucket, packs: this.#packs });
    this.#copy = new DatabaseCopy(deps.folder, deps.checkRoom);
    this.#lost = database.prepare("SELECT count(*) AS n FROM pictures WHERE lost IS NOT NULL");
    this.#frames = new WalFrames(deps.folder.database);
    deps.wal.onCommit = () => this.#note();
  }

  /** Ships new data. Throws if the bucket takes nothing; the next tick ships the unshipped data. */
  tick(): Promise<void> {
    const ticked = this.#noting(this.#tick());
    this.#underWay = ticked.catch(() => undefined);
    return ticked;
  }

  /**
   * The state of shipping. `since`: the end of the last tick that shipped everything, or the planned time of the first.
   */
  shipping(): Shipping {
    return this.#shipping;
  }

  async #noting(ticked: Promise<void>): Promise<void> {
    try {
      await ticked;
      this.#shipping = { since: this.#deps.clock(), isFailing: false };
    } catch (error) {
      this.#shipping = { ...this.#shipping, isFailing: true };
      throw error;
    }
  }

  async #tick(): Promise<void> {
    if (!this.#isOpen) {
      await checkStore(this.#deps.bucket, storeOf(this.#database));
      await this.#parts.open();
      await this.#names.open(this.#deps.bucket);
      this.#isOpen = true;
    }
    const now = this.#deps.clock();
    const age = this.#generation === null ? null : now - this.#generation.begunAt;
    const isHeld = this.#copy.isHeld(now);
    if (age === null && isHeld) throw this.#copy.failure;
    // Without room for another generation, this one continues.
    const isNew = age === null || ((age < 0 || age >= generationMs) && !isHeld);
    const isUntidy = Math.abs(now - this.#tidiedAt) >= tidyEveryMs;
    // If another server has taken over meanwhile, the bucket has pictures that this one does not know.
    if (isNew || isUntidy) await refuseOlder(this.#deps.bucket, this.#deps.folder.path);
    const rules = this.#shipRules(now);
    // A file of rules that cannot be read is reported at the end. It must not keep the deliveries of boxes from the
    // bucket.
    await rules.catch(() => undefined);
    if (isNew) await this.#begin(now);
    else await this.#shipChanges(now);
    if (isUntidy) await this.#tidy(now);
    await rules;
  }

  /** Ships the work in progress and the unshipped data, within the time for a stop, and ends. */
  async end(): Promise<void> {
    const { bucket, log, timeoutMs } = this.#deps;
    const late = new AbortController();
    const tooLate = sleep(timeoutMs, "late", { signal: late.signal }).catch(() => "early");
    const done = this.#underWay.then(() => (this.#isOpen ? this.tick() : undefined)).then(() => "done");
    try {
      if ((await Promise.race([done, tooLate])) === "late") throw new Error("the bucket does not answer in time");
    } catch (cause) {
      log.warn("the last changes were not shipped; they go after the next start", { cause });
    }
    late.abort();
    bucket.end();
    await done.catch(() => undefined);
    await this.#close();
  }

  async #close(): Promise<void> {
    this.#deps.wal.onCommit = () => {};
    this.#frames.close();
    await this.#packs[Symbol.asyncDispose]();
  }

  /** Called after every commit. It must not fail if the pages cannot be read: the commit would be repeated. */
  #note(): void {
    try {
      this.#hold();
    } catch (cause) {
      this.#deps.log.error("changes could not be read to be shipped; the whole database is shipped instead", { cause });
      this.#changed = null;
      this.#generation = null;
    }
  }

  /** Holds the pages of the commit until they are shipped. */
  #hold(): void {
    const read = this.#frames.read();
    // Before a generation has begun, the whole database has to be shipped anyway.
    if (read === null || this.#generation === null) return;
    this.#changed = addPages(this.#changed, read);
    if (this.#changed.pages.size * read.pageBytes <= (this.#deps.maxHeldBytes ?? maxHeldBytes)) return;
    this.#changed = null;
    this.#generation = null;
  }

  /** Returns how many pictures were erased while they were read. */
  async #shipPictures(): Promise<number> {
    const erased = await this.#parts.ship();
    const lost = Number(this.#lost.get()?.["n"]);
    // A lost picture that was found again is before the end of the shipped pictures.
    if (lost < this.#lostBefore) await this.#parts.complete();
    this.#lostBefore = lost;
    return erased;
  }

  /** Ships all pictures that the bucket lacks. Returns the keys of parts that are not needed any more. */
  async #shipAllPictures(): Promise<string[]> {
    this.#lostBefore = Number(this.#lost.get()?.["n"]);
    return this.#parts.complete();
  }

  async #shipRules(now: number): Promise<void> {
    const rules = await rulesOf(this.#deps.folder.path);
    const digest = rules === null ? "none" : sha256Of(rules);
    if (digest === this.#rules) return;
    await this.#deps.bucket.put(`rules/${stampText(this.#names.next(now))}-${digest}`, rules ?? Buffer.alloc(0));
    this.#rules = digest;
  }

  async #shipChanges(now: number): Promise<void> {
    const generation = this.#generation;
    let changed = this.#changed;
    if (generation === null || changed === null) return;
    this.#changed = null;
    try {
      // The pictures that these pages name are in their packs by now. Pictures erased meanwhile are not named by the
      // pages that changed with them.
      for (let erased = await this.#shipPictures(); erased > 0; erased = await this.#shipPictures()) {
        const since: CommittedPages | null = this.#changed;
        if (since !== null) changed = addPages(changed, since);
        this.#changed = null;
      }
      const stamp = this.#names.next(now);
      const packed = packDelta(changed, stamp.time);
      const named = { number: generation.next, stamp: stampText(stamp), digest: sha256Of(packed) };
      await writeShipped(this.#deps.folder.path, { generation: generation.name, changes: generation.next });
      await this.#deps.bucket.put(deltaKey(generation.name, named), packed);
      generation.next += 1;
    } catch (error) {
      // Pages that changed meanwhile are newer.
      const since: CommittedPages | null = this.#changed;
      this.#changed = since === null ? changed : addPages(changed, since);
      throw error;
    }
  }

  /** Begins a generation with the whole database. Chunks that the bucket has are not sent again. */
  async #begin(now: number): Promise<void> {
    const { bucket, folder } = this.#deps;
    await this.#copy.check(now);
    const stamp = this.#names.next(now);
    const name = `${stampText(stamp)}-${randomBytes(4).toString("hex")}`;
    // Listed first: so the database is not copied for nothing while the bucket cannot be reached.
    const known = new Set(await keysOf(bucket, "chunks/"));
    this.#changed = null;
    const generation = { name, begunAt: now, next: 1 };
    this.#generation = generation;
    try {
      await this.#copy.make(now);
      await this.#shipAllPictures();
      const base = { time: stamp.time, store: storeOf(this.#database), schema: schemaOf(this.#database) };
      const sent = await this.#copy.send(bucket, known);
      // The base begins the generation. Changes made meanwhile are shipped before it, so that it never names erased
      // data.
      await this.#shipChanges(now);
      await writeShipped(folder.path, { generation: name, changes: generation.next - 1 });
      await bucket.put(baseKey(name), Buffer.from(JSON.stringify({ ...base, ...sent } satisfies Base)));
    } catch (error) {
      this.#generation = null;
      throw error;
    } finally {
      await this.#copy.remove();
    }
  }

  /** Removes objects older than the history to keep, and bytes of pictures that no longer exist here. */
  async #tidy(now: number): Promise<void> {
    const { bucket, log, storeClock } = this.#deps;
    await this.#parts.open();
    const others = await this.#shipAllPictures();
    // Pages that no longer name pictures are shipped before the bytes of these are removed.
    await this.#shipChanges(now);
    await this.#parts.remove(others);
    // With a clock that is wrongly ahead, the whole history would be too old.
    const isBelieved = storeClock.doubt()?.is !== "ahead";
    const removed = others.length + (isBelieved ? await removeHistory(bucket, now - historyMs) : 0);
    this.#tidiedAt = now;
    if (removed > 0) log.info("removed obsolete objects from the bucket", { objects: removed });
  }
}
