import { passingsOfBox, price } from "./prices.ts";

interface Units {
  writeUnits: number;
  readUnits: number;
}

/** Units of a batch of the stream: for each passing of another box, and for the batch itself. */
export interface BatchUse {
  ofPassing: Units;
  ofBatch: Units;
}

interface Deployment {
  boxes: number;
  /** Shards of the stream. Each sends a batch once a minute. */
  shards: number;
}

const minutesOfMonth = 30 * 24 * 60;

/** Windows of a quarter of an hour: at the end of each the function is called without a record. */
const windowsOfMonth = minutesOfMonth / 15;

/** GB-s of a batch, and of a passing in it, at 512 MB: no account has shown them. */
const secondsOfBatch = 0.05;
const secondsOfPassing = 0.001;
const gigabytes = 0.5;

/** The most that a month costs: each passing of a batch is of another box, and no minute is without one. */
export function countingCosts({ ofPassing, ofBatch }: BatchUse, { boxes, shards }: Deployment) {
  const passings = boxes * passingsOfBox;
  // A batch has at least one passing.
  const batches = Math.min(shards * minutesOfMonth, passings);
  const invocations = batches + shards * windowsOfMonth;
  const units = (name: keyof Units) => passings * ofPassing[name] + batches * ofBatch[name];
  const seconds = invocations * secondsOfBatch + passings * secondsOfPassing;
  const table = (units("writeUnits") * price.writeUnit + units("readUnits") * price.readUnit) / 1e6;
  const lambda = (invocations * price.invocation + seconds * gigabytes * price.gigabyteSecond) / 1e6;
  return { passings, batches, table, lambda, dollars: table + lambda };
}

/** The table of docs/costs.md. */
export function countingTable(use: BatchUse): string {
  const deployments: Deployment[] = [
    { boxes: 10, shards: 4 },
    { boxes: 1000, shards: 4 },
    { boxes: 10_000, shards: 32 },
  ];
  const costs = deployments.map((deployment) => ({ ...deployment, ...countingCosts(use, deployment) }));
  const dollars = (value: number) => `$${value.toFixed(2)}`;
  const number = (value: number) => Math.round(value).toLocaleString("en");
  const row = (name: string, cellOf: (cost: (typeof costs)[number]) => string) =>
    `| ${[name, ...costs.map(cellOf)].join(" | ")} |`;
  return [
    row("counting, a month", ({ boxes }) => `${number(boxes)} boxes`),
    row("---", () => "---"),
    row("shards of the stream", ({ shards }) => number(shards)),
    row("batches, at most", ({ batches }) => number(batches)),
    row("DynamoDB", ({ table }) => dollars(table)),
    row("Lambda", ({ lambda }) => dollars(lambda)),
    row("**together**", ({ dollars: sum }) => `**${dollars(sum)}**`),
    row("for a million passings", ({ dollars: sum, passings }) => dollars((sum / passings) * 1e6)),
  ].join("\n");
}
