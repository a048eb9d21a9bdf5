import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { PictureKind } from "@gatepost/protocol";
import type { PictureLinks, PictureReader } from "@gatepost/query";
import type { Objects } from "../s3/objects.ts";
import { pictureKey } from "./store.ts";

/** Seconds for which a link to a picture is valid. */
const linkFor = 300;

export class S3PictureReader implements PictureReader, PictureLinks {
  readonly #client: S3Client;
  readonly #objects: Objects;
  readonly #clock: () => number;

  constructor(client: S3Client, objects: Objects, clock: () => number) {
    this.#client = client;
    this.#objects = objects;
    this.#clock = clock;
  }

  get(month: string, kind: PictureKind, sha256: string): Promise<Buffer | null> {
    return this.#objects.get(pictureKey(month, kind, sha256));
  }

  async link(month: string, kind: PictureKind, sha256: string): Promise<{ url: string; expires: string }> {
    const signingDate = new Date(this.#clock());
    const object = new GetObjectCommand({ Bucket: this.#objects.bucket, Key: pictureKey(month, kind, sha256) });
    const url = await getSignedUrl(this.#client, object, { expiresIn: linkFor, signingDate });
    return { url, expires: new Date(signingDate.getTime() + linkFor * 1000).toISOString() };
  }
}
