import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { sequenceAt } from "../../../packages/aws/src/dynamo/monotonic-clock.ts";
import { onGatedStandIns, onStandIns } from "../../standins/aws.ts";
import { noon, report, upsert } from "../samples.ts";
import { liveAround } from "./live-around.ts";
import { before, countCalls } from "./runtime.ts";

/** The message that Lambda sends about a batch that it gave up, with the parts that are used. */
const givenUp = (arrival: number) => {
  const approximateArrivalOfFirstRecord = new Date(noon + arrival).toISOString().replace(".000Z", "Z");
  return { body: JSON.stringify({ DDBStreamBatchInfo: { approximateArrivalOfFirstRecord, batchSize: 1 } }) };
};

/** In the query that reads changes of the first shard, and not its heartbeat: from a time on. */
const ofChanges = '{"S":"changes#0"},":from":{"S":"1';

const idOf = (event: string) => upsert(event).eventId;

onStandIns((standIns) => {
  const { live, connect, subscriber, handedOver, imageOf, write, push } = liveAround(standIns);
  const at = (time: number) => live.deps.setClock(noon + time);
  /** An event that is made so many ms after noon. */
  const madeAt = (time: number, event: string) => {
    at(time);
    return write(event, { now: noon + time });
  };
  /** A report of an event, received so many ms after noon. A report of another kind joins the event. */
  const reported = (time: number, event: string, kind: "history" | "realtime" = "history") => {
    at(time);
    return write(event, { now: noon + time, report: report({ kind, receivedAt: noon + time }) });
  };
  /** The feed gives "younger" and "last" before "older", which changed once more after them. */
  const olderBehindYounger = async () => {
    for (const [time, event] of [
      [0, "named"],
      [30_000, "older"],
      [60_000, "younger"],
      [61_000, "last"],
    ] as const)
      await reported(time, event);
    await reported(90_000, "older", "realtime");
    at(120_000);
  };
  /** @param meanwhile is called while the feed is read for the first time */
  const goingOn = async (since: string, meanwhile?: () => unknown, asked: object = {}) => {
    const connected = await connect();
    if (meanwhile) before(live.deps.clients.dynamo, "QueryCommand", ofChanges, async () => meanwhile());
    connected.socket.send(JSON.stringify({ event_list: ["*"], since: idOf(since), ...asked }));
    return connected;
  };
  /** A reader for whom the feed is being read, until `readOn` is called. */
  const readingFrom = async (since: string) => {
    const [isReading, isRead] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const one = await goingOn(since, () => {
      isReading.resolve();
      return isRead.promise;
    });
    await isReading.promise;
    return { one, readOn: () => isRead.resolve() };
  };
  /** Waits until a reader is brought up to date. Only then is an invalid configuration answered. */
  const upToDate = async ({ socket, received }: Awaited<ReturnType<typeof goingOn>>, time: number) => {
    await handedOver();
    at(time);
    socket.send("{");
    await expect.poll(() => received.at(-1)).toHaveProperty("error");
    received.pop();
  };

  describe("a returning reader of the live feed on AWS", () => {
    it("gets an event that the named one overtook, and not the named one again", async () => {
      await madeAt(0, "long ago");
      await madeAt(10_000, "overtaken");
      await madeAt(14_000, "named");
      const one = await goingOn("named");
      await upToDate(one, 33_000);
      expect(one.ids()).toEqual([idOf("overtaken")]);
    });

    it("gets an event that was pushed late in its absence, behind a newer named one", async () => {
      const late = await madeAt(0, "late");
      await madeAt(30_000, "named");
      at(40_000);
      await push(late);
      const one = await goingOn("named");
      await upToDate(one, 59_000);
      expect(one.ids()).toEqual([idOf("late")]);
    });

    it("gets a late event by the push after it has connected", async () => {
      const late = await madeAt(0, "late");
      await madeAt(30_000, "named");
      at(40_000);
      const one = await goingOn("named");
      await upToDate(one, 59_000);
      expect(one.ids()).toEqual([]);
      await push(late);
      await expect.poll(() => one.ids()).toEqual([idOf("late")]);
    });

    it("gets a late event that is published before the publisher knows the reader", async () => {
      const late = await madeAt(0, "late");
      await madeAt(30_000, "named");
      await madeAt(39_000, "next");
      at(40_000);
      const one = await goingOn("named");
      await expect.poll(() => one.ids()).toEqual([idOf("next")]);
      await handedOver();
      await inIndex(false);
      await push(late);
      await inIndex(true);
      await upToDate(one, 59_000);
      expect(one.ids()).toEqual([idOf("next"), idOf("late")]);
    });

    it("gets no old event for a gap that ended before its named event was made", async () => {
      const late = await madeAt(0, "late");
      at(10_000);
      await push(late);
      await madeAt(180_000, "named");
      await madeAt(181_000, "next");
      const one = await goingOn("named");
      await upToDate(one, 200_000);
      expect(one.ids()).toEqual([idOf("next")]);
    });

    it("gets no pushed event before all missed ones, and reconnects if that takes too long", async () => {
      for (const event of ["named", "missed"]) await madeAt(10_000, event);
      at(11_000);
      const { one, readOn } = await readingFrom("named");
      await push(await madeAt(22_000, "pushed while it was read"));
      expect(one.ids()).toEqual([]);
      readOn();
      await one.closed;
      expect(one.ids()[0]).toBe(idOf("missed"));
      const again = await goingOn("missed");
      await upToDate(again, 42_000);
      expect(again.ids()).toContain(idOf("pushed while it was read"));
    });

    it("is disconnected by the push if its catch-up was killed, and misses nothing", async () => {
      for (const event of ["named", "missed"]) await madeAt(10_000, event);
      at(11_000);
      const { one, readOn } = await readingFrom("named");
      await push(await madeAt(51_000, "while it may be at work"));
      expect(live.api.open.size).toBe(1);
      await push(await madeAt(52_000, "after that"));
      await one.closed;
      readOn();
      expect(one.ids()).toEqual([]);
      const again = await goingOn("named");
      await upToDate(again, 71_000);
      expect(again.ids()).toEqual(["missed", "while it may be at work", "after that"].map(idOf));
    });

    /** A reader that the publisher has taken over while its catch-up is killed. */
    const leftBehind = async () => {
      await madeAt(0, "named");
      at(20_000);
      const one = await goingOn("named");
      await handedOver();
      const [isAsleep, isEnded] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      // The next reading of the feed: nothing is newer than its head.
      before(live.deps.clients.dynamo, "GetItemCommand", "feed head", () => {
        isAsleep.resolve();
        return isEnded.promise;
      });
      await isAsleep.promise;
      await push(await madeAt(21_000, "owed"));
      return { one, letGo: () => isEnded.resolve() };
    };

    it("is disconnected if its catch-up was killed after the handover, and misses nothing", async () => {
      const { one, letGo } = await leftBehind();
      await push(await madeAt(45_000, "pushed"));
      await expect.poll(() => one.ids()).toEqual([idOf("pushed")]);
      await push(await madeAt(61_000, "later"));
      await one.closed;
      expect(one.ids()).toEqual([idOf("pushed")]);
      letGo();
      const again = await goingOn("pushed");
      await upToDate(again, 80_000);
      expect(again.ids()).toEqual(["owed", "later"].map(idOf));
    });

    it("is disconnected at its next ping if no event follows", async () => {
      const { one, letGo } = await leftBehind();
      at(61_000);
      const [connectionId] = live.api.open.keys();
      await live.handlers.message({ requestContext: { connectionId }, body: "ping" });
      await one.closed;
      expect(one.ids()).toEqual([]);
      letGo();
    });

    it("stays connected after it was brought up to date", async () => {
      await madeAt(0, "named");
      at(20_000);
      const one = await goingOn("named");
      await upToDate(one, 39_000);
      for (const [n, event] of ["first", "second"].entries()) await push(await madeAt(100_000 + n, event));
      await expect.poll(() => one.ids()).toEqual(["first", "second"].map(idOf));
      expect(live.api.open.size).toBe(1);
    });

    /** Has each message from the n-th on take 13 s. */
    const slowFrom = (n: number, begin: number) => {
      const { allows } = live.api;
      let time = begin;
      live.api.allows = (request) => {
        if (request.method === "POST" && live.api.posted.length + 1 >= n) {
          time += 13_000;
          at(time);
        }
        return allows(request);
      };
      return () => {
        live.api.allows = allows;
        return time;
      };
    };

    it("is disconnected in the middle of a slow page, and misses nothing of it", async () => {
      await madeAt(0, "named");
      for (const [n, event] of ["first", "second", "third"].entries()) await madeAt(30_000 + n * 20_000, event);
      at(120_000);
      const end = slowFrom(1, 120_000);
      const one = await goingOn("named");
      await one.closed;
      expect(one.ids()).toEqual(["first", "second"].map(idOf));
      const time = end();
      const again = await goingOn("second");
      await upToDate(again, time + 19_000);
      expect(again.ids()).toEqual([idOf("third")]);
    });

    it("gets all of a slow page again if the pages before it were complete", async () => {
      await reported(0, "old");
      await reported(60_000, "named");
      for (let n = 1; n < 50; n++) await reported(60_000 + n, `e${n}`);
      await reported(90_000, "old", "realtime");
      await reported(91_000, "behind it");
      await reported(92_000, "last");
      at(120_000);
      const end = slowFrom(51, 120_000);
      const one = await goingOn("named", undefined, { updates: true });
      await one.closed;
      expect(one.ids().slice(50)).toEqual(["old", "behind it"].map(idOf));
      const time = end();
      const again = await goingOn("behind it", undefined, { updates: true });
      await upToDate(again, time + 19_000);
      expect(again.ids()).toEqual(["old", "behind it", "last"].map(idOf));
    });

    it.each([1, 2, 3])("misses nothing if it is cut off at message %i, before an older event", async (n) => {
      await olderBehindYounger();
      const one = await goingOn("named");
      const seen: unknown[] = [];
      one.socket.on("message", (data) => {
        if (seen.length < n) seen.push(JSON.parse(data.toString()).event_id);
        if (seen.length === n) one.socket.terminate();
      });
      await one.closed;
      expect(seen).toEqual(["younger", "last", "older"].slice(0, n).map(idOf));
      const again = await connect();
      again.socket.send(JSON.stringify({ event_list: ["*"], since: seen.at(-1) }));
      await upToDate(again, 139_000);
      expect(new Set([...seen, ...again.ids()])).toEqual(new Set(["older", "younger", "last"].map(idOf)));
    });

    it.each([1, 2, 3])("misses nothing at the cursor of message %i, for which no row is written", async (n) => {
      await olderBehindYounger();
      const one = await goingOn("named");
      await upToDate(one, 139_000);
      expect(one.ids()).toEqual(["younger", "last", "older"].map(idOf));
      const [got, since] = [one.ids().slice(0, n), one.received[n - 1]?.["cursor"]];
      const again = await connect();
      const calls = countCalls(live.deps.clients);
      again.socket.send(JSON.stringify({ event_list: ["*"], since }));
      await upToDate(again, 158_000);
      expect([...got, ...again.ids()]).toEqual(["younger", "last", "older"].map(idOf));
      // The configuration, the handover, its end, and a heartbeat of each shard.
      expect(calls["UpdateItemCommand"]).toBeLessThanOrEqual(3 + 16);
    });

    it("gets an event that the stream gave up, at the cursor of a later message", async () => {
      const one = await subscriber();
      await madeAt(0, "left out");
      await push(await madeAt(30_000, "pushed"));
      await expect.poll(() => one.ids()).toEqual([idOf("pushed")]);
      at(40_000);
      await live.handlers.reset({ Records: [givenUp(1000)] });
      await one.closed;
      const again = await connect();
      again.socket.send(JSON.stringify({ event_list: ["*"], since: one.received[0]?.["cursor"] }));
      await upToDate(again, 59_000);
      expect(again.ids()).toEqual([idOf("left out")]);
    });

    it("gets its missed events at the cursor of a message pushed during catch-up", async () => {
      const { one, letGo } = await leftBehind();
      await push(await madeAt(45_000, "pushed"));
      await expect.poll(() => one.ids()).toEqual([idOf("pushed")]);
      one.socket.terminate();
      letGo();
      const again = await connect();
      again.socket.send(JSON.stringify({ event_list: ["*"], since: one.received[0]?.["cursor"] }));
      await upToDate(again, 64_000);
      expect(again.ids()).toEqual([idOf("owed")]);
    });

    it("gets a cursor at the end of an empty search, and no event twice", async () => {
      await madeAt(0, "named");
      await madeAt(1000, "of another box");
      at(40_000);
      const asked = { form: "event", boxes: ["no box"] };
      const one = await goingOn("named", () => at(48_000), asked);
      await one.closed;
      expect(one.received).toEqual([{ cursor: expect.any(String) }]);
      const again = await connect();
      again.socket.send(JSON.stringify({ event_list: ["*"], ...asked, since: one.received[0]?.["cursor"] }));
      await handedOver();
      at(67_000);
      await expect.poll(() => again.received).toEqual([{ caughtUp: true, cursor: expect.any(String) }]);
      const last = await connect();
      last.socket.send(JSON.stringify({ event_list: ["*"], since: again.received[0]?.["cursor"] }));
      await upToDate(last, 86_000);
      expect(last.ids()).toEqual([]);
    });

    it("continues an empty search at the same cursor on its next connection", async () => {
      const begun = await subscriber();
      await push(await madeAt(0, "pushed"));
      await expect.poll(() => begun.ids()).toEqual([idOf("pushed")]);
      const since = begun.received[0]?.["cursor"];
      begun.socket.terminate();
      await madeAt(20_000, "of another box");
      at(60_000);
      const looked: string[] = [];
      const asked = { event_list: ["*"], boxes: ["no box"], since };
      const { dynamo } = live.deps.clients;
      before(dynamo, "BatchGetItemCommand", idOf("of another box"), async () => void looked.push("at 60 s"));
      before(dynamo, "QueryCommand", ofChanges, async () => at(68_000));
      const one = await connect();
      one.socket.send(JSON.stringify(asked));
      await one.closed;
      expect([one.received, looked]).toEqual([[], ["at 60 s"]]);
      at(90_000);
      before(dynamo, "BatchGetItemCommand", idOf("of another box"), async () => void looked.push("at 90 s"));
      const again = await connect();
      again.socket.send(JSON.stringify(asked));
      await upToDate(again, 109_000);
      expect([again.ids(), looked]).toEqual([[], ["at 60 s"]]);
    });

    it("gets only newer events when it returns after it was up to date", async () => {
      await reported(0, "named");
      for (const [n, event] of ["one", "two", "three"].entries()) await reported(30_000 + n, event);
      at(60_000);
      const one = await goingOn("named");
      await upToDate(one, 79_000);
      expect(one.ids()).toEqual(["one", "two", "three"].map(idOf));
      one.socket.terminate();
      await reported(90_000, "one", "realtime");
      await reported(91_000, "new");
      const again = await goingOn("three");
      await upToDate(again, 110_000);
      expect(again.ids()).toEqual([idOf("new")]);
    });

    it("continues past an older event that was the last one sent in time", async () => {
      for (const [time, event] of [
        [0, "old"],
        [60_000, "named"],
        [61_000, "missed"],
      ] as const)
        await reported(time, event);
      await reported(90_000, "old", "realtime");
      at(120_000);
      const one = await goingOn("named", undefined, { updates: true });
      await expect.poll(() => one.ids()).toEqual(["named", "missed", "old"].map(idOf));
      at(150_000);
      await one.closed;
      await reported(160_000, "behind it");
      const again = await goingOn("old", undefined, { updates: true });
      await upToDate(again, 179_000);
      expect(again.ids()).toEqual([idOf("behind it")]);
    });

    it("does not read irrelevant events again if it returns with the same request", async () => {
      await madeAt(0, "named");
      await madeAt(1000, "of another box");
      const asked = { boxes: ["no box"] };
      at(40_000);
      const begins: string[] = [];
      spyOnChanges(begins);
      const one = await goingOn("named", () => at(48_000), asked);
      await one.closed;
      expect(begins[0]).toContain(sequenceAt(noon - 8000));
      at(120_000);
      const again: string[] = [];
      spyOnChanges(again);
      const other = await goingOn("named", () => at(128_000), { boxes: ["another"] });
      await other.closed;
      expect(again[0]).toContain(sequenceAt(noon - 8000));
    });

    /** Notes the start of the next reading of the feed. */
    const spyOnChanges = (begins: string[]) =>
      live.deps.clients.dynamo.middlewareStack.add(
        (next, { commandName }) =>
          (args) => {
            const input = JSON.stringify(args.input);
            if (commandName === "QueryCommand" && input.includes(ofChanges)) begins.push(input);
            return next(args);
          },
        { step: "initialize" },
      );
    /** Has the index know of the connection, or not yet. */
    const inIndex = async (isIn: boolean) => {
      const [connection] = live.api.open.keys();
      const list = { ExpressionAttributeValues: { ":list": { S: "connections" } } };
      const row = { TableName: live.deps.names.table, Key: { pk: { S: `live ${connection}` } } };
      const UpdateExpression = isIn ? "SET byTime = :list" : "REMOVE byTime";
      await live.deps.clients.dynamo.send(new UpdateItemCommand({ ...row, UpdateExpression, ...(isIn && list) }));
    };
  });

  describe("readers of the live feed on AWS, after the stream gave up a batch,", () => {
    const release = (...Records: unknown[]) => live.handlers.reset({ Records });

    it("are disconnected, and get the lost event after a later one", async () => {
      const [one, other] = [await subscriber(), await subscriber()];
      await madeAt(0, "left out");
      await push(await madeAt(30_000, "behind it"));
      await expect.poll(() => one.ids()).toEqual([idOf("behind it")]);
      at(40_000);
      await release(givenUp(20_000), givenUp(1000));
      await Promise.all([one.closed, other.closed]);
      const again = await goingOn("behind it");
      await upToDate(again, 59_000);
      expect(again.ids()).toEqual([idOf("left out")]);
      expect(live.deps.lines.map(({ message }) => message)).toContain(
        "the stream gave up a batch: all subscribers of the live feed are disconnected",
      );
    });

    it("are disconnected at the next try if the first one failed", async () => {
      const subscribers = [await subscriber(), await subscriber()];
      live.api.failing = 1;
      await expect(release(givenUp(0))).rejects.toThrow("1 subscribers could not be disconnected");
      await Promise.race(subscribers.map(({ closed }) => closed));
      await expect.poll(() => live.api.open.size).toBe(1);
      const rows = [...live.api.open.keys()];
      await release(givenUp(0));
      await Promise.all(subscribers.map(({ closed }) => closed));
      expect(await imageOf(`live ${rows[0]}`)).toBeUndefined();
    });

    it("are disconnected despite an invalid message in the queue, which alone disconnects no one", async () => {
      const others = ["a test", "{}", '{"DDBStreamBatchInfo":{"approximateArrivalOfFirstRecord":"soon"}}'];
      const strange = others.map((body) => ({ body }));
      const one = await subscriber();
      await release(...strange);
      expect(one.socket.readyState).toBe(one.socket.OPEN);
      await release(...strange, givenUp(0));
      await one.closed;
      const said = live.deps.lines.filter(({ level }) => level === "error").map(({ message }) => message);
      expect(said).toEqual(Array.from({ length: 6 }, () => "invalid message in queue LiveUntold, dropped"));
    });

    it("continue though the lost events do not fit into one connection", async () => {
      await madeAt(0, "first");
      await madeAt(20_000, "second");
      await madeAt(30_000, "named");
      await release(givenUp(0));
      const one = await goingOn("named");
      await expect.poll(() => one.ids()).toEqual([idOf("first"), idOf("second")]);
      at(60_000);
      await one.closed;
      const again = await goingOn("second");
      await upToDate(again, 79_000);
      expect(again.ids()).toEqual([idOf("named")]);
    });
  });
});

onGatedStandIns((standIns) => {
  const { live, subscriber } = liveAround(standIns);

  it("readers of the live feed on AWS are disconnected only after the gap is noted", async () => {
    const one = await subscriber();
    standIns.dynamo.mode = "refusing";
    await expect(live.handlers.reset({ Records: [givenUp(0)] })).rejects.toThrow();
    standIns.dynamo.mode = "open";
    expect([one.socket.readyState, live.api.open.size]).toEqual([one.socket.OPEN, 1]);
  });
});
