import type { Passing, PictureAddress, PictureFacts, Report } from "@gatepost/protocol";

/**
 * For a store where each object costs more than its bytes. It keeps the pictures of a report together in one object of
 * their event. A registered picture stays an object of its own, shared by all events.
 */
export interface PictureBundles {
  /**
   * Resolves once all pictures of a report are durable. Returns the report for the index: its pictures name their
   * objects.
   *
   * @param earlier for which event it was called before, and what it returned, where the event turned out to be another
   */
  put(passing: Passing, eventId: string, earlier?: { eventId: string; report: Report }): Promise<Report>;
  /**
   * The address of an object that holds this picture alone, for other programs. Makes the object where there is none;
   * null where the picture is in no object of its event.
   */
  addressOf(picture: PictureFacts & { month: string }): Promise<PictureAddress | null>;
}
