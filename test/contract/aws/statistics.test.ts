import { awsTally } from "../../../packages/aws/src/runtime/tally.ts";
import { environmentOf, onStandIns, patient } from "../../standins/aws.ts";
import { followStream } from "../../standins/stream.ts";
import { statistics } from "../../system/blackbox/statistics.ts";
import { runtimeOn } from "./runtime.ts";
import { served } from "./served.ts";

onStandIns((standIns) => {
  statistics("AWS", async () => {
    const deps = await runtimeOn(standIns, { streams: true, clock: Date.now });
    const running = await served(deps);
    const { clients, names, ingest } = deps;
    const tally = awsTally(environmentOf(names), { clients, limits: patient, log: ingest.log });
    const take = async ({ shard, Records }: { shard: string; Records: object[] }) => {
      await tally({ shardId: shard, Records });
    };
    const stream = await followStream({ url: standIns.dynamo.url, table: names.table }, take);
    return {
      ...running,
      async stop() {
        await stream.stop();
        await running.stop();
        await deps.close();
      },
    };
  });
});
