import type { Status } from "./status.ts";

export function inWords({
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
