import { DeleteObjectCommand, HeadObjectCommand } from "@aws-sdk/client-s3";
import { hashToken, newToken } from "@gatepost/ingest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Dynamo } from "../../packages/aws/src/dynamo/dynamo.ts";
import { ErasureSeal } from "../../packages/aws/src/pictures/erasure-epoch.ts";
import { noon, picture } from "../contracts/samples.ts";
import { onStandIns } from "../standins/aws.ts";
import { countCalls, type Machine, machineOn } from "./machine.ts";

const minute = 60_000;
const month = "2026-11";

onStandIns((standIns) => {
  describe("pictures in S3", () => {
    let on: Machine;
    let calls: Record<string, number>;
    beforeEach(async () => {
      on = await machineOn(standIns);
      calls = countCalls(on.clients);
    });
    afterEach(() => on.close());

    const face = picture("face");
    const find = async (key: string) =>
      on.clients.s3.send(new HeadObjectCommand({ Bucket: on.names.bucket, Key: key, ChecksumMode: "ENABLED" }));

    it("are under the prefix by which their bucket expires them, registered ones under their own", async () => {
      await on.ingest.pictures.put(month, "scene", face);
      await on.ingest.pictures.put(month, "registered", face);
      for (const kind of ["scene", "registered"] as const) {
        const { bucket, key } = on.ingest.pictures.address(month, kind, face.sha256);
        expect([bucket, key]).toEqual([
          on.names.bucket,
          `${kind === "scene" ? "pictures" : "registered"}/2026-11/${face.sha256}`,
        ]);
        expect(await find(key)).toMatchObject({ ContentType: "image/jpeg", ContentLength: face.bytes });
      }
    });

    it("are refused where their bytes are not those of their hash", async () => {
      const damaged = { ...face, data: picture("other").data };
      await expect(on.ingest.pictures.put(month, "face", damaged)).rejects.toThrow("BadDigest");
    });

    it("count as known for ten minutes, and then are written again", async () => {
      await on.ingest.pictures.put(month, "face", face);
      on.setClock(noon + 10 * minute - 1);
      await on.ingest.pictures.put(month, "face", face);
      expect(calls).toEqual({ PutObjectCommand: 1 });
      on.setClock(noon + 10 * minute);
      await on.ingest.pictures.put(month, "face", face);
      expect(calls).toEqual({ PutObjectCommand: 2 });
    });

    it("are not known where writing them failed", async () => {
      const damaged = { ...face, data: picture("other").data };
      await expect(on.ingest.pictures.put(month, "face", damaged)).rejects.toThrow();
      await on.ingest.pictures.put(month, "face", face);
      expect(await on.reads.pictures.get(month, "face", face.sha256)).toEqual(face.data);
    });

    it("open by a link for five minutes, and without a key", async () => {
      await on.ingest.pictures.put(month, "face", face);
      on.setClock(Date.now());
      const link = await on.reads.pictures.link?.(month, "face", face.sha256);
      const answer = await fetch(link?.url ?? "");
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(face.data);
      on.setClock(Date.now() - 5 * minute - 1000);
      const expired = await on.reads.pictures.link?.(month, "face", face.sha256);
      expect((await fetch(expired?.url ?? "")).status).toBe(403);
    });

    describe("after an erasure", () => {
      const erase = async (key: string, now: number) => {
        await ErasureSeal.break(new Dynamo(on.clients.dynamo, on.names, 5000), now);
        await on.clients.s3.send(new DeleteObjectCommand({ Bucket: on.names.bucket, Key: key }));
      };

      it("a picture that was known is written again once the key of a report was read anew", async () => {
        const token = newToken("ingest");
        await on.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
        await on.ingest.keys.find(hashToken(token));
        await on.ingest.pictures.put(month, "face", face);
        await erase(on.ingest.pictures.address(month, "face", face.sha256).key, noon + 1000);
        on.setClock(noon + minute);
        await on.ingest.keys.find(hashToken(token));
        await on.ingest.pictures.put(month, "face", face);
        expect(await on.reads.pictures.get(month, "face", face.sha256)).toEqual(face.data);
      });

      it("a registered picture that is still there and may yet be removed is written again", async () => {
        await on.ingest.pictures.put(month, "registered", face);
        await ErasureSeal.break(new Dynamo(on.clients.dynamo, on.names, 5000), Date.now() + minute);
        const other = await machineOn({ fresh: async () => on });
        await other.ingest.keys.find(hashToken(newToken("ingest")));
        await other.ingest.pictures.put(month, "registered", face);
        expect(calls).toMatchObject({ PutObjectCommand: 2 });
      });
    });
  });
});
