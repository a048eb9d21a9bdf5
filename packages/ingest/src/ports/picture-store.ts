import type { Picture, PictureAddress, PictureKind } from "@gatepost/protocol";

export interface PictureStore {
  /**
   * Resolves once the bytes are durable and can be found by their hash in that month (`2026-11`). A picture that the
   * month already has is not written again. If the process ends before an event names the picture, it may be lost.
   */
  put(month: string, kind: PictureKind, picture: Picture): Promise<void>;
  /** The address of a picture for other programs: bucket (null where there is none) and key. */
  address(month: string, kind: PictureKind, sha256: string): PictureAddress;
}
