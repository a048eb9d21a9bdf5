import { DeleteObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ErasureEpoch } from "../../../packages/aws/src/pictures/erasure-epoch.ts";
import { onStandIns, tableOf } from "../../standins/aws.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { noon, picture } from "../samples.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const minute = 60_000;
const month = "2026-11";

onStandIns((standIns) => {
  describe("pictures in S3", () => {
    let deps: TestRuntime;
    let calls: Record<string, number>;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      calls = countCalls(deps.clients);
    });
    afterEach(() => deps.close());

    const face = picture("face");
    const find = async (key: string) =>
      deps.clients.s3.send(new HeadObjectCommand({ Bucket: deps.names.bucket, Key: key, ChecksumMode: "ENABLED" }));

    it("are under the prefix by which their bucket expires them", async () => {
      await putPicture(deps.ingest.pictures, month, "registered", face);
      const { bucket, key } = deps.ingest.pictures.address(pictureAt(month, "registered", face.sha256));
      expect([bucket, key]).toEqual([deps.names.bucket, `registered/2026-11/${face.sha256}.jpg`]);
      expect(await find(key)).toMatchObject({ ContentType: "image/jpeg", ContentLength: face.bytes });
    });

    it("are refused if their bytes do not match their hash", async () => {
      const damaged = { ...face, data: picture("other").data };
      await expect(putPicture(deps.ingest.pictures, month, "registered", damaged)).rejects.toThrow("BadDigest");
    });

    it("count as known for ten minutes, and then are written again if they are gone", async () => {
      await putPicture(deps.ingest.pictures, month, "registered", face);
      const { key: Key } = deps.ingest.pictures.address(pictureAt(month, "registered", face.sha256));
      await deps.clients.s3.send(new DeleteObjectCommand({ Bucket: deps.names.bucket, Key }));
      deps.setClock(noon + 10 * minute - 1);
      await putPicture(deps.ingest.pictures, month, "registered", face);
      expect(calls).toMatchObject({ PutObjectCommand: 1 });
      deps.setClock(noon + 10 * minute);
      await putPicture(deps.ingest.pictures, month, "registered", face);
      expect(calls).toMatchObject({ PutObjectCommand: 2 });
    });

    it("are not known if writing them failed", async () => {
      const damaged = { ...face, data: picture("other").data };
      await expect(putPicture(deps.ingest.pictures, month, "registered", damaged)).rejects.toThrow();
      await putPicture(deps.ingest.pictures, month, "registered", face);
      expect(await deps.reads.pictures.get(pictureAt(month, "registered", face.sha256))).toEqual(face.data);
    });

    it("are written if S3 does not say whether they are there", async () => {
      deps.clients.s3.middlewareStack.add(
        (next, { commandName }) =>
          (args) =>
            commandName === "HeadObjectCommand" ? Promise.reject(new Error("slow down")) : next(args),
        { step: "initialize" },
      );
      await putPicture(deps.ingest.pictures, month, "registered", face);
      expect(await deps.reads.pictures.get(pictureAt(month, "registered", face.sha256))).toEqual(face.data);
    });

    it("open by a link for five minutes, and without a key", async () => {
      await putPicture(deps.ingest.pictures, month, "registered", face);
      deps.setClock(Date.now());
      const link = await deps.reads.pictures.link(pictureAt(month, "registered", face.sha256));
      const answer = await fetch(link?.url ?? "");
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(face.data);
      deps.setClock(Date.now() - 5 * minute - 1000);
      const expired = await deps.reads.pictures.link(pictureAt(month, "registered", face.sha256));
      expect((await fetch(expired?.url ?? "")).status).toBe(403);
    });

    describe("after an erasure", () => {
      const erase = async (key: string, now: number) => {
        await ErasureEpoch.advance(tableOf(deps), now);
        await deps.clients.s3.send(new DeleteObjectCommand({ Bucket: deps.names.bucket, Key: key }));
      };

      it("a known picture is written again once the epoch was read anew", async () => {
        await putPicture(deps.ingest.pictures, month, "registered", face);
        await erase(deps.ingest.pictures.address(pictureAt(month, "registered", face.sha256)).key, noon + 1000);
        deps.setClock(noon + minute);
        await putPicture(deps.ingest.pictures, month, "registered", face);
        expect(await deps.reads.pictures.get(pictureAt(month, "registered", face.sha256))).toEqual(face.data);
      });

      it("a registered picture that is still there and may yet be removed is written again", async () => {
        await putPicture(deps.ingest.pictures, month, "registered", face);
        await ErasureEpoch.advance(tableOf(deps), Date.now() + minute);
        const other = await runtimeOn({ fresh: async () => deps });
        await putPicture(other.ingest.pictures, month, "registered", face);
        expect(calls).toMatchObject({ PutObjectCommand: 2 });
      });
    });
  });
});
