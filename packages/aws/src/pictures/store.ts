import type { PictureStore } from "@gatepost/ingest";
import type { Picture, PictureAddress, PictureKind } from "@gatepost/protocol";
import { RecentCache } from "../dynamo/recent-cache.ts";
import type { Objects } from "../s3/objects.ts";
import type { ErasureEpoch } from "./erasure-epoch.ts";

/** ms for which a process takes a picture for existing without asking. */
const knownFor = 10 * 60 * 1000;

/** How many pictures a process remembers: some 3 MB. */
const maxKnown = 20_000;

/** The key of a picture. Registered pictures live a month longer, so they have a prefix of their own. */
export function pictureKey(month: string, kind: PictureKind, sha256: string): string {
  return `${kind === "registered" ? "registered" : "pictures"}/${month}/${sha256}`;
}

/** Pictures in S3 that events share, each once a month under its hash: those of registered people. */
export class S3PictureStore implements PictureStore {
  readonly #objects: Objects;
  readonly #epoch: ErasureEpoch;
  readonly #clock: () => number;
  readonly #known = new RecentCache<number>(maxKnown);
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(objects: Objects, epoch: ErasureEpoch, clock: () => number) {
    this.#objects = objects;
    this.#epoch = epoch;
    this.#clock = clock;
  }

  async put(month: string, kind: PictureKind, picture: Picture): Promise<void> {
    const key = pictureKey(month, kind, picture.sha256);
    if (!this.#epoch.isDue && this.#isKnown(key)) return;
    const written = this.#underWay.get(key) ?? this.#write(key, kind, picture);
    this.#underWay.set(key, written);
    try {
      await written;
    } finally {
      this.#underWay.delete(key);
    }
  }

  address(month: string, kind: PictureKind, sha256: string): PictureAddress {
    return { bucket: this.#objects.bucket, key: pictureKey(month, kind, sha256) };
  }

  #isKnown(key: string): boolean {
    const seenAt = this.#known.find(key, this.#clock() - knownFor);
    return seenAt !== undefined && !this.#epoch.isStale(seenAt);
  }

  /**
   * The registered picture of a person is sent with every passing. Asking whether it exists costs a tenth of writing
   * it.
   */
  async #write(key: string, kind: PictureKind, picture: Picture): Promise<void> {
    const now = this.#clock();
    const asked = kind === "registered" ? this.#objects.writtenAt(key).catch(() => null) : null;
    const [writtenAt] = await Promise.all([asked, this.#epoch.refresh()]);
    if (this.#isKnown(key)) return;
    const isThere = writtenAt !== null && !this.#epoch.isStale(writtenAt);
    if (!isThere) await this.#objects.put(key, picture.data, picture);
    this.#known.note(key, now, now);
  }
}
