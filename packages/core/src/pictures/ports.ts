import type { Passing, Picture, PictureAddress, PictureFacts, PictureKind, Report } from "@gatepost/protocol";

export interface PictureStore {
  /**
   * Resolves once the bytes are durable and can be found by their hash in that month (`2026-11`). A picture that the
   * month already has is not written again. If the process ends before an event names the picture, it may be lost.
   */
  put(month: string, kind: PictureKind, picture: Picture): Promise<void>;
  /** The address of a picture for other programs: bucket (null if there is none) and key. */
  address(month: string, kind: PictureKind, sha256: string): PictureAddress;
}

/**
 * For a store where each object costs more than its bytes. It keeps the pictures of a report together in one object of
 * their event. A registered picture stays a separate object, shared by all events.
 */
export interface PictureBundles {
  /**
   * Resolves once all pictures of a report are durable. Returns the report for the index: its pictures name their
   * objects.
   *
   * @param earlier the event and the result of an earlier call, if the event turned out to be another
   */
  put(passing: Passing, eventId: string, earlier?: { eventId: string; report: Report }): Promise<Report>;
  /**
   * The address of an object that holds this picture alone, for other programs. Makes the object if there is none; null
   * if the picture is in no object of its event.
   */
  addressOf(picture: PictureFacts & { month: string }): Promise<PictureAddress | null>;
}

/** The place of a picture, if it is in an object of its event. */
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
   * A URL for the picture that needs no key, valid until `expires` (ISO instant). Null if the store has none, because
   * the picture is in one object with others: then the API serves it under its own link.
   */
  link(
    month: string,
    kind: PictureKind,
    sha256: string,
    place?: PicturePlace,
  ): Promise<{ url: string; expires: string } | null>;
}
