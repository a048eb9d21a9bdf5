import type { PersonFacts } from "@gatepost/core/people";
import { Zone } from "@gatepost/core/zones";
import { limitedBoxes } from "../boxes/limited.ts";
import type { Cell } from "../exports/csv.ts";
import { limitedMonths } from "../hours/limited.ts";
import type { JobDeps } from "../ports.ts";
import { inOrder, type ListedPerson, matching } from "./listing.ts";
import { rowsOf } from "./rows.ts";

/** The filter of a table of people. */
export interface PeopleFilter {
  site: string;
  q?: string;
  kind?: readonly PersonFacts["type"][];
  group?: string;
  /** ms since 1970. */
  seenAfter?: number;
  seenBefore?: number;
  /** In percent. */
  scoreBelow?: number;
  /** The boxes of the site that the caller saw. */
  boxes?: readonly string[];
}

/** The columns of a table of people. `days`: the last 14, the newest last. */
export const peopleColumns = [
  ...["site", "library", "id", "name", "pinyin", "type", "group", "lastSeen", "lastEvent", "device", "days", "score"],
  "wantAction",
];

/** The ports of a job with some boxes alone; without a list, of all. */
export function portsOfBoxes<Ports extends Pick<JobDeps, "boxes" | "closedMonths">>(
  boxes: readonly string[] | undefined,
  deps: Ports,
): Ports {
  if (boxes === undefined) return deps;
  const names = new Set(boxes);
  const isSeen = (box: string) => names.has(box);
  const boxesOf = (site: string) => deps.boxes.reader.boxesOf(site);
  const closedMonths = limitedMonths(deps.closedMonths, { boxesOf, isSeen });
  return { ...deps, boxes: limitedBoxes(deps.boxes, { boxes, isSeen }), closedMonths };
}

interface Rows {
  rows: Cell[][];
  /** The place behind them; null at the end. */
  next: string | null;
}

/** The people who match a filter. They are found once, also for many rows. */
export function peopleOfTable(filter: PeopleFilter, deps: JobDeps): Promise<ListedPerson[]> {
  const { site: _, boxes, kind, ...others } = filter;
  return matching({ ...others, kinds: kind }, portsOfBoxes(boxes, deps));
}

/** Some rows of these people, by name, from a place on. One whose last passing does not match any more has none. */
export async function peopleRows(
  people: readonly ListedPerson[],
  { site, boxes, seenAfter = Number.NEGATIVE_INFINITY, seenBefore = Number.POSITIVE_INFINITY }: PeopleFilter,
  { after, limit, deps }: { after: string | null; limit: number; deps: JobDeps },
): Promise<Rows> {
  const ports = portsOfBoxes(boxes, deps);
  const some: { listed: ListedPerson; place: string }[] = [];
  let isEnd = true;
  for await (const person of inOrder(people, { order: "name", after }, ports)) {
    isEnd = some.length < limit;
    if (!isEnd) break;
    some.push(person);
  }
  const stored = (await deps.sites.get(site)) ?? deps.sites.unset(site);
  const zone = Zone.find(stored.zone) ?? Zone.utc;
  const listed = await rowsOf(
    some.map((one) => one.listed),
    ports,
  );
  const isSeen = ({ last }: (typeof listed)[number]) =>
    Date.parse(last.at) >= seenAfter && Date.parse(last.at) < seenBefore;
  const rows = listed
    .filter(isSeen)
    .map(({ library, id, name, pinyin, type, group: of, last, days, score, asked }): Cell[] => [
      ...[site, library, id, name, pinyin, type, of, { at: Date.parse(last.at), zone }, last.event, last.device],
      ...[days, score, asked],
    ]);
  return { rows, next: isEnd ? null : (some.at(-1)?.place ?? null) };
}
