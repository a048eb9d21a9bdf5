import { connect, limits } from "@gatepost/aws";
import { relayOutbox } from "@gatepost/core/actions";
import { hashToken, newToken } from "@gatepost/core/keys";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { onGatedStandIns, patient } from "../../standins/aws.ts";
import type { GateMode } from "../../standins/gate.ts";
import { photo } from "../../support/pictures.ts";
import { history, stranger } from "../../support/reports.ts";
import { noon } from "../samples.ts";
import { deliver } from "./posting.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

const failures: [store: "dynamo" | "s3", GateMode][] = [
  ["dynamo", "down"],
  ["dynamo", "refusing"],
  ["dynamo", "silent"],
  ["s3", "down"],
  ["s3", "refusing"],
  ["s3", "silent"],
];

const page = { limit: 10, cursor: null };

/** Limits so short that no test waits long for an answer that never arrives, each for the one store under test. */
const hurried = {
  dynamo: { ...patient, index: 400 },
  s3: { ...patient, head: 50, object: 400 },
  bus: { ...patient, bus: 100 },
};

onGatedStandIns((standIns) => {
  describe("an outage", () => {
    let deps: TestRuntime;
    let token: string;
    let hasty: TestRuntime[];
    beforeEach(async () => {
      hasty = [];
      deps = await runtimeOn(standIns);
      token = newToken("ingest");
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
    });
    afterEach(async () => {
      standIns.dynamo.mode = "open";
      standIns.s3.mode = "open";
      standIns.bus.mode = "well";
      for (const runtime of [deps, ...hasty]) await runtime.close();
    });

    /** Another process on the same resources, which knows the key and does not wait for `store`. */
    const hurry = async (store: keyof typeof hurried) => {
      const limits = hurried[store];
      const runtime = await runtimeOn(
        { fresh: async () => ({ clients: connect(limits), names: deps.names }) },
        { limits },
      );
      hasty.push(runtime);
      await runtime.ingest.keys.find(hashToken(token));
      return runtime;
    };
    const send = (body: unknown, { ingest } = deps) => deliver(body, { token, ports: ingest });
    const body = history({ timestamp: noon }, { spot_pic: photo("scene") });

    describe.each(failures)("if %s is %s", (store, mode) => {
      it("answers 503 with a time to retry, stores no event, and ends by itself", async () => {
        const runtime = await hurry(store);
        standIns[store].mode = mode;
        const { held } = standIns[store];
        const refused = await send(body, runtime);
        expect(refused).toMatchObject({ statusCode: 503, headers: { "retry-after": "5" } });
        expect(JSON.parse(String(refused.body))).toEqual({
          message: "nothing could be stored, send it again",
          status: 503,
        });
        expect(standIns[store].held).toBeGreaterThan(held);
        standIns[store].mode = "open";
        expect((await deps.reads.events.list({}, page)).items).toEqual([]);
        expect(await send(body)).toMatchObject({ statusCode: 200 });
        expect((await deps.reads.events.list({}, page)).items).toHaveLength(1);
      });
    });

    it.each([
      ["dynamo", "the table of events does not answer"],
      ["s3", "the bucket of pictures does not answer"],
    ] as const)("is reported by health for %s, as is its end seconds later", async (store, reason) => {
      expect(await deps.reads.health.reason()).toBeNull();
      standIns[store].mode = "refusing";
      expect(await deps.reads.health.reason()).toBeNull();
      deps.setClock(noon + 5000);
      expect(await deps.reads.health.reason()).toBe(reason);
      standIns[store].mode = "open";
      deps.setClock(noon + 10_000);
      expect(await deps.reads.health.reason()).toBeNull();
    });

    it("answers 503, not 401, before the key could be read", async () => {
      standIns.dynamo.mode = "down";
      expect(await send(body)).toMatchObject({ statusCode: 503 });
    });

    it("answers 503 for a report that was not understood and could not be stored", async () => {
      await deps.ingest.keys.find(hashToken(token));
      standIns.s3.mode = "down";
      expect(await send("nonsense")).toMatchObject({ statusCode: 503 });
      standIns.s3.mode = "open";
      expect(await send("nonsense")).toMatchObject({ statusCode: 200 });
      const [record] = (await deps.reads.quarantine.list(null, page)).items;
      expect(Buffer.from((await deps.reads.quarantine.get(record?.id ?? ""))?.body ?? []).toString()).toBe("nonsense");
    });

    it.each(["partial", "throttled", "silent", "garbage"] as const)(
      "accepts a report if the bus fails (%s), and leaves its action pending",
      async (mode) => {
        const runtime = await hurry("bus");
        standIns.bus.mode = mode;
        const asking = stranger({ timestamp: noon, want_action: "1001" }, { recognize_face: photo(mode) });
        expect(await send(asking, runtime)).toMatchObject({ statusCode: 200 });
        expect((await deps.reads.actionReader.list({ states: ["pending"] }, page)).items).toHaveLength(1);
        standIns.bus.mode = "well";
        deps.setClock(noon + 61_000);
        expect(await relayOutbox(deps.ingest)).toEqual({ announced: 1, failed: 0 });
        expect((await deps.reads.actionReader.list({ states: ["pending"] }, page)).items).toEqual([]);
      },
    );
  });

  it("waits for all stores in turn, at their slowest, for three seconds at most", () => {
    const { key, head, object, index } = limits;
    expect(key + head + object + index).toBeLessThanOrEqual(3000);
  });
});
