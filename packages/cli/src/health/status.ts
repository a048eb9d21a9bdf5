import type { Box, BoxArrivals } from "@gatepost/client";
import { dayMs, instant, plural } from "@gatepost/protocol";
import * as z from "zod";
import { type BoxFlags, spanInWords } from "../boxes/about.ts";
import { shellWord } from "../hints.ts";
import { listed } from "../output.ts";
import { type Sources, sourceLine } from "./sources.ts";
import type { Subscribers } from "./subscribers.ts";

type Line = readonly [name: string, value: string];

/** Names of boxes that a line has at most. */
const maxNamed = 3;

export function inWords(status: Status): string {
  const lines = [...linesOfServer(status), ...linesOfWork(status), ...linesOfFaults(status)];
  const facts = lines.map(([name, value]) => name.padEnd(12) + value);
  return [...facts, ...status.needsHand.map((hand) => `! ${hand}`)].join("\n");
}

function linesOfServer({ store, server, publicUrl, room, shipping }: Status): Line[] {
  return [
    ["store", store ?? "ok"],
    ["server", server ?? "none"],
    ...(publicUrl === null || publicUrl === server ? [] : [["for others", publicUrl] as const]),
    ["room", room === null ? "not known" : `${gigabytes(room.usedBytes)} of ${gigabytes(room.ofBytes)} used`],
    ...(shipping === null ? [] : [["shipping", inShort(shipping)] as const]),
  ];
}

function linesOfWork({ boxes, waiting, untold, problems, subscribers, sources, tooLarge, erasing }: Status): Line[] {
  const { reporting, silent, expected } = boxes;
  const { deadletters } = problems;
  const letters =
    deadletters === null ? "not known how many dead letters" : plural(deadletters, "dead letter", "dead letters");
  const rules = subscribers === null ? "not known" : `${subscribers.waiting} waiting (rules: ${subscribers.rules})`;
  return [
    ["boxes", `${reporting} reporting, ${silent} silent, ${expected} silent as expected, ${boxes.new} new`],
    ["actions", `${waiting.pending} pending, ${waiting.announced} announced, ${waiting.failed} failed`],
    ...(untold === null || untold.count === 0
      ? []
      : [
          [
            "untold",
            `${untold.count}${untold.isExact ? "" : " or more"}: no one is told, until a rule matches`,
          ] as const,
        ]),
    ["problems", `${problems.quarantine} in quarantine, ${letters}`],
    ["subscribers", rules],
    ...(sources ?? []).map((source) => ["source", sourceLine(source)] as const),
    ...(erasing === null || erasing === 0
      ? []
      : [["erasing", `${plural(erasing, "erasure has", "erasures have")} not ended`] as const]),
    ["too large", tooLarge === null ? "not known" : `${plural(tooLarge, "report", "reports")} in seven days`],
  ];
}

/** Faults of boxes and their keys; empty if all is well. */
function linesOfFaults(status: Status): Line[] {
  const { wrongClocks, sameSerials, alternatingSerials, wrongKeys, refusedConnections } = status;
  const last = lastOf(wrongKeys);
  return [
    ...(wrongClocks.length === 0
      ? []
      : [["clocks", `wrong at ${listed(wrongClocks, maxNamed)}: \`gatepost boxes list\``] as const]),
    ...sameSerials.map(({ serial, boxes }) => ["same serial", `${serial}: ${listed(boxes, maxNamed)}`] as const),
    ...alternatingSerials.map(
      ({ box, serials }) => ["serials", `${listed(serials, maxNamed)} take turns under the key of ${box}`] as const,
    ),
    ...(last === null ? [] : [["wrong keys", last] as const]),
    ...(refusedConnections ?? []).slice(0, maxNamed).map(connectionLine),
  ];
}

/** Connections of one address that brought no request. */
function connectionLine({ reason, from, count, last }: NonNullable<Status["refusedConnections"]>[number]): Line {
  return ["no request", `${reason} from ${from}, ${plural(count, "time", "times")}, the last at ${last}`];
}

/** The last request with a wrong key, which helps to set up a box. Null if there was none. */
function lastOf(wrongKeys: Status["wrongKeys"]): string | null {
  const [last] = wrongKeys ?? [];
  if (last === undefined) return null;
  return `${wrongKeys?.length} of late, the last at ${last.at} from ${last.from} to ${last.path}`;
}

function inShort({ since, isFailing }: NonNullable<Status["shipping"]>): string {
  return isFailing ? `fails since ${since}` : `all until ${since}`;
}

function gigabytes(bytes: number): string {
  return `${Math.round(bytes / 1e8) / 10} GB`;
}

/** The share of the disk that must be free. */
const minFreeRate = 0.05;

