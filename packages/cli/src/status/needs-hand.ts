import type { ShownBox } from "@gatepost/protocol";
import { plural } from "@gatepost/protocol";
import { spanInWords } from "../boxes.ts";
import type { Status } from "./status.ts";

/** The share of the disk that must be free. */
const minFreeRate = 0.05;

/** What needs a hand, in words that say what to do. */
export function needsHand(
  {
    store,
    server,
    room,
    clock,
    shipping,
    waiting,
    problems,
  }: Pick<Status, "store" | "server" | "room" | "clock" | "shipping" | "waiting" | "problems">,
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
    ...(waiting.failed > 0 ? [`failed actions, ${waiting.failed}: \`gatepost actions list --state failed\``] : []),
    ...(problems.quarantine > 0 ? [`${problems.quarantine} in quarantine: \`gatepost quarantine list\``] : []),
    ...((problems.deadletters ?? 0) > 0
      ? [`dead letters, ${problems.deadletters}: \`gatepost deadletters list\``]
      : []),
  ];
}

const inDoubt = {
  ahead: "nothing that has expired is removed for a day of serving: the clock is far ahead of what it said last",
  behind: "receipts get the last known time: the clock is behind what it said last",
} as const;

function usual({ usualMs, afterMs }: ShownBox["silence"]): string {
  return spanInWords(usualMs ?? afterMs);
}

function switchToTurnOff({ id, refused }: ShownBox): string[] {
  if (refused === null || refused["413"] === 0) return [];
  const what = refused.turnOff === null ? "send fewer pictures" : `turn off ${refused.turnOff}`;
  return [`${id} sent what was too large ${plural(refused["413"], "time", "times")} in seven days: ${what}`];
}
