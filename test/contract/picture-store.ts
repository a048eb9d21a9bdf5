import type { PictureReader, PictureStore } from "@gatepost/core/pictures";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
      await Promise.all(faces.map((face) => deps.store.put("2026-11", "face", face)));
      for (const face of faces)
        expect((await deps.reader.get("2026-11", "face", face.sha256))?.equals(face.data)).toBe(true);
    });

    it("writes a picture once a month, however many writes arrive at once", async () => {
      const face = picture("again", 5000);
      await Promise.all(Array.from({ length: 50 }, () => deps.store.put("2026-11", "face", face)));
      await deps.store.put("2026-11", "face", face);
      expect(await deps.size()).toBe(5000);
    });

    it("knows a picture only within its month", async () => {
      const face = picture("month");
      await deps.store.put("2026-11", "face", face);
      expect(await deps.reader.get("2026-12", "face", face.sha256)).toBeNull();
      await deps.store.put("2026-12", "face", face);
      expect((await deps.reader.get("2026-12", "face", face.sha256))?.equals(face.data)).toBe(true);
    });

    it("has nothing under a hash that it never saw", async () => {
      expect(await deps.reader.get("2026-11", "face", "0".repeat(64))).toBeNull();
    });
  });
}
