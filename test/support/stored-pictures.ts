import type { PictureStore } from "@gatepost/core/pictures";
import type { LocatedPicture, Picture, PictureKind } from "@gatepost/protocol";

/** The place of a picture that a history report of some event has brought in a month (`2026-11`). */
export function pictureAt(month: string, kind: PictureKind, sha256: string, event = anyEvent): LocatedPicture {
  const facts = { sha256, bytes: 0, contentType: "image/jpeg" as const };
  return { ...facts, event, report: "history", kind, month };
}

const anyEvent = "evt_00000000000000000000000000";

/** Stores a picture at that place. */
export async function putPicture(
  store: Pick<PictureStore, "putAll">,
  month: string,
  kind: PictureKind,
  one: Picture,
  eventId = anyEvent,
): Promise<void> {
  const { report } = pictureAt(month, kind, one.sha256);
  const { data: _, ...facts } = one;
  const receivedAt = Date.parse(`${month}-20T12:00:00Z`);
  const passing = {
    eventId,
    twinId: "evt_11111111111111111111111111",
    fingerprint: "face",
    report: { kind: report, dialect: "history-nested" as const, receivedAt, pictures: { [kind]: facts } },
    pictures: new Map([[kind, one]]),
    keepWhole: null,
  };
  await store.putAll(passing, { eventId, box: "gate-1" });
}