/** What needs a hand, in words that say what to do. */
export function needsHand(
  {
    store,
    server,
    room,
    clock,
    erasuresUntil,
    shipping,
    waiting,
    problems,
  }: Pick<Status, "store" | "server" | "room" | "clock" | "erasuresUntil" | "shipping" | "waiting" | "problems">,
  boxes: readonly Box[],
): string[] {
  const silent = boxes.filter(({ state, silence }) => state === "silent" && !silence.isExpected);
  const isFull = room !== null && room.usedBytes > room.ofBytes * (1 - minFreeRate);
  return [
    ...(store === null ? [] : [`nothing can be stored: ${store}`]),
    ...(server === null ? ["no server runs on this folder: what boxes send is not received"] : []),
    ...(isFull ? ["the disk is nearly full"] : []),
    ...(clock === null ? [] : [`${inDoubt[clock.is]} (${clock.noted}): correct it if it is wrong`]),
    ...(erasuresUntil === null
      ? []
      : [
          `an erasure keeps out reports of passings up to ${erasuresUntil} alone, because the clock stepped ahead: correct ` +
            "it if it is wrong, else `gatepost doctor --trust-clock`, or erase again after a day",
        ]),
    ...(shipping?.isLate === true
      ? [`nothing was shipped since ${shipping.since}: the log of the server says why`]
      : []),
    ...silent.map(
      ({ id, since, silence }) => `${id} is silent since ${since}, and usually for ${usual(silence)} at most`,
    ),
    ...boxes.flatMap(switchToTurnOff),
    ...(waiting.failed > 0 ? [`failed actions, ${waiting.failed}: \`gatepost actions list --state failed\``] : []),
    ...(problems.quarantine > 0 ? [`${problems.quarantine} in quarantine: \`gatepost quarantine list\``] : []),
    ...((problems.deadletters ?? 0) > 0
      ? [`dead letters, ${problems.deadletters}: \`gatepost deadletters list\``]
      : []),
  ];
}

/** The boxes that wanted an action in the last day that is not known. */
export function unknownActions(flags: BoxFlags, now: number): string[] {
  return [...flags].flatMap(([box, counts]) => {
    const count = counts.get("unknown-action") ?? 0;
    if (count === 0) return [];
    const times = `--from ${instant(now - dayMs)} --to ${instant(now)}`;
    const events = `\`gatepost events list --flag unknown-action --box ${shellWord(box)} ${times}\``;
    return [
      `${box} wanted an unknown action ${plural(count, "time", "times")} in a day, as new firmware may: ${events}`,
    ];
  });
}

const inDoubt = {
  ahead: "nothing that has expired is removed for a day of serving: the clock is far ahead of what it said last",
  behind: "receipts get the last known time: the clock is behind what it said last",
} as const;

function usual({ usualMs, afterMs }: Box["silence"]): string {
  return spanInWords(usualMs ?? afterMs);
}

function switchToTurnOff({ id, refused }: Box): string[] {
  if (refused === null || refused["413"] === 0) return [];
  const what = refused.turnOff === null ? "send fewer pictures" : `turn off ${refused.turnOff}`;
  return [`${id} sent reports that were too large ${plural(refused["413"], "time", "times")} in seven days: ${what}`];
}

export const roomSchema = z.object({ usedBytes: z.number(), ofBytes: z.number() }).nullable();

export const countsSchema = z.object({
  actions: z.object({ pending: z.number(), announced: z.number(), failed: z.number() }),
  problems: z.object({ quarantine: z.number(), deadletters: z.number().nullable() }),
});

export const untoldSchema = z.object({ count: z.number(), isExact: z.boolean() });

export const clockSchema = z.object({ is: z.enum(["ahead", "behind"]), noted: z.string() }).nullable();

export const shippingSchema = z.object({ since: z.string(), isFailing: z.boolean(), isLate: z.boolean() }).nullable();

/** What `gatepost status` says. */
export interface Status {
  /** Why nothing can be stored; null if it can. */
  store: string | null;
  /** The address of the server; null if none runs on the data folder. */
  server: string | null;
  /** Its address for boxes and browsers; null if none runs. With TLS it is another one than for this machine. */
  publicUrl: string | null;
  room: z.output<typeof roomSchema>;
  /** A doubt about the clock of the machine; null if it is believed. */
  clock: z.output<typeof clockSchema>;
  /** Up to when an erasure keeps out passings, if that is not the present; null if it is. */
  erasuresUntil: string | null;
  /** Erasures of people that have not ended; null if the key is no admin key. */
  erasing: number | null;
  /** How shipping to a bucket goes; null if nothing is shipped. */
  shipping: z.output<typeof shippingSchema>;
  boxes: { reporting: number; silent: number; expected: number; new: number };
  waiting: z.output<typeof countsSchema>["actions"];
  /** Announced actions that no rule has taken; more if it is not exact. Null on AWS. */
  untold: z.output<typeof untoldSchema> | null;
  problems: z.output<typeof countsSchema>["problems"];
  /** Entries that wait for subscribers; null if this Gatepost does not deliver itself. */
  subscribers: Pick<Subscribers, "rules" | "waiting"> | null;
  /** The sources of reports; null on AWS, and for a key that may not read them. */
  sources: Sources["sources"] | null;
  /** Reports of seven days that were too large; null if that is not counted. */
  tooLarge: number | null;
  /** The boxes whose clock is off by a minute and more, or cannot be right. */
  wrongClocks: string[];
  /** Serials that several boxes have: one box that delivers under two keys, or one that was replaced. */
  sameSerials: { serial: string; boxes: string[] }[];
  /** Boxes whose key several serials use in turn: several boxes deliver under one key. */
  alternatingSerials: { box: string; serials: string[] }[];
  /** The last requests with a wrong key; null if that is not known, or not to this key. */
  wrongKeys: BoxArrivals["wrongKeys"];
  /** Connections that ended before a complete request; null if that is not known, or not to this key. */
  refusedConnections: BoxArrivals["refusedConnections"];
  /** What needs a hand, in words. */
  needsHand: string[];
}
