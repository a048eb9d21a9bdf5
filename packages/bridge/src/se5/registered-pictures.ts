import { createHash } from "node:crypto";
import type { BoxApi } from "./box-api.ts";
import { BoxError } from "./box-error.ts";

/** An id that no picture has: what a box answers to it is what it answers instead of a picture. */
const noPicture = "00000000-0000-0000-0000-000000000000";

/** Failures to learn what a blank picture is like after which a connection is without registered pictures. */
const maxFailures = 3;

/**
 * The registered pictures of a V6 box. One that it does not have is answered by a blank one, and not by an error
 * (SYS5.3-V6/9). What that looks like is asked once for all pictures of a connection.
 */
export class RegisteredPictures {
  readonly #api: BoxApi;
  readonly #warn: (why: string) => void;
  #blank: { digest: string | null } | null = null;
  #failures = 0;

  /** @param warn is told once why pictures are left out by `findSure` */
  constructor(api: BoxApi, warn: (why: string) => void = () => {}) {
    this.#api = api;
    this.#warn = warn;
  }

  /** Null where the box does not have it. Throws BoxError where the box does not say whether it does. */
  async find(imageId: string, signal: AbortSignal): Promise<Buffer | null> {
    const picture = await this.#api.pictureOrError(pathOf(imageId), signal);
    return picture === null || (await this.#isBlank(picture, signal)) ? null : picture;
  }

  /** As `find`, but null also where a blank picture cannot be told from another one: a report is whole without it. */
  async findSure(imageId: string, signal: AbortSignal): Promise<Buffer | null> {
    if (this.#failures >= maxFailures) return null;
    const picture = await this.#api.picture(pathOf(imageId), signal);
    if (picture === null) return null;
    try {
      return (await this.#isBlank(picture, signal)) ? null : picture;
    } catch (error) {
      if (!(error instanceof BoxError) || signal.aborted) throw error;
      this.#failures += 1;
      if (this.#failures === 1) this.#warn(error.message);
      return null;
    }
  }

  async #isBlank(picture: Buffer, signal: AbortSignal): Promise<boolean> {
    if (this.#blank === null) {
      const answered = await this.#api.pictureOrError(pathOf(noPicture), signal);
      this.#blank = { digest: answered === null ? null : digestOf(answered) };
    }
    return this.#blank.digest === digestOf(picture);
  }
}

function pathOf(imageId: string): string {
  return `/sophon/v2/face/getregisterimage/${encodeURIComponent(imageId)}`;
}

function digestOf(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
