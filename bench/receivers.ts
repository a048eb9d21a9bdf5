import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bigReport, smallReport } from "./body.ts";
import { startFlask } from "./flask.ts";
import { deliver, type Load, type Measured, type Peer, pathOf, start, startGatepost } from "./peer.ts";
import { spread } from "./ratio.ts";

const rounds = 5;

/** Rounds that are not counted: until then the compiler is still at work, most of all on the larger program. */
const warmUps = 3;

const big: Load = { make: bigReport, count: 300, connections: 16 };
const small: Load = { make: smallReport, count: 3000, connections: 64 };

/** CPU and durable reports a second, of Gatepost and of others, all in turns. */
export async function receivers(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), "gatepost-bench-"));
  const flask = await startFlask();
  const peers = {
    gatepost: await startGatepost(join(data, "gatepost")),
    bare: await start(process.execPath, [pathOf("peers/bare.ts")]),
    plain: await start(process.execPath, [pathOf("peers/plain.ts"), data]),
    ...(typeof flask === "string" ? {} : { flask }),
  };
  try {
    const lines = [await compare("480 KB", big, peers), await compare("2 KB", small, peers)];
    return [...lines, ...(typeof flask === "string" ? [flask] : [])].join("\n");
  } finally {
    for (const peer of Object.values(peers)) await peer.end();
    await rm(data, { recursive: true });
  }
}

async function compare(size: string, load: Load, peers: Record<string, Peer>): Promise<string> {
  const measured = new Map<string, Measured[]>(Object.keys(peers).map((name) => [name, []]));
  for (let round = -warmUps; round < rounds; round++) {
    for (const [name, peer] of Object.entries(peers)) {
      const one = await deliver(peer, load);
      if (round >= 0) measured.get(name)?.push(one);
    }
  }
  const ours = measured.get("gatepost") ?? [];
  const others = [...measured].filter(([name]) => name !== "gatepost");
  return others.map(([name, theirs]) => line({ size, load, name, ours, theirs })).join("\n");
}

interface Compared {
  size: string;
  load: Load;
  name: string;
  ours: readonly Measured[];
  theirs: readonly Measured[];
}

function line({ size, load, name, ours, theirs }: Compared): string {
  const ratio = (of: keyof Measured) => spread(ours.map((one, at) => one[of] / (theirs[at]?.[of] ?? Number.NaN)));
  const what = `${size}, ${load.connections} connections, ÷ ${name} receiver`;
  return `${what}: CPU a report ${ratio("cpu")}, durable reports/s ${ratio("rate")}`;
}

if (import.meta.main) process.stdout.write(`${await receivers()}\n`);
