import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bigReport, smallReport } from "./body.ts";
import { medianHandlerOverFloor } from "./handler.ts";
import { deliver, type Load, type Peer, pathOf, start, startGatepost } from "./peer.ts";

/*
 * A small part of the measurements, in a minute, for .ci/run: it ends with exit code 1 if something costs a quarter more
 * than when these bounds were set. Ratios of CPU alone, because others use the machine, too.
 */
const rounds = 5;
const big: Load = { make: bigReport, count: 100, connections: 16 };
const small: Load = { make: smallReport, count: 1500, connections: 64 };

interface Bound {
  what: string;
  most: number;
  measure(): Promise<number>;
}

const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
const gatepost = await startGatepost(join(data, "gatepost"));
const bare = await start(process.execPath, [pathOf("peers/bare.ts")]);
const plain = await start(process.execPath, [pathOf("peers/plain.ts"), data, "FULL"]);

const bounds: Bound[] = [
  { what: "480 KB: CPU ÷ a receiver that only parses", most: 1.55, measure: () => cpuRatio(bare, big) },
  { what: "2 KB: CPU ÷ a receiver that syncs each row", most: 2.9, measure: () => cpuRatio(plain, small) },
  { what: "handler ÷ JSON.parse, base64 and SHA-256", most: 1.6, measure: medianHandlerOverFloor },
];

const broken: string[] = [];
for (const { what, most, measure } of bounds) {
  const ratio = await measure();
  process.stdout.write(`${what}: ${ratio.toFixed(2)}, at most ${most}\n`);
  if (!(ratio <= most)) broken.push(what);
}
for (const peer of [gatepost, bare, plain]) await peer.end();
await rm(data, { recursive: true });
process.stdout.write(
  broken.length === 0 ? "no measure is beyond its bound\n" : `beyond its bound: ${broken.join("; ")}\n`,
);
if (broken.length > 0) process.exitCode = 1;

/** The least of some rounds in turns: what else the machine does only adds. */
async function cpuRatio(other: Peer, load: Load): Promise<number> {
  const [ours, theirs]: [number[], number[]] = [[], []];
  for (let round = -1; round < rounds; round++) {
    const [one, two] = [await deliver(gatepost, load), await deliver(other, load)];
    if (round < 0) continue;
    ours.push(one.cpu);
    theirs.push(two.cpu);
  }
  return Math.min(...ours) / Math.min(...theirs);
}
