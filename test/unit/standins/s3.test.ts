import {
  CreateBucketCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from "@aws-sdk/client-s3";
import { connect } from "@gatepost/aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { useEndpoints } from "../../standins/endpoints.ts";
import type { Listening } from "../../standins/listen.ts";
import { startS3 } from "../../standins/s3.ts";

describe("the stand-in for S3 is as strict as S3:", () => {
  let server: Listening;
  let client: ReturnType<typeof connect>["s3"];
  beforeAll(async () => {
    server = await startS3();
    useEndpoints({ s3: server.url });
    client = connect().s3;
    await client.send(new CreateBucketCommand({ Bucket: "strict" }));
    await client.send(new PutObjectCommand({ Bucket: "strict", Key: "there", Body: "x" }));
  });
  afterAll(async () => {
    client.destroy();
    await server.close();
  });

  it("an existing object is not overwritten by a conditional put", async () => {
    const put = (Key: string) =>
      client.send(new PutObjectCommand({ Bucket: "strict", Key, Body: "y", IfNoneMatch: "*" }));
    await expect(put("there")).rejects.toMatchObject({ name: "PreconditionFailed" });
    await expect(put("new")).resolves.toBeDefined();
  });

  it("bytes with another checksum are refused", async () => {
    const ChecksumSHA256 = Buffer.alloc(32).toString("base64");
    const put = new PutObjectCommand({ Bucket: "strict", Key: "damaged", Body: "y", ChecksumSHA256 });
    await expect(client.send(put)).rejects.toMatchObject({ name: "BadDigest" });
    await expect(client.send(new HeadObjectCommand({ Bucket: "strict", Key: "damaged" }))).rejects.toMatchObject({
      name: "NotFound",
    });
  });

  it("an unknown call is refused", async () => {
    const tagging = new GetObjectTaggingCommand({ Bucket: "strict", Key: "there" });
    await expect(client.send(tagging)).rejects.toMatchObject({ name: "NotImplemented" });
  });

  it("all keys of a bucket are listed in byte order, page by page", async () => {
    const Bucket = "many";
    await client.send(new CreateBucketCommand({ Bucket }));
    const keys = ["B", "_", "a", "b", "-", "0", "A", "Z", "z", "é"].map((key) => `x/${key}`);
    for (const Key of [...keys, "y"]) await client.send(new PutObjectCommand({ Bucket, Key, Body: "x" }));
    const listed: (string | undefined)[] = [];
    for await (const { Contents = [] } of paginateListObjectsV2({ client, pageSize: 3 }, { Bucket, Prefix: "x/" }))
      listed.push(...Contents.map(({ Key }) => Key));
    expect(listed).toEqual(keys.sort());
  });

  it("an unsigned request is refused", async () => {
    expect((await fetch(`${server.url}/strict/there`)).status).toBe(403);
  });
});
