import { awsTally } from "../../../packages/aws/src/runtime/tally.ts";
import { environmentOf, onStandIns, patient } from "../../standins/aws.ts";
import { engine } from "../../standins/dynamo.ts";
import { StreamReader } from "../../standins/stream.ts";
import { rounds } from "../../support/seeded.ts";
import { presenceContract } from "../presence.ts";
import { runtimeOn } from "./runtime.ts";

onStandIns((standIns) => {
  presenceContract(
    "AWS",
    async (clock) => {
      const deps = await runtimeOn(standIns, { streams: true, clock });
      const { names, clients, ingest } = deps;
      const tally = awsTally(environmentOf(names), { clients, limits: patient, log: ingest.log, clock });
      const stream = new StreamReader({ url: process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "", table: names.table });
      const settle = async () => {
        for (const { shard, Records } of await stream.read()) await tally({ shardId: shard, Records });
      };
      return { ...deps, settle };
    },
    // DynamoDB Local takes some ten seconds for a round.
    { rounds: engine === "memory" ? rounds(30) : 5, keptDays: 100 },
  );
});
