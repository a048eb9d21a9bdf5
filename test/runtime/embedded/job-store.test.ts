import { setImmediate as nextTurn } from "node:timers/promises";
import { Reserve, Writer } from "@gatepost/sqlite";
import { expect, it } from "vitest";
import { openDatabase } from "../../../packages/embedded/src/db/database.ts";
import { SqliteJobStore } from "../../../packages/embedded/src/jobs/store.ts";
import { noon, replayJob } from "../../contract/samples.ts";
import { keptLog } from "../../unit/http/support.ts";

it("a job that is ended twice at once is said to have ended only when it is gone from the log of the database", async () => {
  using database = openDatabase(":memory:");
  const { promise: emptying, resolve: isEmptying } = Promise.withResolvers<void>();
  const { promise: room, resolve: goOn } = Promise.withResolvers<void>();
  const writer = new Writer(database, {
    async quietly(work) {
      isEmptying();
      await room;
      return work();
    },
  });
  const store = new SqliteJobStore(database, writer, {
    ...{ reserve: new Reserve("/nowhere"), log: keptLog().log, clock: () => noon },
  });
  const job = replayJob("ended");
  await store.create(job, { ofKey: 10, inAll: null, aDay: null, results: null });
  const done = { ...job, state: "done" as const, endedAt: noon };
  const first = store.advance(job, done);
  await emptying;
  expect(await store.advance(job, { ...done, state: "stopped" })).toBe(false);
  let isGone = false;
  const told = store.get(job.id).then((found) => [found?.state, isGone]);
  await nextTurn();
  isGone = true;
  goOn();
  expect([await first, await told]).toEqual([true, ["done", true]]);
});
