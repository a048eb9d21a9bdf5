import type { ShownBox } from "@gatepost/protocol";
import type { Command } from "commander";
import * as z from "zod";
import { allBoxes, spanInWords } from "../boxes.ts";
import { type Api, withApi } from "../client.ts";
import { Failure } from "../failure.ts";
import { onApi, type Reading } from "../options.ts";
import { print } from "../output.ts";
import { plain } from "../plain.ts";
import { type Subscribers, subscribersOf } from "../subscribers.ts";

export function addStatus(program: Command): void {
  onApi(program.command("status"))
    .description("see whether all is well; exit code 1 where something needs a hand")
    .action(status);
}

const roomSchema = z.object({ usedBytes: z.number(), ofBytes: z.number() }).nullable();

const countsSchema = z.object({
  actions: z.object({ pending: z.number(), announced: z.number(), failed: z.number() }),
  problems: z.object({ quarantine: z.number(), deadletters: z.number().nullable() }),
});

const clockSchema = z.object({ is: z.enum(["ahead", "behind"]), noted: z.string() }).nullable();

const shippingSchema = z.object({ since: z.string(), isFailing: z.boolean(), isLate: z.boolean() }).nullable();

interface Status {
  /** Why nothing can be stored; null where it can. */
  store: string | null;
  /** The address of the server; null where none runs on the data folder. */
  server: string | null;
  room: z.output<typeof roomSchema>;
  /** What is doubtful about the clock of the machine; null where it is believed. */
  clock: z.output<typeof clockSchema>;
  /** How shipping to a bucket goes; null where nothing is shipped. */
  shipping: z.output<typeof shippingSchema>;
  boxes: { reporting: number; silent: number; expected: number; new: number };
  waiting: z.output<typeof countsSchema>["actions"];
  problems: z.output<typeof countsSchema>["problems"];
  /** What waits for subscribers; null where this Gatepost does not deliver itself. */
  subscribers: Pick<Subscribers, "rules" | "waiting"> | null;
  /** Reports of seven days that were too large; null where that is not counted. */
  tooLarge: number | null;
  /** What needs a hand, in words. */
  needsHand: string[];
}

const meSchema = z.object({
  key: z.object({ scope: z.string() }),
  server: z.object({ runtime: z.string() }),
  room: roomSchema,
  clock: clockSchema.default(null),
  shipping: shippingSchema.default(null),
});

/** The share of the disk that must be free. */
const minFreeRate = 0.05;

async function status(options: Reading): Promise<void> {
  const found = await withApi(options, read);
  print(found, () => plain(inWords(found)), options);
  const { length } = found.needsHand;
  if (length > 0) throw new Failure(length === 1 ? "one thing needs a hand" : `${length} things need a hand`);
}

async function read(api: Api): Promise<Status> {
  const store = await storeOf(api);
  const { key, server, room, clock, shipping } = await api.ask("GET /v1/me", { answer: meSchema });
  const counts = await api.ask("GET /v1/counts", { answer: countsSchema });
  const subscribers = await subscribersOf(api, { ...server, ...key });
  const boxes = await allBoxes(api);
  const of = (state: ShownBox["state"]) => boxes.filter((box) => box.state === state);
  const expected = of("silent").filter(({ silence }) => silence.isExpected).length;
  const facts = {
    ...{ store, server: api.url, room, clock, shipping, waiting: counts.actions, problems: counts.problems },
    boxes: {
      reporting: of("reports").length,
      silent: of("silent").length - expected,
      ...{ expected, new: of("new").length },
    },
    subscribers: subscribers && { rules: subscribers.rules, waiting: subscribers.waiting },
    tooLarge: tooLargeOf(boxes),
  };
  return { ...facts, needsHand: [...needsHand(facts, boxes), ...(subscribers?.needsHand ?? [])] };
}

async function storeOf(api: Api): Promise<string | null> {
  const answer = await api.get("/healthz");
  if (answer.ok) return null;
  const problem = z.object({ detail: z.string() }).safeParse(await answer.json());
  return problem.success ? problem.data.detail : `answered ${answer.status}`;
}

