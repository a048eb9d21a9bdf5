import { BatchGetItemCommand, type DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { hashToken, newToken } from "@gatepost/core/keys";
import { actionRequested } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onGatedStandIns } from "../../standins/aws.ts";
import { pictureAt, putPicture } from "../../support/stored-pictures.ts";
import { action, noon, picture, report, upsert } from "../samples.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

/** Lets DynamoDB read only some of the rows that are asked for at once, as it may. */
function readFewAtOnce(client: DynamoDBClient, few: number): void {
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        if (commandName !== BatchGetItemCommand.name) return next(args);
        const { RequestItems = {} } = args.input as BatchGetItemCommand["input"];
        const [[table, { Keys = [], ...how }] = ["", {}]] = Object.entries(RequestItems);
        const asked = { RequestItems: { [table]: { ...how, Keys: Keys.slice(0, few) } } };
        const answer = await next({ ...args, input: asked });
        const UnprocessedKeys = Keys.length > few ? { [table]: { ...how, Keys: Keys.slice(few) } } : {};
        return { ...answer, output: { ...answer.output, UnprocessedKeys } };
      },
    { step: "initialize" },
  );
}

onGatedStandIns((standIns) => {
  describe("a call that DynamoDB, S3 or the bus does not do at once", () => {
    let deps: TestRuntime;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
    });
    afterEach(async () => {
      standIns.dynamo.mode = "open";
      standIns.s3.mode = "open";
      standIns.dynamo.strikes = () => true;
      standIns.s3.strikes = () => true;
      await deps.close();
    });

    const failOnce = (store: "dynamo" | "s3", times = 1) => {
      let left = times;
      standIns[store].strikes = () => left-- > 0;
      standIns[store].mode = "refusing";
    };

    it.each([1, 3])("reads the rows that DynamoDB left unread, %i at once", async (few) => {
      for (let n = 0; n < 12; n++) await deps.ingest.index.upsert(upsert(`e${n}`));
      const tokenHash = hashToken(newToken("ingest"));
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash });
      readFewAtOnce(deps.clients.dynamo, few);
      expect((await deps.reads.events.list({}, { limit: 50, cursor: null })).items).toHaveLength(12);
      expect(await deps.ingest.keys.find(tokenHash)).toMatchObject({ box: "gate-1" });
    });

    it("reads the time of an erasure though DynamoDB returned only the key at first", async () => {
      const tokenHash = hashToken(newToken("ingest"));
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash });
      await deps.ingest.index.upsert(upsert("a"));
      await putPicture(deps.ingest.pictures, "2026-11", "registered", picture("face"));
      await deps.reads.eraser.eraseEvent(upsert("a").eventId);
      readFewAtOnce(deps.clients.dynamo, 1);
      await deps.ingest.keys.find(tokenHash);
      deps.setClock(noon + 30_000);
      const { held } = standIns.s3;
      standIns.s3.mode = "refusing";
      await expect(putPicture(deps.ingest.pictures, "2026-11", "registered", picture("face"))).rejects.toThrow();
      expect(standIns.s3.held).toBeGreaterThan(held);
    });

    it("fails if DynamoDB reads no row: nothing counts as missing", async () => {
      await deps.ingest.index.upsert(upsert("a"));
      readFewAtOnce(deps.clients.dynamo, 0);
      await expect(deps.ingest.keys.find(hashToken(newToken("ingest")))).rejects.toThrow();
    });

    it.each([1, 2])("is tried again by DynamoDB's client after %i failures", async (times) => {
      failOnce("dynamo", times);
      expect((await deps.ingest.index.upsert(upsert("a"))).outcome).toBe("created");
    });

    it("is tried again by S3's client after a failure", async () => {
      failOnce("s3");
      await putPicture(deps.ingest.pictures, "2026-11", "registered", picture("face"));
      expect(await deps.reads.pictures.get(pictureAt("2026-11", "registered", picture("face").sha256))).not.toBeNull();
    });

    it("is tried again by the bus's client after a failure", async () => {
      let calls = 0;
      deps.clients.events.middlewareStack.add(
        (next) => (args) => {
          calls += 1;
          standIns.bus.mode = calls === 1 ? "throttled" : "well";
          return next(args);
        },
        { step: "deserialize" },
      );
      const stored = { id: "evt_1", box: "gate-1", isSecondFace: false, reports: [report()], actions: [] };
      await deps.ingest.bus.put(
        actionRequested(stored, action("a", "1001"), {
          addressOf: () => ({ bucket: null, key: "x" }),
          now: Date.now(),
        }),
      );
      expect(calls).toBe(2);
    });

    it("fails once all tries are used up", async () => {
      failOnce("dynamo", 1000);
      await expect(deps.ingest.index.upsert(upsert("a"))).rejects.toThrow();
      failOnce("s3", 1000);
      await expect(putPicture(deps.ingest.pictures, "2026-11", "registered", picture("face"))).rejects.toThrow();
    });
  });
});
