import { createHash } from "node:crypto";
import type { BoxApi } from "./box-api.ts";
import { BoxError } from "./box-error.ts";

/** An id that no picture has: the answer to it is what the box sends in the place of a missing picture. */
const noPicture = "00000000-0000-0000-0000-000000000000";

/** After so many failures to get the blank picture, a connection continues without registered pictures. */
const maxFailures = 3;

/**
 * The registered pictures of a V6 box. For a missing one it sends a blank picture, and not an error (SYS5.3-V6/9). The
 * blank picture is fetched once for each connection, to recognise it.
 */
export class RegisteredPictures {
  readonly #api: BoxApi;
  readonly #warn: (why: string) => void;
  #blank: { digest: string | null } | null = null;
  #failures = 0;

  /** @param warn called once with the reason why `findSure` leaves pictures out */
  constructor(api: BoxApi, warn: (why: string) => void = () => {}) {
    this.#api = api;
    this.#warn = warn;
  }

  /** Null if the box does not have it. Throws BoxError if the box does not tell whether it does. */
  async find(imageId: string, signal: AbortSignal): Promise<Buffer | null> {
    const picture = await this.#api.pictureOrError(pathOf(imageId), signal);
    return picture === null || (await this.#isBlank(picture, signal)) ? null : picture;
  }

  /** Like `find`, but also null if a blank picture cannot be recognised: a report is valid without the picture. */
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
