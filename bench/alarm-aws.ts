import { setTimeout as pause } from "node:timers/promises";
import { client, FeedReader } from "@gatepost/client";
import { folderOf } from "../scripts/synth/graph.ts";
import { staleDynamo } from "../test/standins/stale-dynamo.ts";
import { Box, Client } from "../test/support/client.ts";
import { history } from "../test/support/reports.ts";
import { rehearse } from "../test/system/rehearsal/rehearsal.ts";

/*
 * How long after its report the alarm of a blacklisted person reaches a page of the rehearsed deployment. The page asks
 * every second, as it does for a minute after something new. The indexes lag by so many ms:
 * npm run synth -- --stage test && npm run bench -- alarm-aws 2000
 */
const lagMs = Number(process.argv[3] ?? 0);
const alarms = 100;

await using opened = new AsyncDisposableStack();
const rehearsal = await rehearse(folderOf("test"), {
  async between(services) {
    if (lagMs === 0) return services;
    const stale = opened.adopt(await staleDynamo(services.dynamo), (server) => server.close());
    stale.lagMs = lagMs;
    return { ...services, dynamo: stale.url };
  },
});
const { url, admin } = rehearsal;
const { token } = await new Client({ url, admin }).createKey("gate-1");
const box = new Box(url, token);
const rings = new Map<string, () => void>();
const begun = Promise.withResolvers<void>();
const reader = new FeedReader({
  client: client({ url, token: admin }),
  waits: async () => false,
  listener: { event: ({ person }) => rings.get(person.id ?? "")?.(), missed: () => begun.resolve() },
});
reader.start();
await begun.promise;
const took: number[] = [];
for (let n = 0; n < alarms; n++) {
  await pause(1000 * Math.random());
  const rang = Promise.withResolvers<void>();
  rings.set(`banned-${n}`, rang.resolve);
  const sent = performance.now();
  await box.post("/HistoryEvent", history({ identity_id: `banned-${n}`, timestamp: Date.now() }, { person_type: 3 }));
  await rang.promise;
  took.push(performance.now() - sent);
}
reader.close();
await rehearsal.stop();
took.sort((one, other) => one - other);
const at = (share: number) => Math.round(took[Math.ceil(share * took.length) - 1] ?? Number.NaN);
process.stdout.write(
  `blacklisted person, rehearsed deployment, indexes ${lagMs} ms behind: sent → a page knows, ms: p50 ${at(0.5)}, p99 ${at(0.99)}\n`,
);
