import type { PictureReader, PictureStore } from "@gatepost/core/pictures";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { pictureAt, putPicture } from "../support/stored-pictures.ts";
import { picture } from "./samples.ts";

export interface PicturesUnderTest {
  store: PictureStore;
  reader: PictureReader;
  /** Bytes that the pictures of all months take. */
  size(): Promise<number>;
  close(): Promise<void>;
}

/** What every picture store promises. */
export function pictureStoreContract(name: string, open: () => Promise<PicturesUnderTest>): void {
  describe(`${name} keeps the promises of a picture store:`, () => {
    let deps: PicturesUnderTest;
    beforeEach(async () => {
      deps = await open();
    });
    afterEach(() => deps.close());

    it("returns every byte", async () => {
      const faces = Array.from({ length: 30 }, (_, i) => picture(`face ${i}`, 1000 + i));
      await Promise.all(faces.map((face) => putPicture(deps.store, "2026-11", "face", face)));
      for (const face of faces)
        expect((await deps.reader.get(pictureAt("2026-11", "face", face.sha256)))?.equals(face.data)).toBe(true);
    });

    it.each(["face", "registered"] as const)("keeps a %s once, however often its report arrives", async (kind) => {
      const one = picture("again", 5000);
      await Promise.all(Array.from({ length: 50 }, () => putPicture(deps.store, "2026-11", kind, one)));
      await putPicture(deps.store, "2026-11", kind, one);
      expect(await deps.size()).toBe(5000);
    });

    it("knows a picture only within its month", async () => {
      const face = picture("month");
      await putPicture(deps.store, "2026-11", "face", face);
      expect(await deps.reader.get(pictureAt("2026-12", "face", face.sha256))).toBeNull();
      await putPicture(deps.store, "2026-12", "face", face);
      expect((await deps.reader.get(pictureAt("2026-12", "face", face.sha256)))?.equals(face.data)).toBe(true);
    });

    it("has nothing under a hash that it never saw", async () => {
      expect(await deps.reader.get(pictureAt("2026-11", "face", "0".repeat(64)))).toBeNull();
    });
  });
}
