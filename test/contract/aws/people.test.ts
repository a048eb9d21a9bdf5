import { setTimeout as sleep } from "node:timers/promises";
import { awsTally } from "../../../packages/aws/src/runtime/tally.ts";
import { environmentOf, onStandIns, patient } from "../../standins/aws.ts";
import { StreamReader } from "../../standins/stream.ts";
import { plainPasswords } from "../../support/plain-passwords.ts";
import { factorPolicy } from "../../system/blackbox/factor-policy.ts";
import { factors } from "../../system/blackbox/factors.ts";
import { passkeys } from "../../system/blackbox/passkeys.ts";
import { people } from "../../system/blackbox/people.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";
import { served } from "./served.ts";

onStandIns((standIns) => {
  const start = async () => {
    const deps = await runtimeOn(standIns, { streams: true });
    const running = await served({ ...deps, reads: { ...deps.reads, passwords: plainPasswords } });
    const endNotes = notePeople(deps);
    const stop = async () => {
      await running.stop();
      await endNotes();
      await deps.close();
    };
    return { ...running, stop };
  };
  people("AWS", start, { isHttps: true });
  factors("AWS", start, { isHttps: true });
  passkeys("AWS", start, { isHttps: true });
  factorPolicy("AWS", start, { isHttps: true });
});

/** Notes people by the stream of the table, as the function of the tally does. */
function notePeople({ names, clients, ingest: { log } }: TestRuntime): () => Promise<void> {
  const tally = awsTally(environmentOf(names), { clients, limits: patient, log });
  const stream = new StreamReader({ url: process.env["AWS_ENDPOINT_URL_DYNAMODB"] ?? "", table: names.table });
  let isOver = false;
  const noting = (async () => {
    while (!isOver) {
      for (const { shard, Records } of await stream.read()) await tally({ shardId: shard, Records });
      await sleep(50);
    }
  })();
  return () => {
    isOver = true;
    return noting;
  };
}
