import { hashToken, newToken } from "@gatepost/core/keys";
import { awsTally } from "../../packages/aws/src/runtime/tally.ts";
import { serve } from "../../packages/embedded/src/http/server.ts";
import { temporaryRuntime } from "../runtime/embedded/temporary.ts";
import { environmentOf, onMotoOrStandIns, patient } from "../standins/aws.ts";
import { StreamReader } from "../standins/stream.ts";
import { runtimeOn } from "./aws/runtime.ts";
import { served } from "./aws/served.ts";
import { earlierExportContract } from "./earlier-export.ts";
import { migrationContract, type TargetUnderTest } from "./migration.ts";

/** Records every entry that is put on a bus, and puts it there. */
function listening(ingest: TargetUnderTest["ingest"]): unknown[] {
  const notices: unknown[] = [];
  const put = ingest.bus.put.bind(ingest.bus);
  ingest.bus = {
    put: async (entry) => {
      notices.push(entry);
      return put(entry);
    },
  };
  return notices;
}

async function onOneMachine(clock: () => number): Promise<TargetUnderTest> {
  const { runtime, close } = await temporaryRuntime({ clock });
  const notices = listening(runtime.ingest);
  const server = await serve(runtime, { host: "127.0.0.1", port: 0 });
  const admin = newToken("admin");
  await runtime.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
  return {
    url: `http://127.0.0.1:${server.port}`,
    admin,
    ingest: runtime.ingest,
    reads: runtime.reads,
    told: () => notices,
    settle: () => Promise.resolve(),
    async close() {
      await server.close();
      await close();
    },
  };
}

migrationContract("one machine", onOneMachine);
earlierExportContract("one machine", onOneMachine);

onMotoOrStandIns((standIns) => {
  async function onAws(clock: () => number): Promise<TargetUnderTest> {
    const runtime = await runtimeOn(standIns, { streams: true, clock });
    const { clients, names } = runtime;
    const notices = listening(runtime.ingest);
    const { url, admin, stop } = await served(runtime);
    const tally = awsTally(environmentOf(names), { clients, limits: patient, log: runtime.ingest.log, clock });
    const stream = new StreamReader({ url: process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "", table: names.table });
    return {
      url,
      admin,
      ingest: runtime.ingest,
      reads: runtime.reads,
      told: () => notices,
      async settle() {
        for (const { shard, Records } of await stream.read()) await tally({ shardId: shard, Records });
      },
      async close() {
        await stop();
        await runtime.close();
      },
    };
  }

  migrationContract("AWS", onAws);
  earlierExportContract("AWS", onAws);
});
