import type { S3Client } from "@aws-sdk/client-s3";
import type { PictureLinks, PicturePlace, PictureReader } from "@gatepost/core/pictures";
import type { PictureKind } from "@gatepost/protocol";
import { type Objects, sha256Of } from "../s3/objects.ts";
import { signedUrl } from "../s3/signed-url.ts";
import { ownKey } from "./own.ts";
import { sharedKey } from "./store.ts";

export class S3PictureReader implements PictureReader, PictureLinks {
  readonly #client: S3Client;
  readonly #objects: Objects;
  readonly #clock: () => number;

  constructor(client: S3Client, objects: Objects, clock: () => number) {
    this.#client = client;
    this.#objects = objects;
    this.#clock = clock;
  }

  /** A process that may write pictures may also overwrite them: a picture whose bytes do not match its hash is lost. */
  async get(month: string, _: PictureKind, sha256: string, place?: PicturePlace): Promise<Buffer | null> {
    const key = keyOf(month, sha256, place);
    const range = place?.at === undefined ? undefined : { at: place.at, bytes: place.bytes };
    const bytes = await this.#objects.get(key, range);
    return bytes !== null && sha256Of(bytes) === sha256 ? bytes : null;
  }

  async link(
    month: string,
    _: PictureKind,
    sha256: string,
    place?: PicturePlace,
  ): Promise<{ url: string; expires: string } | null> {
    if (place?.at !== undefined) return null;
    const object = { Bucket: this.#objects.bucket, Key: keyOf(month, sha256, place) };
    return signedUrl(this.#client, object, { now: this.#clock() });
  }
}

function keyOf(month: string, sha256: string, place?: PicturePlace): string {
  return place?.in === undefined ? sharedKey({ month, sha256 }) : ownKey({ month, in: place.in });
}
