import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { GetObjectCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { type ApiPorts, api } from "@gatepost/api";
import { forgottenAfterMs } from "@gatepost/core/jobs";
import { hashToken, newToken } from "@gatepost/core/keys";
import { dayMs } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { leaseMs, maxCutShort, maxReceives, workOn } from "../../../packages/aws/src/jobs/worker.ts";
import { ingestHandler } from "../../../packages/aws/src/lambda/ingest.ts";
import { namingRights } from "../../../packages/aws/src/runtime/missing-right.ts";
import { onStandIns, tableOf } from "../../standins/aws.ts";
import { engine } from "../../standins/dynamo.ts";
import { photo } from "../../support/pictures.ts";
import { history } from "../../support/reports.ts";
import { isWhole } from "../../support/seeded.ts";
import { holding } from "../../support/traces.ts";
import { noon } from "../samples.ts";
import { deliver, posted } from "./posting.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

/** Only every fourth call of an erasure is its last, unless all are asked for. */
const step = isWhole ? 1 : 4;

onStandIns((standIns) => {
  describe("jobs on AWS", () => {
    let deps: TestRuntime;
    /** Bodies that no worker has received, and all bodies. */
    let messages: string[];
    let sent: string[];
    let delays: number[];
    let token: string;
    let admin: string;
    beforeEach(async () => {
      [messages, sent, delays] = [[], [], []];
      deps = await runtimeOn(standIns, { sendJob });
      [token, admin] = [newToken("ingest"), newToken("admin")];
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(token) });
      await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(admin) });
    });
    afterEach(() => deps.close());

    const post = async (id: string, n: number, pictures: object = {}) => {
      const body = history(
        { identity_id: id, identity_name: `Name of ${id}`, timestamp: noon - n * 1000 },
        { ...pictures },
      );
      expect(await deliver(body, { token, ports: deps.ingest })).toMatchObject({ statusCode: 200 });
    };
    const ask = (path: string, method = "GET", body?: object) =>
      api(deps.reads as ApiPorts).request(path, {
        method,
        headers: { authorization: `Bearer ${admin}` },
        ...(body && { body: JSON.stringify(body) }),
      });
    const create = async (body: object) => {
      const answer = await ask("/v1/jobs", "POST", body);
      expect(answer.status).toBe(202);
      return ((await answer.json()) as { id: string }).id;
    };
    const shown = async (id: string) => (await ask(`/v1/jobs/${id}`)).json() as Promise<Record<string, unknown>>;
    const receive = (body: string, receives = 1, others: object = {}) =>
      workOn(
        { Records: [{ body, attributes: { ApproximateReceiveCount: `${receives}` } }] },
        { ...deps.reads, leases: deps.reads.jobs.leases, ...others },
      );
    /** Has a job done by the message that was sent for it last. */
    const work = (id: string, receives?: number, others?: object) =>
      receive(sent.findLast((body) => body.includes(id)) ?? expect.fail(`nobody asked for ${id}`), receives, others);
    /** Works off messages until there are none. */
    const workAll = async () => {
      for (let body = messages.shift(); body !== undefined; body = messages.shift()) await receive(body);
    };
    /** The same with each message twice at once. */
    const workTwice = async () => {
      for (let turn = 0; turn < 6; turn++)
        for (const body of messages.splice(0)) await Promise.all([receive(body), receive(body)]);
    };
    const sendJob = async (body: string, delayMs = 0) => {
      if (delayMs > 0) delays.push(delayMs);
      messages.push(body);
      sent.push(body);
    };
    const resultOf = async (id: string) => {
      const object = new GetObjectCommand({ Bucket: deps.names.bucket, Key: `exports/${id}/result` });
      const { Body } = await deps.clients.s3.send(object);
      return Body === undefined ? "" : Body.transformToString();
    };

    it("an export is done message by message, and linked in the bucket", async () => {
      for (let n = 0; n < 3; n++) await post("7", n);
      const id = await create({ kind: "export", format: "csv", columns: ["person"] });
      await workAll();
      const { state, result } = await shown(id);
      expect(state).toBe("done");
      expect(result).toMatchObject({ events: 3, url: expect.stringContaining(`exports/${id}/result`) });
      expect(await resultOf(id)).toBe(`\uFEFF"person"\r\n${'"7"\r\n'.repeat(3)}`);
    });

    it("an erasure removes a registered stranger's passing and name with the person", async () => {
      const face = { recognize_face: photo("a stranger"), person_type: 4 };
      const body = history({ identity_id: "s.1", timestamp: noon, want_action: "1001" }, face);
      expect(await deliver(body, { token, ports: deps.ingest })).toMatchObject({ statusCode: 200 });
      await post("7", 1);
      const { actions } = (await (await ask("/v1/actions")).json()) as { actions: { id: string }[] };
      const approval = await ask(`/v1/actions/${actions[0]?.id}/approval`, "POST", {
        name: "Erasa Nominata",
        type: "visitor",
      });
      expect(approval.status).toBe(200);
      const id = await create({ kind: "erase", person: "s.1", all: true });
      await workAll();
      expect(await shown(id)).toMatchObject({ state: "done", result: { erased: { events: 1, pictures: 1 } } });
      const { Items = [] } = await deps.clients.dynamo.send(new ScanCommand({ TableName: deps.names.table }));
      const held = JSON.stringify(Items);
      expect([held.includes("Nominata"), held.includes("Name of 7")]).toEqual([false, true]);
    });

    it("messages that arrive twice do no harm", async () => {
      for (let n = 0; n < 3; n++) await post("7", n);
      const id = await create({ kind: "export", format: "ndjson" });
      await workTwice();
      expect((await resultOf(id)).trimEnd().split("\n")).toHaveLength(3);
    });

    it("a slice is done by one worker, and repeated after a crash at lease end", async () => {
      const id = await create({ kind: "replay" });
      const lease = await deps.reads.jobs.leases.lease(JSON.parse(sent[0] ?? ""), leaseMs);
      expect(lease).not.toBeNull();
      await work(id);
      expect(await shown(id)).toMatchObject({ state: "waiting" });
      deps.setClock(noon + leaseMs);
      await workAll();
      await workAll();
      expect(await shown(id)).toMatchObject({ state: "done" });
      await lease?.giveBack();
    });

    it("a job whose slice fails three times is ended, and its message put aside", async () => {
      await deliver("garbage", { token, ports: deps.ingest });
      const id = await create({ kind: "replay" });
      await work(id);
      const { list } = deps.reads.quarantine;
      deps.reads.quarantine.list = () => Promise.reject(new Error("throttled"));
      await expect(work(id, 2)).rejects.toThrow("throttled");
      expect(await shown(id)).toMatchObject({ state: "running" });
      await expect(work(id, 3)).rejects.toThrow("throttled");
      expect(await shown(id)).toMatchObject({ state: "failed", reason: expect.stringContaining("a store") });
      deps.reads.quarantine.list = list;
      await work(id);
      expect(await shown(id)).toMatchObject({ state: "failed" });
    });

    it("a job whose function lacks a right ends with that reason, and logs the cause", async () => {
      vi.stubEnv("AWS_LAMBDA_FUNCTION_NAME", "gatepost-production-JobFunction-abcd");
      onTestFinished(() => void vi.unstubAllEnvs());
      await deliver("garbage", { token, ports: deps.ingest });
      const id = await create({ kind: "replay" });
      await work(id);
      namingRights(deps.clients.dynamo);
      const denied = Object.assign(new Error("not authorized"), { name: "AccessDeniedException" });
      deps.clients.dynamo.middlewareStack.add(
        (next) => (args) => (JSON.stringify(args.input).includes('{"S":"qrt_') ? Promise.reject(denied) : next(args)),
        { step: "initialize", priority: "low" },
      );
      await expect(work(id, maxReceives)).rejects.toThrow();
      const reason = expect.stringMatching(/^the function Job may not read rows "qrt_": its role lacks BatchGetItem;/);
      expect(await shown(id)).toMatchObject({ state: "failed", reason });
      const cause = expect.objectContaining({ cause: denied });
      expect(deps.lines).toContainEqual({
        level: "error",
        message: "a job failed",
        facts: { id, cause },
      });
    });

    it("a slice cut short is tried again, and fails its job after five times", async () => {
      await deliver("garbage", { token, ports: deps.ingest });
      const id = await create({ kind: "replay" });
      for (let n = 1; n <= maxCutShort; n++) {
        const reached = Promise.withResolvers<void>();
        const list = () => {
          reached.resolve();
          return new Promise<never>(() => {});
        };
        void work(id, 1, { quarantine: { ...deps.reads.quarantine, list } });
        await reached.promise;
        deps.setClock(noon + n * leaseMs);
      }
      expect(await shown(id)).toMatchObject({ state: "waiting" });
      await work(id);
      expect(await shown(id)).toMatchObject({
        state: "failed",
        reason: expect.stringContaining("more memory or time than there is"),
      });
    });

    it("the result of a broken job is removed by any erasure", async () => {
      await post("7", 1);
      const broken = await create({ kind: "export", format: "ndjson", filter: { person: "8" } });
      await workAll();
      await damage(`job ${broken}`, "job", "{");
      await create({ kind: "erase", person: "7", all: true });
      await workAll();
      expect([...(await stored()).keys()].filter((key) => key.startsWith("exports/"))).toEqual([]);
    });

    it("the sweep continues an erasure by DELETE whose function ended at any step", async () => {
      let left = Number.POSITIVE_INFINITY;
      const dying =
        <Args, Result>(next: (args: Args) => Promise<Result>) =>
        async (args: Args) => {
          left -= 1;
          if (left < 0) throw new Error("the function has ended");
          return next(args);
        };
      deps.clients.dynamo.middlewareStack.add(dying, { step: "initialize" });
      deps.clients.s3.middlewareStack.add(dying, { step: "initialize" });
      let now = noon;
      /** Erases a person by a function that ends after some calls, then by the sweep. */
      const eraseTwice = async (calls: number) => {
        const person = `person-${calls}`;
        for (let n = 0; n < 2; n++) await post(person, n);
        left = calls;
        const { status } = await ask(`/v1/people?id=${person}&all=1`, "DELETE");
        const isOver = left >= 0;
        left = Number.POSITIVE_INFINITY;
        expect(status).toBe(isOver ? 200 : 503);
        // The messages of the function are lost, too.
        messages = [];
        const begun = (await deps.reads.jobs.store.unfinished()).filter(({ asked }) => asked.kind === "erase");
        now += forgottenAfterMs + 1;
        deps.setClock(now);
        await sweep();
        await workAll();
        const { items } = await deps.reads.events.list({ person: [person] }, { limit: 100, cursor: null });
        return { isOver, begun, events: items.length };
      };
      let stored = 0;
      for (let calls = 0, isLast = false; !isLast; calls += step) {
        const { isOver, begun, events } = await eraseTwice(calls);
        isLast = isOver;
        stored += begun.length;
        for (const { id } of begun) {
          const result = { erased: { events: 2 }, suppressed: true };
          expect(await shown(id)).toMatchObject({ state: "done", result });
        }
        expect(events).toBe(stored > 0 ? 0 : 2);
      }
      expect(stored).toBeGreaterThan(3);
    });

    const damage = (pk: string, name: string, text: string) => tableOf(deps).update({ pk, set: { [name]: text } });

    /** Sends a batch of 300 reports to a function whose time is half over after the first hundred. */
    const sendLongBatch = async () => {
      const body = Array.from({ length: 300 }, (_, n) => history({ identity_id: "7", timestamp: noon - n * 1000 }));
      const getRemainingTimeInMillis = () => 0;
      const event = posted(`/${token}/HistoryEvent`, body);
      return ingestHandler(() => deps.ingest)(event, { getRemainingTimeInMillis });
    };
    const sweep = async () => {
      await deps.reads.jobs.makeBatchJobs();
      const tickets = await deps.reads.jobs.leases.forgotten();
      messages.push(...tickets.map((ticket) => JSON.stringify(ticket)));
      return tickets.map(({ job }) => job);
    };
    const records = async () => (await deps.reads.quarantine.list(null, { limit: 50, cursor: null })).items;
    const countEvents = () => deps.reads.events.count({ from: noon - 400_000, to: noon + 1 }, 1000);

    it("the rest of a long batch is replayed by the next sweep without a request", async () => {
      expect(await sendLongBatch()).toMatchObject({ statusCode: 200, body: expect.stringContaining("SUCCESS") });
      expect(await countEvents()).toMatchObject({ count: 100 });
      expect(await records()).toMatchObject([{ reason: "batch-too-long" }]);
      const [id = ""] = await sweep();
      expect(await sweep()).toEqual([]);
      await workAll();
      expect(await shown(id)).toMatchObject({ kind: "replay", state: "done", result: { stored: 1, kept: [] } });
      expect(await countEvents()).toMatchObject({ count: 300 });
      expect(await records()).toEqual([]);
    });

    it("the rest of a long batch counts towards its box's limit if its job fails", async () => {
      await sendLongBatch();
      const [id = ""] = await sweep();
      const failing = { replayBatch: () => Promise.reject(new Error("throttled")) };
      await expect(receive(messages[0] ?? "", 3, failing)).rejects.toThrow("throttled");
      expect(await shown(id)).toMatchObject({ state: "failed" });
      expect(await records()).toMatchObject([{ reason: "batch-not-replayed" }]);
    });

    /** More reports than are recorded before an answer, about 40 passings: a repeat costs little. */
    const longBatch = (first: number) => {
      const few = Array.from({ length: 40 }, (_, n) =>
        history({ identity_id: "7", timestamp: noon - (first + n) * 1000 }),
      );
      return Array.from({ length: 10_400 }, (_, n) => few[Math.floor(n / 260)]);
    };
    const send = async (body: unknown) =>
      expect(await deliver(body, { token, ports: deps.ingest })).toMatchObject({ statusCode: 200 });

    // DynamoDB Local takes minutes for so many reports, whose rows other tests write, too.
    const atLength = it.runIf(isWhole && engine === "memory");
    atLength("10,400 reports are replayed slice by slice, also after a slice was cut short", async () => {
      await send({ list: { of: longBatch(0) } });
      expect([await countEvents(), await records()]).toMatchObject([{ count: 0 }, [{ reason: "batch-too-long" }]]);
      const [id = ""] = await sweep();
      await receive(messages.shift() ?? "");
      expect(await (await ask("/v1/quarantine")).json()).toMatchObject({
        records: [{ replay: { job: id, done: 10_000, of: 10_400 } }],
      });
      expect(await shown(id)).toMatchObject({ state: "running", done: 10_000, of: 10_400 });
      const advance = () => Promise.reject(new Error("the process ended"));
      const store = { get: (one: string) => deps.reads.jobs.store.get(one), advance };
      await expect(receive(messages[0] ?? "", 1, { jobs: { ...deps.reads.jobs, store } })).rejects.toThrow("ended");
      await workAll();
      expect(await shown(id)).toMatchObject({ state: "done", done: 10_400, result: { stored: 1, kept: [] } });
      expect([await countEvents(), await records()]).toMatchObject([{ count: 40 }, []]);
    });

    atLength("the second of two long batches waits for the first", async () => {
      for (const first of [0, 40]) {
        await send(longBatch(first));
        deps.setClock(noon + first + 1);
      }
      const ids = await sweep();
      for (const body of messages.splice(0)) await receive(body);
      expect(delays).toEqual([30_000]);
      const done = async () => (await Promise.all(ids.map(shown))).map((one) => one["done"]);
      expect(new Set(await done())).toEqual(new Set([0, 10_000]));
      await workAll();
      expect(await done()).toEqual([10_400, 10_400]);
      expect(await countEvents()).toMatchObject({ count: 80 });
    });

    atLength("a long batch is replayed within the rate of its key", async () => {
      const limited = newToken("ingest");
      const rate = { perSecond: 1, burst: 20_000 };
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(limited), rate });
      expect(await deliver(longBatch(0), { token: limited, ports: deps.ingest })).toMatchObject({ statusCode: 200 });
      const [id = ""] = await sweep();
      await receive(messages.shift() ?? "");
      await receive(messages.shift() ?? "");
      expect(await shown(id)).toMatchObject({ done: 10_000, of: 10_400 });
      expect(delays.at(-1)).toBe(300_000);
      expect(await (await ask("/v1/quarantine")).json()).toMatchObject({
        records: [expect.not.objectContaining({ key: rate })],
      });
    });

    it("an invalid message is refused", async () => {
      await expect(workOn({ Records: [] }, { ...deps.reads, leases: deps.reads.jobs.leases })).rejects.toThrow();
    });

    it("an erasure leaves no byte of the person except those that its receipt names", async () => {
      const pictures = (n: number) => ({ spot_pic: photo(`scene ${n}`), recognize_face: photo(`face ${n}`) });
      for (let n = 0; n < 3; n++) await post("id-of-erased", n, pictures(n));
      await post("id-of-erased", 5, { spot_pic: "broken picture of Name of id-of-erased" });
      await post("stays", 1, { spot_pic: photo("of another") });
      const exported = await create({ kind: "export", format: "ndjson", filter: { person: "id-of-erased" } });
      await workAll();
      const id = await create({ kind: "erase", person: "id-of-erased", boxes: ["gate-1"] });
      await workAll();
      expect(await shown(id)).toMatchObject({
        state: "done",
        result: {
          erased: { events: 4, pictures: 6, quarantine: 1, outbox: 0 },
          kept: { pictures: 0 },
          suppressed: true,
          agesOut: ["pictures", "stream", "archive", "backups"].map((what) => expect.objectContaining({ what })),
        },
      });
      expect(await shown(exported)).toMatchObject({ state: "failed", result: null });
      // The receipt names the pictures that the sweep removes later.
      for (const after of [100_000, 200_000]) {
        deps.setClock(noon + after);
        await deps.reads.eraser.finish();
      }
      await post("id-of-erased", 1, pictures(1));
      // An erasure counts for passings at least 10 s before it.
      await post("id-of-erased", 20, pictures(20));
      const traces = ["id-of-erased", ...[0, 1, 2, 20].flatMap((n) => [`scene ${n}`, `face ${n}`])];
      expect(holding(traces, await stored())).toEqual([]);
      expect(holding(["stays", "of another"], await stored()).length).toBeGreaterThan(1);
      expect(await (await ask("/v1/people?id=id-of-erased")).json()).toMatchObject({
        people: [],
        suppressedSince: new Date(noon).toISOString(),
      });
    });

    it("the receipt of a deployment with a copy names the versions of its bucket", async () => {
      const copied = await runtimeOn({ fresh: async () => deps }, { variables: { GATEPOST_VERSIONS: "1" } });
      const [pictures, versions] = copied.reads.jobs.erasures.agesOut(noon);
      expect(pictures?.what).toBe("pictures");
      expect(versions).toEqual({ what: "versions", goneBy: (pictures?.goneBy ?? 0) + 2 * dayMs });
    });

    const bytesOf = async (Key: string) => {
      const { Body } = await deps.clients.s3.send(new GetObjectCommand({ Bucket: deps.names.bucket, Key }));
      return Buffer.concat([Buffer.from(Key), (await Body?.transformToByteArray()) ?? Buffer.alloc(0)]);
    };
    /** All rows and objects. */
    const stored = async () => {
      const { Items = [] } = await deps.clients.dynamo.send(new ScanCommand({ TableName: deps.names.table }));
      const rows = Items.map((item) => [`row ${item["pk"]?.S}`, Buffer.from(JSON.stringify(item))] as const);
      const { Contents = [] } = await deps.clients.s3.send(new ListObjectsV2Command({ Bucket: deps.names.bucket }));
      const objects = Contents.map(async ({ Key = "" }) => [Key, await bytesOf(Key)] as const);
      return new Map([...rows, ...(await Promise.all(objects))]);
    };
  });
});
