import { setImmediate as nextTurn } from "node:timers/promises";
import type { JobQuestion } from "@gatepost/api";
import { Jobs } from "@gatepost/core/jobs";
import { Writer } from "@gatepost/sqlite";
import { present } from "@gatepost/store";
import { expect, it } from "vitest";
import { emptyLog, openDatabase } from "../../../packages/embedded/src/db/database.ts";
import { SqliteItems } from "../../../packages/embedded/src/db/items.ts";
import { noon, replayJob } from "../../contract/samples.ts";
import { keptLog } from "../../unit/http/support.ts";

it("a job ended twice at once counts as ended once it has left the log", async () => {
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
  const clock = () => noon;
  const items = new SqliteItems(database, {
    clock,
    run: (work) => writer.run(work),
    emptyLog: () => emptyLog(database, writer),
  });
  const jobs = new Jobs<JobQuestion>({ items, log: keptLog().log, clock });
  const job = replayJob("ended");
  await jobs.create(job, { ofKey: 10, inAll: null, aDay: null, results: null });
  const done = { ...job, state: "done" as const, endedAt: noon };
  const first = jobs.advance(job, done);
  await emptying;
  let isGone = false;
  const second = jobs.advance(job, { ...done, state: "stopped" }).then((isWritten) => [isWritten, isGone]);
  const told = jobs.get(job.id).then((found) => [found?.state, isGone]);
  const listed = jobs.unfinished().then((open) => open.map(({ id }) => id));
  await nextTurn();
  isGone = true;
  goOn();
  expect(await Promise.all([first, second, told, listed])).toEqual([true, [false, true], ["done", true], []]);
});

it("an item being removed without a trace is unreadable until the log is empty", async () => {
  using database = openDatabase(":memory:");
  const { promise: durable, resolve: sync } = Promise.withResolvers<void>();
  let isEmpty = false;
  const items = new SqliteItems(database, {
    clock: () => noon,
    async run(work) {
      const result = work();
      await durable;
      return result;
    },
    async emptyLog() {
      isEmpty = true;
    },
  });
  items.writeNow({ pk: "x", set: { a: "secret" } });
  const change = { pk: "x", remove: ["a"], when: present("a"), leavesNoTrace: true } as const;
  const writes = [items.write(change), items.write(change)];
  const read = items.get("x").then((item) => [item, isEmpty]);
  await nextTurn();
  sync();
  expect(await read).toEqual([{ pk: "x" }, true]);
  expect((await Promise.all(writes)).map(({ applied }) => applied)).toEqual([true, false]);
});

it("the items with a prefix are read in key order, without expired ones", async () => {
  using database = openDatabase(":memory:");
  const writer = new Writer(database);
  const items = new SqliteItems(database, {
    clock: () => noon,
    run: (work) => writer.run(work),
    emptyLog: () => emptyLog(database, writer),
  });
  const names = Array.from({ length: 230 }, (_, n) => `note ${1000 + n}`);
  await Promise.all(names.toReversed().map((pk) => items.write({ pk })));
  for (const pk of ["not", "note", "noted", "nothing"]) await items.write({ pk });
  await items.write({ pk: "note 1100x", set: { ttl: noon / 1000 } });
  expect([...items.withPrefix("note ")].map(({ pk }) => pk)).toEqual(names);
});
