import { type PersonRecord, personRecords } from "@gatepost/core/erasure";
import { instant } from "@gatepost/protocol";
import * as z from "zod";
import { namedObject } from "../openapi/named.ts";
import type { ApiPorts } from "../ports.ts";

/** Records that an answer or a receipt names, at most. */
const maxRecords = 500;

export const shownRecord = namedObject("PersonRecord", {
  what: z.enum(personRecords).meta({
    description:
      "An evacuation list, a correction of who is inside (`departure`) or of hours, a last day, a roster, or a closed month.",
  }),
  id: z.string().meta({
    description:
      "`rol_…`, `left_…`, `cor_…`, the last day, as `2026-11-20`, the month (of a roster, too), as `2026-10`, or `act_…`.",
  }),
  site: z.string().nullable(),
});

/** What an erasure of a person takes beside events, and until when it keeps passings out. */
export const besideEvents = {
  records: z.array(shownRecord).meta({
    description: `The records beside events that name the person, ${maxRecords} at most.`,
  }),
  keptOutUntil: z.iso.datetime().meta({
    description:
      "Later reports of passings up to this time are not stored; of later ones they are. It is earlier than the erasure while " +
      "the clock of the machine may be ahead.",
  }),
};

/** The records about a person of an erasure at some boxes, or at every box (null). */
export async function recordsTaken(
  { person, boxes }: { person: string; boxes: readonly string[] | null },
  { eraser }: Pick<ApiPorts, "eraser">,
): Promise<z.output<typeof shownRecord>[]> {
  const records = await eraser.recordsOf(person);
  return records
    .filter((record) => boxes === null || record.boxes.some((box) => boxes.includes(box)))
    .slice(0, maxRecords)
    .map(({ boxes: _, ...record }) => record);
}

/** The records about a person, with the boxes at which an erasure takes each. */
export async function recordsToTake(
  person: string,
  { eraser }: Pick<ApiPorts, "eraser">,
): Promise<{ records: PersonRecord[]; areAll: boolean }> {
  const records = await eraser.recordsOf(person);
  return { records: records.slice(0, maxRecords), areAll: records.length <= maxRecords };
}

/** Until when an erasure that was asked for at a time (ms) keeps passings out, as an instant. */
export function keptOutUntil(askedAt: number, { eraser }: Pick<ApiPorts, "eraser">): string {
  return instant(eraser.coversUntil(askedAt));
}
