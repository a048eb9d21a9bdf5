import { once } from "node:events";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { hashToken, newToken } from "@gatepost/core/keys";
import { hourMs } from "@gatepost/protocol";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { audienceRows } from "../../../packages/aws/src/events/audience.ts";
import { onGatedStandIns, tableOf } from "../../standins/aws.ts";
import { startWebSocketApi, type WebSocketApi } from "../../standins/websocket-api.ts";
import { addAccount, signedIn } from "../../unit/api/people.ts";
import { noon } from "../samples.ts";
import { deploy, undeploy } from "./deployed.ts";
import { listenedBefore } from "./live-around.ts";
import { type LiveHandlers, liveHandlers } from "./live-handlers.ts";
import { before, runtimeOn, type TestRuntime } from "./runtime.ts";

onGatedStandIns((standIns) => {
  describe("the door of the live feed on AWS", () => {
    let deps: TestRuntime;
    let api: WebSocketApi;
    let handlers: LiveHandlers;
    const token = newToken("read");
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      api = await startWebSocketApi();
      handlers = liveHandlers(deps, api.url);
      await listenedBefore(deps);
      await deps.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(token) });
    });
    afterEach(async () => {
      await api.close();
      await deps.close();
    });

    const imageOf = async (pk: string) => {
      const row = new GetItemCommand({ TableName: deps.names.table, Key: { pk: { S: pk } }, ConsistentRead: true });
      return (await deps.clients.dynamo.send(row)).Item;
    };

    it("keeps the rows of connections no longer than these may be open", async () => {
      await handlers.connect({
        requestContext: { connectionId: "abc=", identity: { sourceIp: "192.0.2.1" } },
        queryStringParameters: { token },
      });
      expect(Number((await imageOf("live abc="))?.["ttl"]?.N)).toBe(noon / 1000 + 2.25 * 3600);
      await handlers.disconnect({ requestContext: { connectionId: "abc=" } });
      expect(await imageOf("live abc=")).toBeUndefined();
    });

    it("notes the use of a key that it opens to, and of no other", async () => {
      const boxes = newToken("ingest");
      await deps.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(boxes) });
      const used = async () =>
        (await deps.reads.keyAdmin.list()).filter(({ lastUsedAt }) => lastUsedAt !== null).map(({ scope }) => scope);
      const connect = (key: string) =>
        handlers.connect({ requestContext: { connectionId: "used=" }, queryStringParameters: { token: key } });
      expect(await connect(boxes)).toEqual({ statusCode: 403 });
      expect(await used()).toEqual([]);
      expect(await connect(token)).toEqual({ statusCode: 200 });
      expect(await used()).toEqual(["read"]);
    });

    it("opens to a session by a ticket, and ends with the sessions of its account", async () => {
      const people = { deps: deps.reads };
      const id = await addAccount(people, "guard");
      const { cookie = "" } = await signedIn(people, id);
      const ticket = `gpt_${"t".repeat(27)}`;
      await deps.reads.tickets.issue(hashToken(ticket), hashToken(cookie.split("=")[1] ?? ""), noon + 60_000);
      const requestContext = { connectionId: "person=" };
      const connect = () => handlers.connect({ requestContext, queryStringParameters: { token: ticket } });
      expect([await connect(), await connect()]).toEqual([{ statusCode: 200 }, { statusCode: 401 }]);
      expect((await imageOf("live person="))?.["keyId"]?.S).toBe(id);
      const before = await imageOf(id);
      await deps.reads.accounts.endSessions(id);
      const after = await imageOf(id);
      await handlers.push({ Records: [{ dynamodb: { OldImage: before, NewImage: after, SequenceNumber: "1" } }] });
      expect(await imageOf("live person=")).toBeUndefined();
    });

    it("does not bring back a connection that was closed before its configuration was handled", async () => {
      const event = { requestContext: { connectionId: "gone=" }, body: '{"event_list":["*"]}' };
      expect(await handlers.message(event)).toEqual({ statusCode: 200 });
      expect(await imageOf("live gone=")).toBeUndefined();
    });

    it("does not bring back a connection that closes while its configuration is handled", async () => {
      const requestContext = { connectionId: "closing=" };
      await handlers.connect({ requestContext, queryStringParameters: { token } });
      before(deps.clients.dynamo, "UpdateItemCommand", "configuration", () => handlers.disconnect({ requestContext }));
      await handlers.message({ requestContext, body: '{"event_list":["*"]}' });
      expect(await imageOf("live closing=")).toBeUndefined();
    });

    it("has a hundred places for a key, and frees one when a connection closes", async () => {
      const other = newToken("read");
      await deps.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(other) });
      const connect = (id: string, key = token) =>
        handlers.connect({ requestContext: { connectionId: id }, queryStringParameters: { token: key } });
      for (let n = 0; n < 100; n++) expect(await connect(`c${n}=`)).toEqual({ statusCode: 200 });
      expect(await connect("more=")).toEqual({ statusCode: 429 });
      expect(await imageOf("live more=")).toBeUndefined();
      expect(await connect("other=", other)).toEqual({ statusCode: 200 });
      await handlers.disconnect({ requestContext: { connectionId: "c7=" } });
      expect(await connect("again=")).toEqual({ statusCode: 200 });
    });

    it("keeps the limit for simultaneous connections while the first client waits", async () => {
      for (const pk of audienceRows) await tableOf(deps).remove(pk);
      const connect = (id: string) =>
        handlers.connect({ requestContext: { connectionId: id }, queryStringParameters: { token } });
      const others = async () => {
        for (let n = 0; n < 100; n++) {
          // The first client may have noted itself in some rows since.
          await listenedBefore(deps);
          expect(await connect(`c${n}=`)).toEqual({ statusCode: 200 });
        }
      };
      before(deps.clients.dynamo, "UpdateItemCommand", "live audience", others);
      expect(await connect("first=")).toEqual({ statusCode: 429 });
    });

    it("frees the place of a lost connection, checks seldom, and spares open ones", async () => {
      api.routes = handlers;
      const url = `${api.address}?token=${token}`;
      for (let n = 0; n < 100; n++) await once(new WebSocket(url), "open");
      const [first = ""] = api.open.keys();
      const connect = (id: string) =>
        handlers.connect({ requestContext: { connectionId: id }, queryStringParameters: { token } });
      let now = noon + 2 * 60_000;
      const later = async (id: string) => {
        now += 2000;
        deps.setClock(now);
        return (await connect(id)).statusCode;
      };
      expect(await later("more=")).toBe(429);
      expect(await imageOf(`live ${first}`)).toBeDefined();
      api.cut();
      expect(await connect("at-once=")).toEqual({ statusCode: 429 });
      expect(await later("again=")).toBe(200);
    });

    it("frees no place while API Gateway does not answer, and logs it", async () => {
      const connect = (id: string) =>
        handlers.connect({ requestContext: { connectionId: id }, queryStringParameters: { token } });
      for (let n = 0; n < 100; n++) expect(await connect(`c${n}=`)).toEqual({ statusCode: 200 });
      // API Gateway may not know a connection that has just been accepted.
      expect(await connect("more=")).toEqual({ statusCode: 429 });
      deps.setClock(noon + 2 * 60_000);
      api.failing = 100;
      expect(await connect("more=")).toEqual({ statusCode: 429 });
      const message = "could not check whether a live-feed connection is closed";
      expect(deps.lines[0]).toMatchObject({ level: "warn", message });
    });

    it("does not count a connection whose time is over", async () => {
      const connect = (id: string) =>
        handlers.connect({ requestContext: { connectionId: id }, queryStringParameters: { token } });
      for (let n = 0; n < 100; n++) expect(await connect(`c${n}=`)).toEqual({ statusCode: 200 });
      deps.setClock(noon + 2.3 * hourMs);
      expect(await connect("later=")).toEqual({ statusCode: 200 });
    });

    it("counts guesses by the address they come from", async () => {
      const guess = { requestContext: { connectionId: "x=", identity: { sourceIp: "192.0.2.9" } } };
      const tried = { ...guess, queryStringParameters: { token: "gpr_guess" } };
      for (let n = 0; n < 30; n++) expect(await handlers.connect(tried)).toEqual({ statusCode: 401 });
      expect(await handlers.connect(tried)).toEqual({ statusCode: 429 });
      expect(await handlers.connect({ ...guess, queryStringParameters: null })).toEqual({ statusCode: 429 });
      const refused = { kind: "wrong-key", from: "192.0.2.9", times: 1 };
      expect(deps.lines).toEqual([{ level: "warn", message: "refused", facts: refused }]);
    });

    it("answers 503 while the store fails, and logs the cause", async () => {
      const event = { requestContext: { connectionId: "later=" }, queryStringParameters: { token } };
      standIns.dynamo.mode = "refusing";
      expect(await handlers.connect(event)).toEqual({ statusCode: 503 });
      standIns.dynamo.mode = "open";
      expect(deps.lines).toMatchObject([{ level: "error", message: "subscriber refused", facts: { cause: {} } }]);
      expect(await handlers.connect(event)).toEqual({ statusCode: 200 });
    });

    it("runs as deployed: connects, configures, pushes, disconnects and resets readers", async () => {
      onTestFinished(undeploy);
      const secret = Buffer.alloc(32, 7).toString("base64");
      deploy(deps.names, { GATEPOST_LIVE_ENDPOINT: api.url, GATEPOST_CURSOR_SECRET: secret });
      const functions = {
        connect: (await import("../../../functions/live-connect.ts")).handler,
        message: (await import("../../../functions/live-message.ts")).handler,
        disconnect: (await import("../../../functions/live-disconnect.ts")).handler,
        push: (await import("../../../functions/live-push.ts")).handler,
        release: (await import("../../../functions/live-reset.ts")).handler,
      };
      const requestContext = { connectionId: "deployed=" };
      expect(await functions.connect({ requestContext, queryStringParameters: { token } })).toEqual({
        statusCode: 200,
      });
      expect(await functions.message({ requestContext, body: '{"event_list":["*"]}' })).toEqual({ statusCode: 200 });
      expect((await imageOf("live deployed="))?.["configuration"]).toBeDefined();
      await functions.push({ Records: [] });
      expect(await functions.disconnect({ requestContext })).toEqual({ statusCode: 200 });
      expect(await imageOf("live deployed=")).toBeUndefined();
      await functions.connect({ requestContext, queryStringParameters: { token } });
      const message = { DDBStreamBatchInfo: { approximateArrivalOfFirstRecord: new Date().toISOString() } };
      await functions.release({ Records: [{ body: JSON.stringify(message) }] });
      expect(await imageOf("live deployed=")).toBeUndefined();
    });
  });
});
