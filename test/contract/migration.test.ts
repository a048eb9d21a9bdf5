import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { hashToken, newToken } from "@gatepost/ingest";
import { expect, it } from "vitest";
import { awsTally } from "../../packages/aws/src/runtime/tally.ts";
import { MigrationProgress } from "../../packages/cli/src/migrate/progress.ts";
import { serve } from "../../packages/embedded/src/http/server.ts";
import { temporaryFolder, temporaryRuntime } from "../runtime/embedded/temporary.ts";
import { environmentOf, onMotoOrStandIns, patient } from "../standins/aws.ts";
import { StreamReader } from "../standins/stream.ts";
import { runtimeOn } from "./aws/runtime.ts";
import { served } from "./aws/served.ts";
import { earlierExportContract } from "./earlier-export.ts";
import { migrationContract, type TargetUnderTest } from "./migration.ts";

/** Notes what is put on a bus, and puts it there. */
function listening(ingest: TargetUnderTest["ingest"]): unknown[] {
  const told: unknown[] = [];
  const put = ingest.bus.put.bind(ingest.bus);
  ingest.bus = {
    put: async (entry) => {
      told.push(entry);
      await put(entry);
    },
  };
  return told;
}

async function onOneMachine(clock: () => number): Promise<TargetUnderTest> {
  const { runtime, close } = await temporaryRuntime({ clock });
  const told = listening(runtime.ingest);
  const server = await serve(runtime, { host: "127.0.0.1", port: 0 });
  const admin = newToken("admin");
  await runtime.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
  return {
    ...{ url: `http://127.0.0.1:${server.port}`, admin, ingest: runtime.ingest, reads: runtime.reads },
    told: () => told,
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
    const told = listening(runtime.ingest);
    const { url, admin, stop } = await served(runtime);
    const tally = awsTally(environmentOf(names), { clients, limits: patient, log: runtime.ingest.log, clock });
    const stream = new StreamReader({ url: process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "", table: names.table });
    return {
      ...{ url, admin, ingest: runtime.ingest, reads: runtime.reads },
      told: () => told,
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

it("a migration that was begun before it was noted by which names an event is erased begins anew", async () => {
  const { path, remove } = await temporaryFolder();
  const before = new DatabaseSync(join(path, "migration.db"));
  before.exec(`CREATE TABLE place (target TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;
    CREATE TABLE taken (kind TEXT NOT NULL, id TEXT NOT NULL, expires_at INTEGER NOT NULL,
      PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID; INSERT INTO place VALUES ('http://there', 7)`);
  before.close();
  for (const expected of [0, 9]) {
    using progress = new MigrationProgress(path, "http://there");
    progress.begin();
    expect(progress.revision).toBe(expected);
    progress.note([], 9);
  }
  await remove();
});
