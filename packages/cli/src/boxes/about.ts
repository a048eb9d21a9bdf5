import type { Box, BoxArrivals } from "@gatepost/client";
import { routes } from "@gatepost/core/paths";
import { comparable, dayMs, hourMs, minuteMs, secondMs } from "@gatepost/protocol";
import type { Api } from "../client.ts";
import { listed } from "../output.ts";
import { pagesOf } from "../progress-bar.ts";

/** The URLs to paste into a box, by the route that each is for. */
export function boxUrls(base: string, token: string): Record<string, string> {
  return Object.fromEntries(routes.map(({ path }) => [path.slice(1), `${base}/${token}${path}`]));
}

/**
 * The lines that show the URLs of a box: its base and the two that an SE3 asks for, or its base and all. A report is
 * known by its shape, so other senders may use the base, too.
 */
export function urlLines(base: string, token: string, { all = false }: { all?: boolean } = {}): string[] {
  const urls = boxUrls(base, token);
  const { RealTimeEvent = "", HistoryEvent = "" } = urls;
  return labelled({ base: `${base}/${token}`, ...(all ? urls : { RealTimeEvent, HistoryEvent }) });
}

/** One line for each URL, with its route before it. */
function labelled(urls: Readonly<Record<string, string>>): string[] {
  const width = Math.max(...Object.keys(urls).map((route) => route.length));
  return Object.entries(urls).map(([route, url]) => `  ${route.padEnd(width)}  ${url}`);
}

/** All boxes, the silent ones first. */
export async function allBoxes(api: Api): Promise<Box[]> {
  const found: Box[] = [];
  const ask = (cursor: string | undefined) => api.ask("GET /v1/boxes", { query: { limit: 100, cursor } });
  for await (const { boxes } of pagesOf(ask)) found.push(...boxes);
  return found;
}

const units = [
  ["d", dayMs],
  ["h", hourMs],
  ["min", minuteMs],
  ["s", secondMs],
] as const;

/** A time span in its largest unit, as `22 min`. */
export function spanInWords(ms: number): string {
  const [unit, length] = units.find(([, of]) => ms >= of) ?? ["s", secondMs];
  return `${Math.round((ms / length) * 10) / 10} ${unit}`;
}

/** Names of boxes that a line has at most. */
const maxNamed = 3;

/** The boxes under which each serial is used, of those that are used under several. */
export function sameSerialsOf(boxes: readonly Box[]): { serial: string; boxes: string[] }[] {
  const known = boxes.flatMap(({ id, about: { serial } }) =>
    serial === null ? [] : [{ id, serial: comparable(serial) }],
  );
  return [...Map.groupBy(known, ({ serial }) => serial)]
    .filter(([, same]) => same.length > 1)
    .map(([serial, same]) => ({ serial, boxes: same.map(({ id }) => id) }));
}

/** The boxes whose key several serials use in turn. */
export function alternatingSerialsOf(boxes: readonly Box[]): { box: string; serials: string[] }[] {
  return boxes.flatMap(({ id, about: { alternatingSerials: serials } }) =>
    serials.length === 0 ? [] : [{ box: id, serials }],
  );
}

/** The problems with the serial of a box among all boxes and with its addresses, in words; null if there is none. */
export function boxProblem({ id, about, unexpectedPaths }: Box, boxes: readonly Box[]): string | null {
  const { serial, alternatingSerials } = about;
  const isOwn = (one: string) => serial !== null && one === comparable(serial);
  const others =
    sameSerialsOf(boxes)
      .find((same) => isOwn(same.serial))
      ?.boxes.filter((box) => box !== id) ?? [];
  const problems = [
    ...(alternatingSerials.length === 0 ? [] : [`${listed(alternatingSerials, maxNamed)} take turns under one key`]),
    ...(others.length === 0 ? [] : [`same serial as ${listed(others, maxNamed)}`]),
    ...unexpectedPaths
      .slice(0, maxNamed)
      .map(({ type, dialect }) => `unexpected-path: ${dialect} at the ${type} address`),
  ];
  return problems.join("; ") || null;
}

/** How often each flag occurred in the last day, by box. */
export type BoxFlags = ReadonlyMap<string, ReadonlyMap<string, number>>;

export async function flagsOfDay(api: Api): Promise<BoxFlags> {
  const { flags } = await api.ask("GET /v1/flags");
  const byBox = Map.groupBy(flags, ({ box }) => box);
  return new Map([...byBox].map(([box, all]) => [box, new Map(all.map(({ flag, count }) => [flag, count]))]));
}

/** A clock that is off by less counts as right. */
const wrongMs = minuteMs;

/**
 * How the clock of a box is, in words; null if it is unknown: a box that brings what it has kept says nothing about it.
 */
export function clockInWords({ id, clock: { skewMs } }: Pick<Box, "id" | "clock">, flags: BoxFlags): string | null {
  if (isUnusable(id, flags)) return "unusable";
  if (skewMs === null) return null;
  if (Math.abs(skewMs) < wrongMs) return "right";
  return `${spanInWords(Math.abs(skewMs))} ${skewMs > 0 ? "ahead" : "behind"}`;
}

/** Whether a user should look at the clock of a box. */
export function isClockWrong({ id, clock: { skewMs } }: Pick<Box, "id" | "clock">, flags: BoxFlags): boolean {
  return isUnusable(id, flags) || (skewMs !== null && Math.abs(skewMs) >= wrongMs);
}

/** Whether the box sent times in the last day that cannot be right. */
function isUnusable(box: string, flags: BoxFlags): boolean {
  return flags.get(box)?.has("clock") === true;
}

/** What a box sent last, and the last requests with a wrong key, which are not known on AWS. */
export function arrivalsOf(box: string, api: Api): Promise<BoxArrivals> {
  return api.ask("GET /v1/boxes/{id}/arrivals", { path: { id: box } });
}
