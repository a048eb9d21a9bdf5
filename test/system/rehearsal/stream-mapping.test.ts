import { afterEach, describe, expect, it } from "vitest";
import type { StreamRecord } from "../../standins/stream.ts";
import { Queue } from "./queue.ts";
import { StreamMapping } from "./stream-mapping.ts";

const stream = "arn:aws:dynamodb:eu-west-1:123456789012:table/t/stream/1";

const record = (pk: string, seconds = Date.now() / 1000): StreamRecord => ({
  eventName: "INSERT",
  dynamodb: { ApproximateCreationDateTime: seconds, SequenceNumber: `number of ${pk}`, Keys: { pk: { S: pk } } },
});

/** The keys of the records that an invocation got. */
const keysIn = (event: { Records: object[] }) =>
  (event.Records as StreamRecord[]).map(({ dynamodb }) => String(dynamodb.SequenceNumber).replace("number of ", ""));

describe("a rehearsed stream", () => {
  const invoked: string[][] = [];
  const aside: { requestContext: object; DDBStreamBatchInfo: object }[] = [];
  afterEach(() => {
    invoked.length = 0;
    aside.length = 0;
  });
  /** A mapping to a function that fails at some records. */
  const mappedBy = (changes = {}) => ({
    eventSourceArn: stream,
    functionName: "arn:aws:lambda:eu-west-1:123456789012:function:f",
    batchSize: 100,
    maximumRecordAgeInSeconds: 300,
    maximumRetryAttempts: 2,
    bisectBatchOnFunctionError: true,
    filterCriteria: { filters: [{ pattern: { dynamodb: { Keys: { pk: { S: [{ prefix: "evt_" }] } } } } }] },
    ...changes,
  });
  const mappingTo = (failsAt: (pk: string) => boolean, changes = {}) =>
    new StreamMapping(mappedBy(changes), {
      async invoke(event) {
        const keys = keysIn(event);
        invoked.push(keys);
        if (keys.some(failsAt)) throw new Error("this record fails");
      },
      putAside: (body) => void aside.push(JSON.parse(body)),
    });
  const take = (mapping: StreamMapping, ...Records: StreamRecord[]) => mapping.take({ shard: "shard-1", Records });

  it("passes the shard to a function with a window, and requires its state", async () => {
    const events: { shardId?: string; window?: object }[] = [];
    const answers = [undefined, {}, { state: {} }];
    const mapped = { ...mappedBy({ tumblingWindowInSeconds: 60 }) };
    const mapping = new StreamMapping(mapped, {
      async invoke(event) {
        events.push(event);
        return answers[events.length - 1];
      },
      putAside: () => {},
    });
    await take(mapping, record("evt_1"));
    expect(events).toHaveLength(3);
    expect(events[0]).toMatchObject({
      shardId: "shard-1",
      state: {},
      window: { start: expect.stringMatching(/:00.000Z$/) },
    });
  });

  it("hands over the records that its filters match, in one batch", async () => {
    await take(
      mappingTo(() => false),
      record("evt_1"),
      record("live 1"),
      record("evt_2"),
    );
    await take(
      mappingTo(() => false),
      record("live 2"),
    );
    expect(invoked).toEqual([["evt_1", "evt_2"]]);
  });

  it("halves a failing batch, retries the rest, and puts it aside at last", async () => {
    await take(
      mappingTo((pk) => pk === "evt_2"),
      record("evt_1"),
      record("evt_2", 1_574_000_000.9),
      record("evt_3"),
    );
    expect(invoked.map((keys) => keys.join(" "))).toEqual([
      "evt_1 evt_2 evt_3",
      "evt_1 evt_2",
      "evt_1",
      "evt_2",
      "evt_3",
    ]);
    expect(aside).toEqual([
      expect.objectContaining({
        requestContext: expect.objectContaining({ condition: "MaximumRecordAgeExceeded", approximateInvokeCount: 1 }),
        DDBStreamBatchInfo: {
          shardId: "shard-1",
          startSequenceNumber: "number of evt_2",
          endSequenceNumber: "number of evt_2",
          approximateArrivalOfFirstRecord: "2019-11-17T14:13:20Z",
          approximateArrivalOfLastRecord: "2019-11-17T14:13:20Z",
          batchSize: 1,
          streamArn: stream,
        },
      }),
    ]);
  });

  it("tries a batch as often as it may, whole if it may not be halved", async () => {
    const mapping = mappingTo(() => true, { bisectBatchOnFunctionError: false });
    await take(mapping, record("evt_1"), record("evt_2"));
    expect(invoked).toEqual(Array(3).fill(["evt_1", "evt_2"]));
    expect(aside).toMatchObject([
      { requestContext: { condition: "RetryAttemptsExhausted", approximateInvokeCount: 3 } },
    ]);
  });
});

describe("a rehearsed queue", () => {
  it("hands over again only those messages that its function names", async () => {
    const received: string[][] = [];
    const emptied = Promise.withResolvers<void>();
    const queue: Queue = new Queue({
      arn: "arn:aws:sqs:eu-west-1:123456789012:q",
      batchSize: 10,
      isPartial: true,
      async invoke(event) {
        const { Records } = event as { Records: { messageId: string; body: string }[] };
        received.push(Records.map(({ body }) => body));
        if (received.length === 2) emptied.resolve();
        const failed = received.length === 1 ? Records.filter(({ body }) => body === "b") : [];
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      },
    });
    for (const body of ["a", "b", "c"]) queue.send(body);
    await emptied.promise;
    await queue.close();
    expect([received, queue.size]).toEqual([[["a", "b", "c"], ["b"]], 0]);
  });

  it("hands over failed messages again, then only messages that arrived meanwhile", async () => {
    const received: unknown[] = [];
    const emptied = Promise.withResolvers<void>();
    const queue: Queue = new Queue({
      arn: "arn:aws:sqs:eu-west-1:123456789012:q",
      batchSize: 10,
      isPartial: false,
      async invoke(event) {
        received.push(event);
        if (received.length === 1) throw new Error("not now");
        if (received.length === 2) queue.send("later");
        else emptied.resolve();
      },
    });
    queue.send("first");
    await emptied.promise;
    await queue.close();
    expect(queue.size).toBe(0);
    const one = (body: string, receives: string) => ({
      Records: [{ body, attributes: { ApproximateReceiveCount: receives } }],
    });
    expect(received).toMatchObject([one("first", "1"), one("first", "2"), one("later", "1")]);
  });
});
