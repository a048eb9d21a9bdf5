import { GetObjectCommand, type GetObjectCommandInput, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

/** ms for which a link to an object is valid by default. */
const usualMs = 5 * 60_000;

/** A URL that gives an object without a key, and its end (ISO instant). `now` is ms since 1970. */
export async function signedUrl(
  client: S3Client,
  object: GetObjectCommandInput,
  { now, validMs = usualMs }: { now: number; validMs?: number },
): Promise<{ url: string; expires: string }> {
  const expiresIn = validMs / 1000;
  const url = await getSignedUrl(client, new GetObjectCommand(object), { expiresIn, signingDate: new Date(now) });
  return { url, expires: new Date(now + validMs).toISOString() };
}
