import { type PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { expect, it } from "vitest";
import { Objects } from "../../../packages/aws/src/s3/objects.ts";

/** The class of a written object; undefined for the usual one. */
async function classOf(bytes: number, keptDays?: number): Promise<string | undefined> {
  const client = new S3Client({ region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "b" } });
  let written: PutObjectCommandInput | undefined;
  client.middlewareStack.add(
    () => async (args) => {
      written = args.input as PutObjectCommandInput;
      return { output: { $metadata: {} }, response: {} };
    },
    { step: "initialize" },
  );
  const objects = new Objects(client, "bucket", { head: 1000, object: 1000 }, keptDays);
  await objects.put("key", new Uint8Array(bytes), { sha256: "0".repeat(64), contentType: "image/jpeg" });
  client.destroy();
  return written?.StorageClass;
}

const cold = "STANDARD_IA";

it.each([
  [315_000, 90, cold],
  [166_667, 90, cold],
  [166_666, 90, undefined],
  [250_000, 60, cold],
  [249_999, 60, undefined],
  [131_072, 3650, cold],
  [131_071, 3650, undefined],
  [4_000_000, 30, cold],
  [4_000_000, 29, undefined],
  [4_000_000, 7, undefined],
])("an object of %d bytes, kept for %d days, is stored as %s", async (bytes, days, expected) => {
  expect(await classOf(bytes, days)).toBe(expected);
});

it("an object whose end is unknown is stored in the usual class", async () => {
  expect(await classOf(4_000_000)).toBeUndefined();
});
