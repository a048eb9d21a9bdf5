import { personTypes } from "@gatepost/protocol";
import type { Random } from "@gatepost/simulator";
import { pick, whole } from "../../packages/simulator/src/random.ts";
import { boxes } from "../simulation/case/keys.ts";
import { people } from "./reports.ts";

/** A question to both sides, and the parts of the answers that are not compared: the README says why. */
export interface Question {
  path: string;
  /** If the answer is in pages: the member that has them. */
  list?: string;
  leftOut?: readonly RegExp[];
}

/** The ids that were seen so far. */
export interface Known {
  events: string[];
  actions: string[];
  records: string[];
}

const minuteMs = 60_000;
const pictures = ["face", "scene", "registered", "infrared", "none"] as const;
const called = ["王", "wf", "zo", "p", "李"] as const;
const searched = ["王", "zoë", "10.0.0", "GATE", "%", "p1"] as const;

/** Questions in any order. Boxes are looked at only if no report is repeated. */
export function questions(
  random: Random,
  { start, known, isFresh }: { start: number; known: Known; isFresh: boolean },
): Question[] {
  const [event, action, record] = [known.events, known.actions, known.records].map((ids) => oneOf(ids, random));
  const limit = pick(["", "1", "2", "7", "50", "500", "0", "x"], random);
  const listed = (path: string, list: string, filter: URLSearchParams, leftOut: readonly RegExp[] = []): Question => {
    if (limit !== "") filter.set("limit", limit);
    return { path: `${path}?${filter}`, list, leftOut };
  };
  const box = (): Record<string, string> => (random() < 0.3 ? { box: pick(boxes, random) } : {});
  const inTime = () => new URLSearchParams({ from: time(random, start), to: time(random, start) });
  const asked = new URLSearchParams({ ...box(), with: "event" });
  const filters = filterOf(random, start);
  const state = pick(["", "pending", "announced,done", "withheld", "failed"], random);
  if (state !== "") asked.set("state", state);
  return [
    listed("/v1/events", "events", filterOf(random, start)),
    { path: `/v1/events/count?${filters}` },
    { path: `/v1/events/${event}` },
    { path: `/v1/events/${event}/neighbours?${filters}` },
    { path: `/v1/events/${event}/pictures/${pick(pictures, random)}` },
    listed("/v1/actions", "actions", asked, ofActions),
    { path: `/v1/actions/${action}`, leftOut: ofActions },
    { path: `/v1/actions/${action}/photo` },
    listed("/v1/quarantine", "records", new URLSearchParams(box())),
    { path: `/v1/quarantine/${record}${random() < 0.5 ? "?fold=1" : ""}` },
    { path: `/v1/stats?${inTime()}&by=${pick(["hour", "half-hour", "day"], random)}` },
    { path: `/v1/stats?${inTime()}&by=device&by=day&compare=${pick(["week", "month"], random)}` },
    { path: `/v1/flags?${inTime()}`, leftOut: [/latest$|\/at$/] },
    { path: "/v1/counts", leftOut: [/deadletters/, ...(isFresh ? [] : [/boxes/])] },
    { path: `/v1/people?id=${encodeURIComponent(pick(people, random))}` },
    listed("/v1/people", "people", new URLSearchParams({ order: "name", q: pick(called, random) })),
    { path: `/v1/find?q=${encodeURIComponent(pick(called, random))}` },
    {
      path: pick(["/v1/removals", "/v1/nothing", "/v1/events?unknown=1", "/v1/retention"], random),
      leftOut: [/isEditable/],
    },
    ...(isFresh ? [listed("/v1/boxes", "boxes", new URLSearchParams(), ofBoxes)] : []),
  ];
}

/** What only the bus of one machine knows. */
export const ofActions = [/deliveries/, /\/told$/];

/**
 * Values that AWS does not have, and values that depend on the grouping or order of signs: the clock by late records is
 * that of three with one lag, and a process adds up the signs of a minute before the store has them.
 */
const ofBoxes = [/\/(today|refused|flagged|since|devices|usualMs|afterMs|skewMs)$/];

function filterOf(random: Random, start: number): URLSearchParams {
  const filter = new URLSearchParams();
  const may = (name: string, value: () => string) => random() < 0.25 && filter.append(name, value());
  may("box", () => pick(boxes, random));
  may("box", () => pick(boxes, random));
  may("person", () => pick(people, random));
  may("type", () => pick(personTypes, random));
  may("action", () => pick(["1001", "1002", "0"], random));
  may("flag", () => pick(["clock", "picture-unreadable:scene", "same-person-twice"], random));
  may("q", () => pick(searched, random));
  // On AWS most filters need both.
  filter.set("from", time(random, start));
  filter.set("to", time(random, start));
  return filter;
}

function time(random: Random, start: number): string {
  const at = start + whole(-40, 40, random) * minuteMs;
  return pick([`${at}`, new Date(at).toISOString(), "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "x"], random);
}

export function oneOf(ids: readonly string[], random: Random): string {
  return ids[whole(0, ids.length + 1, random)] ?? "none";
}
