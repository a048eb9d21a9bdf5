import type { S3Client } from "@aws-sdk/client-s3";
import type { PictureLinks, PictureReader } from "@gatepost/core/pictures";
import type { LocatedPicture } from "@gatepost/protocol";
import { type Objects, sha256Of } from "../s3/objects.ts";
import { signedUrl } from "../s3/signed-url.ts";
import { objectKey } from "./keys.ts";

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
  async get(picture: LocatedPicture): Promise<Buffer | null> {
    const bytes = await this.#objects.get(objectKey(picture));
    return bytes !== null && sha256Of(bytes) === picture.sha256 ? bytes : null;
  }

  link(picture: LocatedPicture): Promise<{ url: string; expires: string }> {
    const object = { Bucket: this.#objects.bucket, Key: objectKey(picture) };
    return signedUrl(this.#client, object, { now: this.#clock() });
  }
}
