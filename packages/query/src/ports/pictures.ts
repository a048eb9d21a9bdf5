import type { PictureFacts, PictureKind } from "@gatepost/protocol";

/** Where a picture is, if it is in an object of its event. */
export type PicturePlace = Pick<PictureFacts, "in" | "at" | "bytes">;

export interface PictureReader {
  /** The bytes of a picture that was received in that month (`2026-11`); null where they are lost or erased. */
  get(month: string, kind: PictureKind, sha256: string, place?: PicturePlace): Promise<Buffer | null>;
}

/** Why a picture stays as the box sent it. */
export type AsSent = "not-installed" | "too-large" | "busy" | "unreadable";

export interface PictureResizer {
  /** The picture as a JPEG of at most that width (px), or why it stays as it is. Never throws. */
  resize(picture: Buffer, width: number): Promise<Buffer | AsSent>;
}

export interface PictureLinks {
  /**
   * A URL for the picture that needs no key, valid until `expires` (ISO instant). Null where the store has none, because
   * the picture is in one object with others: then the API gives it under a link of its own.
   */
  link(
    month: string,
    kind: PictureKind,
    sha256: string,
    place?: PicturePlace,
  ): Promise<{ url: string; expires: string } | null>;
}
