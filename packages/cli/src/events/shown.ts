import type { Event } from "@gatepost/client";
import { eventSchema } from "@gatepost/protocol";
import * as z from "zod";
import { table, widthOf } from "../output.ts";
import { plain } from "../plain.ts";

/** An event of the API; members that this version does not know are printed with --json. */
export const listedEvent = z.looseObject(eventSchema.shape);
export type ListedEvent = z.output<typeof listedEvent>;

const titles = ["TIME", "BOX", "DEVICE", "TYPE", "PERSON", "NAME", "ACTIONS", "FLAGS", "ID"];

/** The columns that a narrow terminal does without, the first one first. */
const dispensable = ["FLAGS", "DEVICE", "ACTIONS", "TYPE", "PERSON"];

/** Events as a table of at most `maxWidth` columns of a terminal, in the given order. */
export function eventTable(events: readonly ListedEvent[], maxWidth: number): string {
  const rows = events.map(rowOf);
  let kept = titles;
  const ofKept = () => rows.map((row) => row.filter((_, column) => kept.includes(titles[column] ?? "")));
  for (const title of dispensable) {
    if (
      table(kept, ofKept())
        .split("\n")
        .every((line) => widthOf(line) <= maxWidth)
    )
      break;
    kept = kept.filter((one) => one !== title);
  }
  return table(kept, ofKept(), maxWidth);
}

/** One line for one event, with its columns at fixed places, so that lines printed one by one are in line. */
export function eventLine(event: Event): string {
  const widths = [24, 12, 15, 9, 12, 16];
  const cells = rowOf(event).map((cell) => plain(cell ?? "-").replaceAll(/\s/g, " "));
  return cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
}

function rowOf({ id, time, box, device, person, actions, flags }: Event): (string | null)[] {
  const asked = actions.map(({ wantAction, state }) => `${wantAction} ${state}`).join(", ");
  return [
    ...[time, box.id, device.name ?? device.ip ?? device.endpoint ?? device.id, person.type, person.id, person.name],
    ...[asked || null, flags.join(", ") || null, id],
  ];
}

/** Everything of an event that a person wants to read, one fact a line. */
export function eventFacts(event: ListedEvent): string {
  const { box, device, person, attributes, pictures, reports, actions } = event;
  const said = [attributes.gender, attributes.age, attributes.glasses === "yes" ? "glasses" : null];
  const facts: [name: string, value: string | number | null][] = [
    ["event", event.id],
    ["time", event.time],
    ["received", event.receivedAt],
    ["box", joined([box.id, box.serial])],
    ["device", joined([device.name, device.ip, device.endpoint ?? device.id, device.type, device.direction])],
    ["person", joined([person.type, person.id, person.name, person.group])],
    ["score", event.score],
    ["looks", joined(said)],
    ["registrable", event.quality.registrable === null ? null : event.quality.registrable ? "yes" : "no"],
    ...actions.map(({ id, wantAction, state, reason, at }): [string, string | null] => [
      "action",
      joined([id, wantAction, state, at, reason]),
    ]),
    ...Object.entries(pictures).map(([kind, { bytes, contentType, href }]): [string, string | null] => [
      "picture",
      joined([kind, contentType, `${bytes} bytes`, href]),
    ]),
    ...reports.map(({ kind, dialect, dialectName, receivedAt }): [string, string | null] => [
      "report",
      joined([kind, dialectName ?? dialect, receivedAt]),
    ]),
    ["flags", joined(event.flags)],
    ["extra", Object.keys(event.extra).length === 0 ? null : JSON.stringify(event.extra)],
  ];
  const lines = facts.flatMap(([name, value]) => (value === null ? [] : [`${name.padEnd(13)}${value}`]));
  return plain(lines.join("\n"));
}

function joined(parts: readonly (string | null)[]): string | null {
  return parts.filter((part) => part !== null).join(", ") || null;
}
