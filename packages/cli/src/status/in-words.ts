import { plural } from "@gatepost/protocol";
import { listed } from "../listed.ts";
import type { Status } from "./status.ts";

type Line = readonly [name: string, value: string];

/** Names of boxes that a line has at most. */
const maxNamed = 3;

export function inWords(status: Status): string {
  const lines = [...linesOfServer(status), ...linesOfWork(status), ...linesOfFaults(status)];
  const facts = lines.map(([name, value]) => name.padEnd(12) + value);
  return [...facts, ...status.needsHand.map((hand) => `! ${hand}`)].join("\n");
}

function linesOfServer({ store, server, room, shipping }: Status): Line[] {
  return [
    ["store", store ?? "ok"],
    ["server", server ?? "none"],
    ["room", room === null ? "not known" : `${gigabytes(room.usedBytes)} of ${gigabytes(room.ofBytes)} used`],
    ...(shipping === null ? [] : [["shipping", inShort(shipping)] as const]),
  ];
}

function linesOfWork({ boxes, waiting, problems, subscribers, tooLarge }: Status): Line[] {
  const { reporting, silent, expected } = boxes;
  const { deadletters } = problems;
  const letters =
    deadletters === null ? "not known how many dead letters" : plural(deadletters, "dead letter", "dead letters");
  const rules = subscribers === null ? "not known" : `${subscribers.waiting} waiting (rules: ${subscribers.rules})`;
  return [
    ["boxes", `${reporting} report, ${silent} silent, ${expected} silent as expected, ${boxes.new} new`],
    ["actions", `${waiting.pending} pending, ${waiting.announced} announced, ${waiting.failed} failed`],
    ["problems", `${problems.quarantine} in quarantine, ${letters}`],
    ["subscribers", rules],
    ["too large", tooLarge === null ? "not known" : `${plural(tooLarge, "report", "reports")} in seven days`],
  ];
}

/** What is wrong with boxes and their keys; nothing where all is well. */
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

/** The last request with a wrong key: whoever sets up a box looks here first. Null where there was none. */
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
