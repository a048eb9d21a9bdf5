import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";

/** ms within which a page of the list must come, retries included. */
const pageMs = 30_000;

/** The keys of a bucket that begin with `prefix`. It is no method of the bucket: few functions need it. */
export async function* keysUnder(
  client: S3Client,
  { bucket, prefix }: { bucket: string; prefix: string },
): AsyncGenerator<string> {
  let token: string | undefined;
  do {
    const page = new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken: token });
    const listed = await client.send(page, { abortSignal: AbortSignal.timeout(pageMs) });
    yield* (listed.Contents ?? []).flatMap(({ Key }) => Key ?? []);
    token = listed.NextContinuationToken;
  } while (token !== undefined);
}
