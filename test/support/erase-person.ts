import type { EventEraser } from "@gatepost/core/erasure";

/** Erases a person as of now, at one box or at every one (null). Returns how many events there were. */
export async function erasePerson(eraser: Pick<EventEraser, "eraseSome">, person: string, box: string | null) {
  // An erasure begins now at the latest.
  const erasure = { person, box, at: Number.POSITIVE_INFINITY };
  return (await eraser.eraseSome(erasure, Number.POSITIVE_INFINITY)).events;
}
