import type { Api } from "@gatepost/client";
import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import type { Stretch } from "../days.ts";
import { type Loading, readPages, useLoading } from "../loading.ts";
import { gatepost } from "../session.ts";

type Answer = Extract<Api["GET /v1/hours"]["answer"], { people: unknown }>;

/** The hours of people of a site in some days. */
export type Sheet = Omit<Answer, "next">;
export type Person = Sheet["people"][number];
export type Day = Person["days"][number];
export type Correction = Person["corrections"][number];

/** The states of days by which people are chosen. */
export const onlyNames = ["late", "absent", "open", "corrected"] as const;
type Only = (typeof onlyNames)[number];

/** The site, days and filters of a sheet. */
export interface SheetQuery extends Stretch {
  site: string;
  group: string | null;
  only: readonly Only[];
}

/** People of a page, and pages that are read: each page is counted anew. */
const pageSize = 500;
const mostPages = 4;

const everyMs = 60_000;

/** The name of a person among all people. */
export const sheetKey = ({ library, id }: Pick<Person, "library" | "id">) => `${library}/${id}`;
/** The name of a cell. */
export const cellKey = (person: Pick<Person, "library" | "id">, day: string) => `${sheetKey(person)} ${day}`;

function queryOf({ site, from, to, group, only }: SheetQuery) {
  return {
    site,
    from,
    to,
    ...(group === null ? {} : { group }),
    ...(only.length === 0 ? {} : { only: only.join(",") }),
  };
}

/** Reads the people of a sheet, 2,000 at most: `sum` is of all. */
export async function readSheet(asked: SheetQuery, signal: AbortSignal): Promise<Sheet> {
  let facts: Sheet | null = null;
  const { items } = await readPages<Person>(
    (_, pages) => pages >= mostPages,
    async (from) => {
      const query = { ...queryOf(asked), ...from, limit: pageSize };
      const { people, next, ...rest } = (await gatepost().ask("GET /v1/hours", { query, signal })) as Answer;
      facts = { ...rest, people };
      return { items: people, next };
    },
  );
  if (facts === null) throw new Error("no page was read");
  return { ...(facts as Sheet), people: items };
}

const shownMembers = [
  ...(["in", "out", "minutes", "break", "nightMinutes", "leaveFrom", "leaveTo"] as const),
  ...(["late", "early", "state", "isCorrected", "flags"] as const),
];

/** A text that is the same for days that are shown alike. */
const signOf = (day: Day) => JSON.stringify(shownMembers.map((name) => day[name]));

/** How many days of people are others in a later sheet. */
export function changedDays(before: Sheet, after: Sheet): number {
  const signs = (sheet: Sheet) =>
    new Map(
      sheet.people.flatMap((person) =>
        person.days
          .filter(({ state }) => state !== "none" && state !== "rest")
          .map((day) => [`${sheetKey(person)} ${day.day}`, signOf(day)] as const),
      ),
    );
  const [then, now] = [signs(before), signs(after)];
  return [...new Set([...then.keys(), ...now.keys()])].filter((day) => then.get(day) !== now.get(day)).length;
}

/** A sheet with the key of its request: for one painting, the answer of another key may be there. */
interface Answered {
  key: string;
  sheet: Sheet;
}

interface Held {
  loading: Loading<Answered>;
  /** The drawn sheet; null before the first answer. */
  sheet: Sheet | null;
  /** Days that are others by now than they are drawn. */
  changed: number;
  /** Draws the days as they are by now. */
  renew(): void;
  /** Asks again, and draws the answer. */
  reload(): void;
}

/**
 * The sheet of a period. It is asked for again every minute; if days are others by then, the drawn ones stay until the
 * user has them renewed.
 */
export function useSheet(asked: SheetQuery): Held {
  const key = `hours ${JSON.stringify(asked)}`;
  const ask = async (signal: AbortSignal) => ({ key, sheet: await readSheet(asked, signal) });
  const loading = useLoading<Answered>(key, ask, { every: everyMs });
  const drawn = useRef<Answered | null>(null);
  /** The answer after which the next one is drawn at once; undefined if none is awaited. */
  const awaitedAfter = useRef<Sheet | null | undefined>(undefined);
  const turn = useSignal(0);
  const { value } = loading.state.value;
  const latest = value?.key === key ? value.sheet : null;
  const before = drawn.current?.key === key ? drawn.current.sheet : null;
  const changed = latest === null || before === null || latest === before ? 0 : changedDays(before, latest);
  const isAwaited = awaitedAfter.current !== undefined && awaitedAfter.current !== latest;
  const isDrawn = latest !== null && (before === null || changed === 0 || isAwaited);
  if (isDrawn) {
    drawn.current = { key, sheet: latest };
    if (isAwaited) awaitedAfter.current = undefined;
  }
  return {
    loading,
    sheet: isDrawn ? latest : before,
    // The turn is read, so that renewing paints.
    changed: turn.value < 0 || isDrawn ? 0 : changed,
    renew() {
      if (latest !== null) drawn.current = { key, sheet: latest };
      turn.value++;
    },
    reload() {
      // By now, and not as it was when the caller was painted.
      awaitedAfter.current = loading.state.peek().value?.sheet ?? null;
      loading.reload();
    },
  };
}
