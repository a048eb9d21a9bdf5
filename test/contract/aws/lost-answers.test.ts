import { Readable } from "node:stream";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { dropExports } from "../../../packages/api/src/jobs/drop-exports.ts";
import { onGatedStandIns } from "../../standins/aws.ts";
import { action, day, noon, replayJob, report, upsert } from "../samples.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

onGatedStandIns((standIns) => {
  describe("a write to DynamoDB whose answer is lost, so that the SDK does it again", () => {
    let deps: TestRuntime;
    /** Has the answer to the first call that writes `text` lost, after which the SDK does the call again. */
    const loseAnswer = (text: string) => {
      const { dynamo } = standIns;
      deps.clients.dynamo.middlewareStack.add(
        (next) => async (args) => {
          const isMeant = dynamo.mode === "open" && JSON.stringify(args.input).includes(text);
          if (isMeant) {
            dynamo.mode = "forgetful";
            dynamo.strikes = () => {
              dynamo.strikes = () => false;
              return true;
            };
          }
          return next(args);
        },
        { step: "initialize" },
      );
    };
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      Object.assign(standIns.dynamo, { mode: "open", strikes: () => true, held: 0 });
    });
    afterEach(async () => {
      expect(standIns.dynamo.held).toBe(1);
      standIns.dynamo.mode = "open";
      await deps.close();
    });

    it("makes an event that is announced at once, and its action once", async () => {
      const { ingest } = deps;
      loseAnswer("r_history");
      const made = upsert("a", { action: action("a", "1001") });
      const event = expect.objectContaining({
        id: made.eventId,
        actions: [expect.objectContaining({ state: "pending" })],
      });
      expect(await ingest.index.upsert(made)).toEqual({ outcome: "created", enqueued: true, event });
      expect(await ingest.index.upsert(made)).toEqual({ outcome: "duplicate", enqueued: false, event: null });
    });

    it("makes an event for the bus once", async () => {
      const { ingest, setClock } = deps;
      loseAnswer("r_history");
      const made = upsert("a", { isAwaited: true });
      expect(await ingest.index.upsert(made)).toMatchObject({ outcome: "created", event: { id: made.eventId } });
      setClock(noon + 60_000);
      expect(await ingest.eventOutbox.lease({ before: noon, until: noon + 120_000, limit: 9 })).toHaveLength(1);
    });

    it("adds a report to an announced event", async () => {
      const { ingest } = deps;
      const first = upsert("a", { isAwaited: true, report: report({ kind: "realtime" }) });
      await ingest.index.upsert(first);
      await ingest.eventOutbox.markAnnounced(first.eventId);
      loseAnswer("attribute_exists(#pk)");
      expect(await ingest.index.upsert(upsert("a", { isAwaited: true }))).toMatchObject({ outcome: "merged" });
    });

    it("leases an event, which is announced by this sweep", async () => {
      const { ingest, setClock } = deps;
      await ingest.index.upsert(upsert("a", { isAwaited: true }));
      setClock(noon + 60_000);
      loseAnswer("SET #heldUntil");
      expect(await ingest.eventOutbox.lease({ before: noon, until: noon + 120_000, limit: 9 })).toHaveLength(1);
    });

    it("adds a report to an event, and the action that it brings", async () => {
      const { ingest } = deps;
      const first = upsert("a", { report: report({ kind: "realtime" }) });
      await ingest.index.upsert(first);
      loseAnswer("r_history");
      const second = upsert("a", { action: action("a", "1001") });
      expect(await ingest.index.upsert(second)).toMatchObject({ outcome: "merged", enqueued: true });
    });

    it("adds a report to an event that has its action already", async () => {
      const { ingest } = deps;
      const earlier = { ...action("a", "1001"), at: new Date(noon - 1000).toISOString() };
      await ingest.index.upsert(upsert("a", { report: report({ kind: "realtime" }), action: earlier }));
      loseAnswer("r_history");
      const second = upsert("a", { action: action("a", "1001") });
      expect(await ingest.index.upsert(second)).toEqual({ outcome: "merged", enqueued: false, event: null });
    });

    it("adds an action that a repeat brings", async () => {
      const { ingest } = deps;
      await ingest.index.upsert(upsert("a"));
      loseAnswer("attribute_not_exists(#a_1001)");
      const again = upsert("a", { action: action("a", "1001") });
      expect(await ingest.index.upsert(again)).toMatchObject({ outcome: "duplicate", enqueued: true });
    });

    it("makes an event in the place of an expired one", async () => {
      const { ingest, setClock } = deps;
      await ingest.index.upsert(upsert("a", { expiresAt: noon + 1000 }));
      setClock(noon + 2000);
      loseAnswer('"Item"');
      const made = upsert("a", { now: noon + 2000, expiresAt: noon + day });
      expect(await ingest.index.upsert(made)).toMatchObject({ outcome: "created" });
    });

    it("leases an action, which is announced by this sweep", async () => {
      const { ingest } = deps;
      await ingest.index.upsert(upsert("a", { action: action("a", "1001") }));
      loseAnswer("SET #h_1001");
      const lease = { before: noon + 1, until: noon + 60_000, limit: 10 };
      const { eventId } = upsert("a");
      expect(await ingest.actions.lease(lease)).toMatchObject([
        { action: { wantAction: "1001" }, event: { id: eventId } },
      ]);
      expect(await ingest.actions.lease(lease)).toEqual([]);
    });

    const room = { ofKey: 1, inAll: null, aDay: 1, results: null };

    it("ends an export that an erasure concerns, and removes its result", async () => {
      const { clients, names, reads } = deps;
      const export_ = replayJob("a", { asked: { kind: "export", format: "csv", filter: {} } });
      await reads.jobs.store.create(export_, room);
      const state = await reads.jobs.exports.append("job_a", Readable.from([Buffer.from("one")]), null);
      await reads.jobs.store.advance(export_, { ...export_, state: "running", progress: { file: state } });
      loseAnswer("#step = :new_step, #job");
      await dropExports({ person: "7", boxes: null }, { jobs: reads.jobs, clock: () => noon });
      const { Contents = [] } = await clients.s3.send(new ListObjectsV2Command({ Bucket: names.bucket }));
      expect(Contents).toEqual([]);
    });
  });
});