function tooLargeOf(boxes: readonly ShownBox[]): number | null {
  const counted = boxes.flatMap(({ refused }) => refused?.["413"] ?? []);
  return counted.length < boxes.length ? null : counted.reduce((sum, count) => sum + count, 0);
}

function needsHand(
  { store, server, room, clock, shipping, waiting, problems }: Omit<Status, "needsHand">,
  boxes: readonly ShownBox[],
): string[] {
  const silent = boxes.filter(({ state, silence }) => state === "silent" && !silence.isExpected);
  const isFull = room !== null && room.usedBytes > room.ofBytes * (1 - minFreeRate);
  return [
    ...(store === null ? [] : [`nothing can be stored: ${store}`]),
    ...(server === null ? ["no server runs on this folder: what boxes send is not received"] : []),
    ...(isFull ? ["the disk is nearly full"] : []),
    ...(clock === null ? [] : [`${inDoubt[clock.is]} (${clock.noted}): set it where it is wrong`]),
    ...(shipping?.isLate === true
      ? [`nothing was shipped since ${shipping.since}: the log of the server says why`]
      : []),
    ...silent.map(
      ({ id, since, silence }) => `${id} is silent since ${since}, and usually for ${usual(silence)} at most`,
    ),
    ...boxes.flatMap(switchToTurnOff),
    ...(waiting.failed > 0 ? [`failed actions, ${waiting.failed}: GET /v1/actions?state=failed has them`] : []),
    ...(problems.quarantine > 0 ? [`${problems.quarantine} in quarantine: gatepost quarantine list`] : []),
    ...((problems.deadletters ?? 0) > 0 ? [`dead letters, ${problems.deadletters}: gatepost deadletters list`] : []),
  ];
}

const inDoubt = {
  ahead: "nothing that has expired is removed for a day of serving: the clock is far ahead of what it said last",
  behind: "what is received now expires too early: the clock is behind what it said last",
} as const;

function usual({ usualMs, afterMs }: ShownBox["silence"]): string {
  return spanInWords(usualMs ?? afterMs);
}

function switchToTurnOff({ id, refused }: ShownBox): string[] {
  if (refused === null || refused["413"] === 0) return [];
  const what = refused.turnOff === null ? "send fewer pictures" : `turn off ${refused.turnOff}`;
  return [`${id} sent what was too large ${refused["413"]} times in seven days: ${what}`];
}

function inWords({
  store,
  server,
  room,
  shipping,
  boxes,
  waiting,
  problems,
  subscribers,
  tooLarge,
  needsHand: hands,
}: Status): string {
  const lines: [string, string][] = [
    ["store", store ?? "ok"],
    ["server", server ?? "none"],
    ["room", room === null ? "not known" : `${gigabytes(room.usedBytes)} of ${gigabytes(room.ofBytes)} used`],
    ...(shipping === null ? [] : [["shipping", inShort(shipping)] satisfies [string, string]]),
    [
      "boxes",
      `${boxes.reporting} report, ${boxes.silent} silent, ${boxes.expected} silent as expected, ${boxes.new} new`,
    ],
    ["actions", `${waiting.pending} pending, ${waiting.announced} announced, ${waiting.failed} failed`],
    ["problems", `${problems.quarantine} in quarantine, ${problems.deadletters ?? "not known how many"} dead letters`],
    [
      "subscribers",
      subscribers === null ? "not known" : `${subscribers.waiting} waiting (rules: ${subscribers.rules})`,
    ],
    ["too large", tooLarge === null ? "not known" : `${tooLarge} reports in seven days`],
  ];
  const facts = lines.map(([name, value]) => name.padEnd(12) + value);
  return [...facts, ...hands.map((hand) => `! ${hand}`)].join("\n");
}

function inShort({ since, isFailing }: NonNullable<Status["shipping"]>): string {
  return isFailing ? `fails since ${since}` : `all until ${since}`;
}

function gigabytes(bytes: number): string {
  return `${Math.round(bytes / 1e8) / 10} GB`;
}
