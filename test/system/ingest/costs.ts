import { bombsOf, fullSize, ordinary, type Sent } from "../../support/bombs.ts";
import { deliver } from "../../support/ends.ts";

/* Prints what it costs to take each of some bodies, as JSON: CPU in ms, the least of three times. */

async function cost({ body, headers }: Sent): Promise<number> {
  const before = process.cpuUsage();
  await deliver(body, { headers });
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

const costs: [name: string, ms: number][] = [];
for (const sent of [ordinary, ...bombsOf(fullSize)]) {
  costs.push([sent.name, Math.min(await cost(sent), await cost(sent), await cost(sent))]);
}
process.stdout.write(JSON.stringify(costs));
