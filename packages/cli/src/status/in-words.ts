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
  wrongClocks,
  sameSerials,
  wrongKeys,
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
    ...(wrongClocks.length === 0
      ? []
      : [["clocks", `wrong at ${named(wrongClocks)}: gatepost boxes list`] satisfies [string, string]]),
    ...sameSerials.map(
      ({ serial, boxes: of }) => ["same serial", `${serial}: ${named(of)}`] satisfies [string, string],
    ),
    ...lastOf(wrongKeys).map((last) => ["wrong keys", last] satisfies [string, string]),
  ];
  const facts = lines.map(([name, value]) => name.padEnd(12) + value);
  return [...facts, ...hands.map((hand) => `! ${hand}`)].join("\n");
}

/** Names of boxes that a line has at most. */
const maxNamed = 3;

function named(boxes: readonly string[]): string {
  const more = boxes.length - maxNamed;
  return `${boxes.slice(0, maxNamed).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

/** Whoever sets up a box looks here first: its address, and the path that it posts to. Nothing where there was none. */
function lastOf(wrongKeys: Status["wrongKeys"]): string[] {
  const [last] = wrongKeys ?? [];
  if (last === undefined) return [];
  return [`${wrongKeys?.length} of late, the last at ${last.at} from ${last.from} to ${last.path}`];
}

function inShort({ since, isFailing }: NonNullable<Status["shipping"]>): string {
  return isFailing ? `fails since ${since}` : `all until ${since}`;
}

function gigabytes(bytes: number): string {
  return `${Math.round(bytes / 1e8) / 10} GB`;
}
