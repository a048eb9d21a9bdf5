import { plural } from "@gatepost/protocol";
import * as z from "zod";
import type { Api } from "../client.ts";
import { table } from "../output.ts";
import { plain } from "../plain.ts";

const person = z.looseObject({
  box: z.string(),
  id: z.string(),
  names: z.array(z.string()),
  type: z.string(),
  events: z.number(),
  pictures: z.number(),
  quarantine: z.number(),
  first: z.string(),
  last: z.string(),
});

/** A record beside the events, as previews and receipts name it. */
export const recordSchema = z.looseObject({ what: z.string(), id: z.string(), site: z.string().nullable() });

const found = z.object({
  people: z.array(person),
  isExact: z.boolean(),
  records: z.array(z.looseObject({ ...recordSchema.shape, boxes: z.array(z.string()) })).default([]),
});

/** The stored data that an erasure would reach. */
export type ErasePreview = z.output<typeof found>;

/** Looks up a person at these boxes, or at every box if `boxes` is undefined. Changes nothing. */
export async function previewErase(api: Api, id: string, boxes: readonly string[] | undefined): Promise<ErasePreview> {
  const { people, isExact, records } = await api.ask("GET /v1/people", { query: { id }, answer: found });
  const names = boxes?.map((box) => box.normalize());
  const isMeant = (box: string) => names === undefined || names.includes(box);
  const taken = records.filter(({ boxes: of }) => of.some(isMeant));
  return { people: people.filter(({ box }) => isMeant(box)), isExact, records: taken };
}

/** The preview as a table with its sum. Two people who share an id have two names here. */
export function previewText(id: string, { people, isExact, records }: ErasePreview): string {
  const beside = records.map((record) => `\n${recordText(record)}`).join("");
  if (people.length === 0) return plain(`No event of person ${id} is stored there.`) + beside;
  const titles = ["BOX", "NAMES", "TYPE", "EVENTS", "PICTURES", "IN QUARANTINE", "FIRST", "LAST"];
  const rows = people.map(({ box, names, type, events, pictures, quarantine, first, last }) => [
    ...[box, names.join(", ") || null, type, events, pictures, quarantine, first, last],
  ]);
  const events = people.reduce((sum, one) => sum + one.events, 0);
  const boxes = plural(people.length, "box", "boxes");
  const sum = `${isExact ? "" : "at least "}${plural(events, "event", "events")} of person ${id} at ${boxes}`;
  return `${table(titles, rows)}\n${plain(sum)}${beside}`;
}

const recordNames: Record<string, string> = {
  list: "evacuation list",
  departure: "correction of presence",
  correction: "correction of hours",
  "last-day": "last day of work",
  roster: "roster",
  month: "closed month",
  visit: "visit of action",
};

/** A record in words, as `closed month 2026-10 of hq`. */
export function recordText({ what, id, site }: z.output<typeof recordSchema>): string {
  return plain(`${recordNames[what] ?? what} ${id}${site === null ? "" : ` of ${site}`}`);
}
