import type { S3Client } from "@aws-sdk/client-s3";
import type { QuarantineLinks } from "@gatepost/core/quarantine";
import { signedUrl } from "../s3/signed-url.ts";
import { bodyKey } from "./row.ts";

/** Links to bodies that are too long for an answer of Lambda. */
export class S3QuarantineLinks implements QuarantineLinks {
  readonly #client: S3Client;
  readonly #bucket: string;
  readonly #clock: () => number;

  constructor(client: S3Client, bucket: string, clock: () => number) {
    this.#client = client;
    this.#bucket = bucket;
    this.#clock = clock;
  }

  async link(record: Parameters<typeof bodyKey>[0]): Promise<{ url: string; expires: string }> {
    return signedUrl(this.#client, { Bucket: this.#bucket, Key: bodyKey(record) }, { now: this.#clock() });
  }
}
