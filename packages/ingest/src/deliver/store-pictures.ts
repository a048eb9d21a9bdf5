import { type Interpretation, monthOf, type Passing, type Report } from "@gatepost/protocol";
import type { ReceiverPorts } from "../ports/ports.ts";
import { all } from "./all.ts";
import type { Origin } from "./origin.ts";

/** A passing whose pictures are durable, and its report as the index is to store it. */
export interface PassingStored {
  passing: Passing;
  report: Report;
}

/** The meaning of a report whose pictures are durable. */
export type Stored = Exclude<Interpretation, { passing: Passing }> | PassingStored;

export async function storePictures(understood: Interpretation, origin: Origin, deps: ReceiverPorts): Promise<Stored> {
  if (!("passing" in understood)) return understood;
  const { passing } = understood;
  const { receivedAt, event } = origin;
  if (deps.bundles !== undefined) {
    return { passing, report: await deps.bundles.put(passing, event?.id ?? passing.eventId) };
  }
  if (passing.pictures.size === 0) return { passing, report: passing.report };
  const month = monthOf(receivedAt);
  await all([...passing.pictures].map(([kind, picture]) => deps.pictures.put(month, kind, picture)));
  return { passing, report: passing.report };
}
