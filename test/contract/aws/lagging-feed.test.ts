import { setTimeout as pause } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { shardFor, shardsOf } from "../../../packages/aws/src/dynamo/lists.ts";
import { onStandIns, type StandIns, tableOf } from "../../standins/aws.ts";
import { type StaleDynamo, staleDynamo } from "../../standins/stale-dynamo.ts";
import { noon, upsert } from "../samples.ts";
import { before, countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const shards = shardsOf("changes");
const id = (event: string) => upsert(event).eventId;
const shardOf = (event: string) => shardFor("changes", id(event));

onStandIns((standIns) => {
  let stale: StaleDynamo;
  let direct: string | undefined;
  beforeAll(async () => {
    stale = await staleDynamo(standIns.dynamo.url);
    direct = process.env["AWS_ENDPOINT_URL_DYNAMODB"];
  });
  afterEach(() => {
    stale.go();
    process.env["AWS_ENDPOINT_URL_DYNAMODB"] = direct;
  });
  afterAll(() => stale.close());
  const lagging: Pick<StandIns, "fresh"> = {
    async fresh(options) {
      const { names } = await standIns.fresh(options);
      process.env["AWS_ENDPOINT_URL_DYNAMODB"] = stale.url;
      return { clients: stale.connect(), names };
    },
  };

  describe("the feed of changes with a lagging index", () => {
    let deps: TestRuntime;
    let cursor: string | null;
    beforeEach(async () => {
      deps = await runtimeOn(lagging);
      cursor = null;
    });
    afterEach(() => deps.close());

    const write = (event: string) => deps.ingest.index.upsert(upsert(event));
    /** Reads on to the end, at a time after noon (ms), and gives the events. */
    const readAt = async (time: number, limit = 2) => {
      deps.setClock(noon + time);
      const ids: string[] = [];
      for (let pages = 0; pages < 100; pages++) {
        const { items, next, isEnd } = await deps.reads.feed.read(cursor, limit);
        ids.push(...items.map(({ event }) => event.id));
        cursor = next;
        if (isEnd) return ids;
      }
      return expect.fail("the feed has no end");
    };
    it.each([0, 60_000])("skips no event of an index that lags by minutes, first read %i ms before", async (ms) => {
      await readAt(-ms);
      stale.stop();
      deps.setClock(noon);
      for (const event of ["a", "b", "c"]) await write(event);
      for (const time of [1000, 12_000, 60_000, 120_000, 180_000]) expect(await readAt(time)).toEqual([]);
      stale.go();
      expect(await readAt(181_000)).toEqual(["a", "b", "c"].map(id));
      expect(await readAt(260_000)).toEqual([]);
    });

    it("skips no event of a lagging shard, and still returns events of other shards", async () => {
      const events = Array.from({ length: 10 }, (_, n) => `event ${n}`);
      const isLate = (event: string) => shardOf(event) === shardOf("event 0");
      await readAt(-60_000);
      stale.stop([shardOf("event 0")]);
      deps.setClock(noon);
      for (const event of events) await write(event);
      const others = events.filter((event) => !isLate(event));
      for (const time of [1000, 60_000, 120_000]) expect(new Set(await readAt(time))).toEqual(new Set(others.map(id)));
      stale.go();
      expect(new Set(await readAt(121_000))).toEqual(new Set(events.map(id)));
      expect(await readAt(200_000)).toEqual([]);
    });

    it("has an end before all events that it does not show yet", async () => {
      await readAt(-60_000);
      stale.stop();
      deps.setClock(noon);
      await write("a");
      deps.setClock(noon + 100_000);
      cursor = await deps.reads.feed.end();
      stale.go();
      expect(await readAt(101_000)).toEqual([id("a")]);
    });

    it("reaches its end page by page while a heartbeat is missing", async () => {
      for (let n = 0; n < 7; n++) await write(`${n}`);
      stale.stop(shards.slice(0, 1));
      const ids = await readAt(100_000);
      expect(ids.length).toBeGreaterThan(4);
      expect(await readAt(130_000)).toEqual(ids);
      stale.go();
      expect(new Set(await readAt(140_000))).toEqual(new Set(Array.from({ length: 7 }, (_, n) => id(`${n}`))));
      expect(await readAt(200_000)).toEqual([]);
    });

    it("reads one row while nothing changes", async () => {
      await write("a");
      for (const time of [60_000, 61_000]) await readAt(time);
      const calls = countCalls(deps.clients);
      for (const time of [62_000, 180_000, 1_800_000]) expect(await readAt(time)).toEqual([]);
      expect(calls).toEqual({ GetItemCommand: 3 });
      expect(await readAt(7_200_000)).toEqual([]);
    });

    it("finds a change within half an hour whose process ended before it raised the head", async () => {
      await write("a");
      for (const time of [60_000, 61_000]) await readAt(time);
      before(deps.clients.dynamo, "UpdateItemCommand", "feed head", () => Promise.reject(new Error("the end")));
      deps.setClock(noon + 70_000);
      await expect(write("b")).rejects.toThrow();
      expect(await readAt(180_000)).toEqual([]);
      expect(await readAt(2_000_000)).toEqual([id("b")]);
    });

    it("reads one row soon after the last of many changes", async () => {
      for (let second = 0; second < 60; second += 7) {
        deps.setClock(noon + second * 1000);
        await write(`${second}`);
        await readAt(second * 1000, 100);
      }
      for (let second = 60; second < 90; second++) await readAt(second * 1000, 100);
      const calls = countCalls(deps.clients);
      expect(await readAt(90_000)).toEqual([]);
      expect(calls).toEqual({ GetItemCommand: 1 });
    });

    it("finds a change of a process whose clock is behind, after a quiet time", async () => {
      await write("a");
      for (const time of [60_000, 61_000, 62_000]) await readAt(time);
      deps.setClock(noon + 600_000 - 5000);
      await write("b");
      expect(await readAt(600_000)).toEqual([id("b")]);
    });

    it("finds the changes of a process that writes the head once in 5 s", async () => {
      await write("a");
      for (const time of [60_000, 61_000, 62_000]) await readAt(time);
      deps.setClock(noon + 100_000);
      await write("b");
      const calls = countCalls(deps.clients);
      deps.setClock(noon + 104_999);
      await write("c");
      expect(calls).toMatchObject({ UpdateItemCommand: 1 });
      expect(new Set(await readAt(105_000))).toEqual(new Set(["b", "c"].map(id)));
      deps.setClock(noon + 105_000);
      await write("d");
      expect((await tableOf(deps).get("feed head"))?.["newest"]).toBe(noon + 105_000);
      expect(await readAt(106_000)).toContain(id("d"));
    });

    it("looks for changes if the head is ahead of the clock, or broken", async () => {
      await write("a");
      for (const newest of [noon + 3_600_000, "now"]) {
        await tableOf(deps).update({ pk: "feed head", set: { newest } });
        cursor = null;
        expect(await readAt(60_000)).toEqual([id("a")]);
        expect(await readAt(61_000)).toEqual([]);
      }
    });

    it("renews each heartbeat once if a change of a minute ago is not settled", async () => {
      await write("a");
      const calls = countCalls(deps.clients);
      expect(await readAt(60_000)).toEqual([id("a")]);
      expect(calls).toMatchObject({ UpdateItemCommand: shards.length });
      expect(await readAt(61_000)).toEqual([]);
      expect(calls).toMatchObject({ UpdateItemCommand: shards.length });
    });

    it("is not settled by a heartbeat ahead of the clock, which the next reader corrects", async () => {
      await write("a");
      await readAt(600_000);
      deps.setClock(noon + 60_000);
      await write("b");
      stale.stop();
      cursor = null;
      for (const time of [90_000, 120_000]) expect(await readAt(time)).toEqual(["a", "b"].map(id));
      stale.go();
      expect(await readAt(121_000)).toEqual(["a", "b"].map(id));
      expect(await readAt(122_000)).toEqual([]);
    });

    it("is read, though not settled, if its heartbeats cannot be renewed", async () => {
      await write("a");
      deps.clients.dynamo.middlewareStack.add(
        (next, { commandName }) =>
          (args) => {
            if (commandName === "UpdateItemCommand") throw new Error("not allowed");
            return next(args);
          },
        { step: "initialize" },
      );
      for (const time of [60_000, 61_000]) expect(await readAt(time)).toEqual([id("a")]);
      const warning = { level: "warn", message: "could not renew a heartbeat of the feed" };
      expect(deps.lines).toMatchObject([{ ...warning, facts: { cause: { message: "not allowed" } } }]);
    });
  });

  describe("a reader that only asks for the feed", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(lagging, { clock: Date.now });
    });
    afterEach(() => deps.close());

    it("gets all events and news of 20 writers while the index stops for seconds", async () => {
      const [writers, each] = [20, 12];
      const events = new Set<string>();
      const seen = new Set<string>();
      const missed: string[] = [];
      let cursor = await deps.reads.feed.end();
      const readOn = async () => {
        const { items, news, next } = await deps.reads.feed.read(cursor, 50);
        for (const { event } of items) events.add(event.id);
        const told = news.map((one) => one.told);
        for (const event of told.flatMap((one) => (one.kind === "acknowledged" ? one.events : []))) seen.add(event);
        if (told.some(({ kind }) => kind === "missed")) missed.push(cursor);
        cursor = next;
      };
      let isWriting = true;
      const write = async (writer: number) => {
        for (let n = 0; n < each; n++) {
          const entry = upsert(`${writer} ${n}`, { now: Date.now() });
          await deps.ingest.index.upsert(entry);
          await deps.reads.seen.mark(entry.eventId, { id: "acc_1", name: null });
          await pause(100 + 10 * writer);
        }
      };
      const stopping = (async () => {
        for (const stopped of [shards.slice(0, 8), shards]) {
          await pause(700);
          stale.stop(stopped);
          await pause(1500);
          stale.go();
        }
      })();
      const reading = (async () => {
        while (isWriting) await readOn().then(() => pause(100));
      })();
      await Promise.all([stopping, ...Array.from({ length: writers }, (_, writer) => write(writer))]);
      isWriting = false;
      await reading;
      await expect.poll(() => readOn().then(() => [events.size, seen.size])).toEqual([writers * each, writers * each]);
      expect(missed).toEqual([]);
    });
  });

  describe("the watch over the index of changes", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(lagging);
    });
    afterEach(() => deps.close());

    /** Watches once a minute, and returns the log lines about the lag. */
    const watchUntil = async (from: number, to: number) => {
      for (let minute = from; minute <= to; minute++) {
        deps.setClock(noon + minute * 60_000);
        await deps.reads.feed.heartbeats.watch();
      }
      return deps.lines.map(({ level, message, facts }) => ({ level, message, facts }));
    };

    it("logs nothing and renews each heartbeat every five minutes while the index is current", async () => {
      const calls = countCalls(deps.clients);
      expect(await watchUntil(0, 14)).toEqual([]);
      expect(calls).toEqual({ QueryCommand: 15 * shards.length, UpdateItemCommand: 3 * shards.length });
    });

    it("logs the lag of an index that lacks one heartbeat, until it shows it", async () => {
      await watchUntil(0, 2);
      stale.stop([shards[7] ?? ""]);
      const error = { level: "error", message: "the index of changes lags" };
      const minutes = [6, 7, 8].map((minute) => ({ ...error, facts: { seconds: minute * 60 } }));
      expect(await watchUntil(3, 8)).toEqual(minutes);
      stale.go();
      expect(await watchUntil(9, 20)).toEqual(minutes);
    });

    it("logs how long an index has shown no heartbeat at all", async () => {
      stale.stop();
      expect(await watchUntil(0, 2)).toMatchObject([{ facts: { seconds: 60 } }, { facts: { seconds: 120 } }]);
    });

    it.each([{ since: "monday" }, { changed: "~ monday" }])("replaces a heartbeat that is %j", async (broken) => {
      await watchUntil(0, 0);
      await tableOf(deps).update({ pk: `beat ${shards[0]}`, set: broken });
      await watchUntil(6, 7);
      expect(await deps.reads.feed.heartbeats.oldest()).toBe(noon + 6 * 60_000);
    });
  });
});
