import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { QuarantineLinks } from "@gatepost/query";
import { bodyKey } from "./row.ts";

/** Seconds for which a link to a body is valid. */
const linkFor = 300;

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
    const signingDate = new Date(this.#clock());
    const object = new GetObjectCommand({ Bucket: this.#bucket, Key: bodyKey(record) });
    const url = await getSignedUrl(this.#client, object, { expiresIn: linkFor, signingDate });
    return { url, expires: new Date(signingDate.getTime() + linkFor * 1000).toISOString() };
  }
}
