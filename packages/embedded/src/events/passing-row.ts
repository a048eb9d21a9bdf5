import { portraitKinds, type StoredPassing, storedPassingOf } from "@gatepost/core/people";
import { type FaceEvent, jsonIn, merge, parseStored, personTypes } from "@gatepost/protocol";
import * as z from "zod";
import type { EventRows } from "./row.ts";

/** The column of an event that counts nowhere. */
const countsNowhere = "0";

/**
 * Its members, in the order in which they are stored. The last one has a bit for each of `portraitKinds`: rows of earlier
 * builds have the first alone.
 */
const facts = z.compile(
  z.tuple([
    z.int(),
    z.literal([0, 1]),
    z.enum(["in", "out"]).nullable(),
    z.string().nullable(),
    z.string().nullable(),
    z.string().nullable(),
    z.number().nullable(),
    z.int().min(0).max(3),
  ]),
);

const row = z.compile(
  z.object({
    id: z.string(),
    box: z.string(),
    time: z.int(),
    device_id: z.string().nullable(),
    endpoint: z.string().nullable(),
    ip: z.string().nullable(),
    person: z.string().nullable(),
    person_type: z.enum(personTypes),
    passing: z.string().nullable(),
  }),
);

/** The columns of a passing. */
export const passingColumns = "id, box, time, device_id, endpoint, ip, person, person_type, passing";

/** The column `passing` of an event. */
export function passingText(event: FaceEvent): string {
  const passing = storedPassingOf(event);
  if (passing === null) return countsNowhere;
  const { at, isClockWrong, own, person, score, pictures } = passing;
  const { id = null, name = null, group = null } = person ?? {};
  const bits = pictures.reduce((sum, kind) => sum + 2 ** portraitKinds.indexOf(kind), 0);
  return JSON.stringify([at, isClockWrong ? 1 : 0, own, id, name, group, score, bits] satisfies z.input<typeof facts>);
}

/** The passing in a row of `passingColumns`; null if it counts nowhere. */
export function passingOf(read: unknown, events: EventRows): StoredPassing | null {
  const { id: event, box, time, person, person_type: type, passing, ...device } = parseStored(row, read, "a passing");
  if (passing === countsNowhere) return null;
  if (passing === null) {
    const stored = events.read(event);
    return stored === null ? null : storedPassingOf(merge(stored));
  }
  const [at, clock, own, id, name, group, score, bits] = parseStored(facts, jsonIn(passing), `event ${event}`);
  return {
    event,
    box,
    time,
    at,
    isClockWrong: clock === 1,
    own,
    score,
    pictures: portraitKinds.filter((_, place) => (bits & (2 ** place)) !== 0),
    device: { id: device.device_id, endpoint: device.endpoint, ip: device.ip },
    person: person === null || id === null ? null : { key: person, id, name, type, group },
  };
}
