import {
  type Costs,
  type Counted,
  copyOf,
  costsOf,
  kinds,
  maxRequests,
  passingsOfBox,
  refusedGigabyteSeconds,
  storageOf,
  sumOf,
} from "./prices.ts";

/* The tables of docs/costs.md, computed from the counts. */

/** Bytes of a row with its two reports, and of its places in indexes. */
const rowBytes = 3500;

const dollars = (value: number) => `$${value.toFixed(2)}`;
const whole = (value: number) => `$${Math.round(value).toLocaleString("en")}`;

function table(head: string[], rows: string[][]): string {
  const lines = [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
  return `${lines.join("\n")}\n`;
}

export function usedTable(counted: [name: string, used: Counted][]): string {
  const rows = counted.map(([name, used]) => [
    name,
    ...[used.s3Puts, used.s3Gets, used.writeUnits, used.readUnits, used.busEntries].map(String),
    `${Math.round(used.s3Bytes / 1000)}`,
    `${Math.round(used.s3ColdBytes / 1000)}`,
    `${used.logBytes}`,
  ]);
  const head = [
    "a passing",
    "S3 PUT",
    "S3 HEAD, GET",
    "write units",
    "read units",
    "bus entries",
    "KB in S3",
    "of these in Standard-IA",
  ];
  return table([...head, "bytes of log"], rows);
}

export function costTable(alone: Counted, both: Counted): string {
  const columns: Costs[] = [costsOf(alone), costsOf(both)];
  const rows = kinds.map((kind) => [kind, ...columns.map((costs) => dollars(costs[kind]))]);
  // A million a month are kept for three months, so a month's storage of all costs as much as a million's to their end.
  const stored = [alone, both].map((one) => storageOf({ ...one, rowBytes }, 1e6).objects);
  const sums = columns.map((costs, index) => `**${dollars(sumOf(costs) + (stored[index] ?? 0))}**`);
  return table(
    ["a million passings", "history", "both reports"],
    [...rows, ["pictures, kept for 90 days", ...stored.map(dollars)], ["**together**", ...sums]],
  );
}

/** What a million passings cost to their end, in requests and pictures, for events that are kept so many days. */
export function totalOf(used: Counted, keptDays: number): number {
  return costsOf(used)["S3 requests"] + storageOf({ ...used, rowBytes: 0 }, 1e6, keptDays).objects;
}

/** Requests and pictures of a million passings: scenes kept as events, and for 30 days. */
export function sceneTable(pairs: [whole: Counted, ended: Counted][]): string {
  const rows = [90, 180, 365].map((days) => [
    `${days} days`,
    ...pairs.flatMap((pair) => pair.map((used) => dollars(totalOf(used, days)))),
  ]);
  const head = [
    "history, scenes as events",
    "scenes for 30 days",
    "both reports, scenes as events",
    "scenes for 30 days",
  ];
  return table(["events are kept", ...head], rows);
}

export function monthTable(both: Counted): string {
  const columns = [10, 1000, 10_000].map((boxes) => {
    const passings = boxes * passingsOfBox;
    const stored = storageOf({ ...both, rowBytes }, passings);
    const costs = costsOf(both);
    const calls = kinds.map((kind) => (costs[kind] * passings) / 1e6);
    return [passings, ...calls, stored.objects, stored.rows];
  });
  const names = ["passings", ...kinds, "pictures that are kept", "rows that are kept, with their backup"];
  const rows = names.map((name, row) => [
    name,
    ...columns.map((column) => (row === 0 ? (column[0] ?? 0).toLocaleString("en") : whole(column[row] ?? 0))),
  ]);
  const sums = columns.map((column) => `**${whole(column.slice(1).reduce((sum, value) => sum + value, 0))}**`);
  return table(["a month", "10 boxes", "1,000 boxes", "10,000 boxes"], [...rows, ["**together**", ...sums]]);
}

/** The costs of a copy in another region. */
export function copyLine(alone: Counted): string {
  const { requests, transfer, storage } = copyOf(alone);
  const parts = `${dollars(requests)} of PUT, ${dollars(transfer)} of transfer and reads, and ${dollars(storage)} of storage`;
  return `A million passings cost ${dollars(requests + transfer + storage)} more: ${parts}`;
}

/** What requests with wrong keys cost: a million, and at most in a month. */
export function strangersLine(refused: Counted): string {
  const aMillion = sumOf(costsOf(refused, refusedGigabyteSeconds));
  const limit = (Math.round((aMillion * maxRequests) / 1e9) * 1000).toLocaleString("en");
  return `uses ${refused.readUnits} read units at most, and a million cost ${dollars(aMillion)}; a whole month of 2,000 a second costs some $${limit}`;
}
