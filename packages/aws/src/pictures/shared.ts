import type { Log } from "@gatepost/core/log";
import { minuteMs, type Picture } from "@gatepost/protocol";
import type { Dynamo } from "../dynamo/dynamo.ts";
import { RecentCache } from "../dynamo/recent-cache.ts";
import type { Objects } from "../s3/objects.ts";
import type { ErasureEpoch } from "./erasure-epoch.ts";
import { fileOf, sharedKey } from "./keys.ts";
import { isLeaving, leavingMs, leavingRow } from "./leaving.ts";

/** ms for which a process assumes that a picture exists without asking. */
const knownForMs = 10 * minuteMs;

/** How many pictures a process remembers: some 3 MB. */
const maxKnown = 20_000;

interface Deps {
  objects: Objects;
  epoch: ErasureEpoch;
  /** Needs short time limits: a report waits for its calls. */
  dynamo: Pick<Dynamo, "getAll">;
  log: Log;
  clock(): number;
}

/** Registered pictures in S3, which events share, stored once a month under their hashes. */
export class SharedPictures {
  readonly #deps: Deps;
  readonly #epoch: ErasureEpoch;
  readonly #known = new RecentCache<number>(maxKnown);
  readonly #underWay = new Map<string, Promise<boolean>>();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#epoch = deps.epoch;
  }

  /**
   * Resolves with true once the bytes are durable under their hash; with false if they must not be stored there,
   * because an erasure may remove them at any moment.
   */
  async share(month: string, picture: Picture): Promise<boolean> {
    const key = sharedKey({ ...picture, month });
    if (!this.#epoch.isDue && this.#isKnown(key)) return true;
    const written = this.#underWay.get(key) ?? this.#write(key, picture);
    this.#underWay.set(key, written);
    try {
      return await written;
    } finally {
      this.#underWay.delete(key);
    }
  }

  #isKnown(key: string): boolean {
    const seenAt = this.#known.find(key, this.#deps.clock() - knownForMs);
    return seenAt !== undefined && !this.#epoch.isStale(seenAt);
  }

  /** Every passing of a person brings the registered picture. Asking whether it exists costs a tenth of writing it. */
  async #write(key: string, picture: Picture): Promise<boolean> {
    const { objects, clock } = this.#deps;
    const now = clock();
    const [writtenAt] = await Promise.all([objects.writtenAt(key).catch(() => null), this.#epoch.refresh()]);
    if (this.#isKnown(key)) return true;
    if (this.#epoch.hasBegunWithin(leavingMs) && (await this.#isLeaving(key))) return false;
    const isThere = writtenAt !== null && !this.#epoch.isStale(writtenAt);
    if (!isThere) await objects.put(key, picture.data, fileOf(picture, "registered"));
    this.#known.note(key, now, now);
    return true;
  }

  /** If that cannot be read, the picture counts as one that may be removed. */
  async #isLeaving(key: string): Promise<boolean> {
    const { dynamo, log, clock } = this.#deps;
    try {
      const pk = leavingRow(key);
      return isLeaving((await dynamo.getAll([pk])).get(pk), clock());
    } catch (cause) {
      log.warn("could not read the removal mark of a registered picture", { cause });
      return true;
    }
  }
}
