import type { LocatedPicture, Passing, PictureAddress, Report } from "@gatepost/protocol";

export interface PictureStore {
  /**
   * Resolves once all pictures of a report are durable and can be found by their places. Returns the report for the
   * index: its pictures name their places. If the process ends before the event names a picture, it may be lost.
   */
  putAll(passing: Passing, of: { eventId: string; box: string }): Promise<Report>;
  /** The address of a picture for other programs: bucket (null if there is none) and key. */
  address(picture: LocatedPicture): PictureAddress;
}

export interface PictureReader {
  /** The bytes of a picture; null if they are lost or erased. */
  get(picture: LocatedPicture): Promise<Buffer | null>;
}

/** Why a picture stays as the box sent it. */
export type AsSent = "not-installed" | "too-large" | "busy" | "unreadable";

export interface PictureResizer {
  /** The picture as a JPEG of at most that width (px), or why it stays as it is. Never throws. */
  resize(picture: Buffer, width: number): Promise<Buffer | AsSent>;
}

export interface PictureLinks {
  /** A URL for the picture that needs no key, valid until `expires` (ISO instant). */
  link(picture: LocatedPicture): Promise<{ url: string; expires: string }>;
}
