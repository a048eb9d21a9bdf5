import type { IncomingMessage } from "node:http";
import { crc32 } from "node:zlib";

/** The errors of S3 for an upload in parts whose sums do not fit its beginning. The local S3 does not check that. */
export class UploadChecksums {
  /** The kind of sum that the upload of an object was begun with, by the path of the object; null: with none. */
  readonly #algorithms = new Map<string, string | null>();

  /** The code that S3 answers with 400; null if it accepts the request. */
  refusalOf({ method, url = "/", headers }: IncomingMessage, body: Buffer): string | null {
    const { pathname, searchParams: query } = new URL(url, "http://s3");
    if (method === "POST" && query.has("uploads")) {
      const named = headers["x-amz-checksum-algorithm"];
      this.#algorithms.set(pathname, typeof named === "string" ? named.toLowerCase() : null);
      return null;
    }
    const algorithm = this.#algorithms.get(pathname);
    if (algorithm === undefined || !query.has("uploadId")) return null;
    if (method === "PUT") return faultOfPart(algorithm, headers, body);
    return method === "POST" && algorithm !== null ? faultOfParts(algorithm, body.toString()) : null;
  }
}

function faultOfPart(algorithm: string | null, headers: IncomingMessage["headers"], body: Buffer): string | null {
  const sent = ["crc32", "sha256"].find((kind) => headers[`x-amz-checksum-${kind}`] !== undefined) ?? null;
  if (sent !== algorithm) return "InvalidRequest";
  if (sent !== "crc32") return null;
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return headers["x-amz-checksum-crc32"] === sum.toString("base64") ? null : "BadDigest";
}

/** Each part that is named must be named with its sum. */
function faultOfParts(algorithm: string, xml: string): string | null {
  const [parts, sums] = [/<Part>/g, new RegExp(`<Checksum${algorithm}>`, "gi")].map((found) => xml.match(found) ?? []);
  return parts?.length === sums?.length ? null : "InvalidRequest";
}
