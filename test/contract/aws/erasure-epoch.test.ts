import type { BatchGetItemCommandInput } from "@aws-sdk/client-dynamodb";
import { connect } from "@gatepost/aws";
import { hashToken, newToken } from "@gatepost/core/keys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ErasureEpoch, epochRow } from "../../../packages/aws/src/pictures/erasure-epoch.ts";
import { onGatedStandIns, onStandIns, patient, tableOf } from "../../standins/aws.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { noon } from "../samples.ts";
import { deliver } from "./posting.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

/** Stands before a table: counts reads of a row, and refuses them as DynamoDB throttles. */
function meter({ clients }: Pick<TestRuntime, "clients">, row: string) {
  const metered = { reads: 0, isThrottled: false };
  clients.dynamo.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        const { RequestItems = {} } = args.input as Partial<BatchGetItemCommandInput>;
        const keys = Object.values(RequestItems).flatMap(({ Keys }) => Keys ?? []);
        const asks = commandName === "BatchGetItemCommand" && keys.some(({ pk }) => pk?.S === row);
        if (asks) metered.reads += 1;
        const refusal = Object.assign(new Error("slow down"), { name: "ProvisionedThroughputExceededException" });
        return asks && metered.isThrottled ? Promise.reject(refusal) : next(args);
      },
    { step: "initialize" },
  );
  return metered;
}

onStandIns((standIns) => {
  describe("the row with the time of the last erasure", () => {
    let deps: TestRuntime;
    let tokens: string[];
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      tokens = Array.from({ length: 20 }, () => newToken("ingest"));
      for (const [n, token] of tokens.entries()) {
        await deps.reads.keyAdmin.create({ scope: "ingest", box: `gate-${n}`, tokenHash: hashToken(token) });
      }
    });
    afterEach(() => deps.close());

    const send = async (token = tokens[0] ?? "", timestamp = noon, person = "p") => {
      const body = history({ timestamp, reg_pic: photo(person) });
      expect(await deliver(body, { token, ports: deps.ingest })).toMatchObject({ statusCode: 200 });
    };

    it("is read twice a minute by a process, however many boxes post to it", async () => {
      const { reads } = await minuteOf(deps, tokens, send);
      // So 500 processes that take 5,000 requests a second ask 17 times a second. One row serves 3,000.
      expect(reads).toBe(2);
    });

    it("is read once by reports that arrive at the same time", async () => {
      const metered = meter(deps, epochRow);
      await Promise.all(tokens.map((token, n) => send(token, noon + n, `${n}`)));
      expect(metered.reads).toBe(1);
    });

    it("stops no report while throttled: registered pictures are written again until it is readable", async () => {
      const metered = meter(deps, epochRow);
      const calls = countCalls(deps.clients);
      metered.isThrottled = true;
      for (let n = 0; n < 3; n++) await send(tokens[n], noon + n);
      expect(calls["PutObjectCommand"]).toBe(3);
      metered.isThrottled = false;
      deps.setClock(noon + 5000);
      for (let n = 3; n < 6; n++) await send(tokens[n], noon + n);
      expect(calls["PutObjectCommand"]).toBeLessThanOrEqual(4);
    });

    it("is not read again by every report while throttled", async () => {
      const metered = meter(deps, epochRow);
      metered.isThrottled = true;
      for (let n = 0; n < 10; n++) await send(tokens[n], noon + n);
      expect(metered.reads).toBe(1);
    });

    it("is trusted for at most a minute: then no picture counts as known", async () => {
      const metered = meter(deps, epochRow);
      const calls = countCalls(deps.clients);
      await send();
      metered.isThrottled = true;
      deps.setClock(noon + 59_999);
      await send(tokens[1], noon + 1);
      expect(calls["PutObjectCommand"]).toBe(1);
      deps.setClock(noon + 60_000);
      await send(tokens[2], noon + 2);
      expect(calls["PutObjectCommand"]).toBe(2);
    });

    it("is known to every process before an erasure removes a picture", async () => {
      const processes = [deps, await runtimeOn({ fresh: async () => deps })];
      const registered = { data: Buffer.from("x"), bytes: 1, contentType: "image/jpeg" as const, sha256: ofX };
      for (const { ingest } of processes) await putPicture(ingest.pictures, "2026-11", "registered", registered);
      const calls = countCalls(deps.clients);
      await ErasureEpoch.advance(tableOf(deps), noon + 29_000);
      for (const { ingest, setClock } of processes) {
        setClock(noon + 60_000);
        await putPicture(ingest.pictures, "2026-11", "registered", registered);
      }
      // None relies on its memory: each asks. S3's own clock says that it was written after that.
      expect(calls["HeadObjectCommand"]).toBe(2);
    });
  });
});

onGatedStandIns((standIns) => {
  it("a call that the table throttles twice goes through at the third try", async () => {
    const deps = await runtimeOn({
      fresh: async () => ({ ...(await standIns.fresh()), clients: connect(patient) }),
    });
    const token = newToken("ingest");
    await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
    await deps.ingest.keys.find(hashToken(token));
    let refused = 0;
    standIns.dynamo.refusal = {
      status: 400,
      contentType: "application/x-amz-json-1.0",
      body: JSON.stringify({ __type: "com.amazonaws.dynamodb.v20120810#ThrottlingException", message: "slow down" }),
    };
    standIns.dynamo.strikes = () => refused++ < 2;
    standIns.dynamo.mode = "refusing";
    try {
      expect(await deliver(history({ timestamp: noon }), { token, ports: deps.ingest })).toMatchObject({
        statusCode: 200,
      });
    } finally {
      standIns.dynamo.mode = "open";
      standIns.dynamo.refusal = { status: 503 };
      standIns.dynamo.strikes = () => true;
      await deps.close();
    }
  });
});

const ofX = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";

/** A minute in which every box posts each second. */
async function minuteOf(deps: TestRuntime, tokens: readonly string[], send: Send): Promise<{ reads: number }> {
  const metered = meter(deps, epochRow);
  for (let second = 0; second < 60; second += 5) {
    deps.setClock(noon + second * 1000);
    for (const [n, token] of tokens.entries()) await send(token, noon + second * 1000 + n);
  }
  return metered;
}

type Send = (token: string, timestamp: number) => Promise<void>;
