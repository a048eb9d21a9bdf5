import * as z from "zod/mini";
import type { Dialect, ReportReader, Sender } from "./dialect.ts";
import { historyFlat, storedV5 } from "./dialects/flat.ts";
import { historyNested, platformB, se3Realtime, wsV5 } from "./dialects/nested.ts";
import { platformA } from "./dialects/platform-a.ts";
import { rootFacts } from "./dialects/root-facts.ts";
import { historyV6, storedV6, wsV6 } from "./dialects/v6.ts";
import type { Json, JsonObject } from "./json.ts";
import { once } from "./once.ts";
import type { Path } from "./paths.ts";
import { type SignKind, type TerminalAnswer, type TerminalDialect, terminalDialects } from "./terminal.ts";

/** Rows 6 to 15 of docs/formats.md §6, in their order: the first dialect that fits is the dialect of the body. */
const dialects = [
  platformA,
  storedV5,
  storedV6,
  historyV6,
  wsV6,
  historyFlat,
  historyNested,
  wsV5,
  platformB,
  se3Realtime,
  rootFacts,
] as const;

/** The name of a dialect, or the id of the mapping in its place. */
export type DialectName = (typeof dialects)[number]["name"] | TerminalDialect | MappingId;

/** Every dialect, with its sender. */
const senders = new Map<string, Sender>([
  ...dialects.map(({ name, sender }) => [name, sender] as const),
  ...Object.entries(terminalDialects).map(([name, model]) => [name, { model }] as const),
]);

export const dialectNames = [...senders.keys()] as readonly DialectName[];

/** The id of a mapping, which `reports[].dialect` of an event names in the place of a dialect. */
export type MappingId = `map_${string}`;

/** Reads reports of a format that no dialect knows, and that was taught: a runtime gives it with a report. */
export interface GivenReader extends ReportReader<MappingId, JsonObject | Json[]> {
  /** The mapping by which it was taught. */
  readonly mapping: { readonly name: string };
  /** Whether a report meets its conditions. */
  fits(report: Json): boolean;
  /** The sign of life that a value is by it; null if it is none. Asked first: a sign is no passing. */
  signOf(value: Json): SignKind | null;
  /**
   * The answer that the sender needs once a report is durable; null for the usual one.
   *
   * @param body with the report in its list; the report itself if it is in none
   */
  answer(report: Json, body?: Json): TerminalAnswer | null;
}

/** The schema of such an id. */
export const mappingId = once(() => {
  const id: z.ZodMiniType<string> = z.string().check(z.regex(/^map_[0-9a-z]{1,40}$/));
  return id as z.ZodMiniType<MappingId>;
});

/** The schema of the name of a dialect or mapping. */
export const dialectName = once(() => z.union([z.enum(dialectNames), mappingId()]));

const namesOf = (paths: readonly Path[]) => paths.flatMap((path) => path.slice(-1));

/** The names under which any dialect sends the id or the name of a person, and the time of a passing. */
export const personNames: readonly string[] = [...new Set(dialects.flatMap(({ personAt }) => namesOf(personAt)))];
export const timeNames: readonly string[] = [...new Set(dialects.flatMap(({ timesAt }) => namesOf([timesAt.time])))];

/** The dialect of a body that is not a box status; null if it is unknown. */
export function recognise(body: JsonObject, route: string): Dialect<DialectName> | null {
  return dialects.find((dialect) => dialect.looksLike(body, route)) ?? null;
}

/** The box or platform that sends a dialect, as far as the dialect shows it. Nothing is known without a dialect. */
export function senderOf(name: DialectName | null): Sender {
  return senders.get(name ?? "") ?? {};
}
