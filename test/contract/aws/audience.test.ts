import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { hashToken, newToken } from "@gatepost/ingest";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Dynamo } from "../../../packages/aws/src/dynamo/dynamo.ts";
import { Audience, audienceRow, emptyAudience, enterAudience } from "../../../packages/aws/src/events/audience.ts";
import { onStandIns, patient, tableOf } from "../../standins/aws.ts";
import { noon, report, upsert } from "../samples.ts";
import { liveHandlers } from "./live-handlers.ts";
import { countCalls, runtimeOn, type TestRuntime } from "./runtime.ts";

const second = 1000;
const lastsMs = 60 * 60 * second;

onStandIns((standIns) => {
  describe("whether somebody listens", () => {
    let deps: TestRuntime;
    let dynamo: Dynamo;
    beforeEach(async () => {
      deps = await runtimeOn(standIns);
      waited = [];
      dynamo = tableOf(deps);
    });
    afterEach(() => deps.close());

    const isMarked = async (name: string) => {
      const key = { pk: { S: upsert(name).eventId } };
      const { Item } = await deps.clients.dynamo.send(new GetItemCommand({ TableName: deps.names.table, Key: key }));
      return Item?.["live"] !== undefined;
    };
    const write = async (name: string, at: number, overrides = {}) => {
      deps.setClock(at);
      await deps.ingest.index.upsert(upsert(name, overrides));
      return isMarked(name);
    };
    let waited: number[];
    const wait = async (ms: number) => void waited.push(ms);
    const enter = (now: number) => enterAudience(dynamo, { now, lastsMs, wait });

    it("is nobody: no event is marked for the stream, and the row is read once in a second and a half", async () => {
      expect(await write("a", noon)).toBe(false);
      const calls = countCalls(deps.clients);
      expect(await write("b", noon + 1499)).toBe(false);
      expect(calls).toMatchObject({ UpdateItemCommand: 1 });
      expect(calls["BatchGetItemCommand"]).toBeUndefined();
    });

    it("is somebody: by the time the connection is open, every process marks what it writes", async () => {
      expect(await write("a", noon)).toBe(false);
      await enter(noon);
      expect(waited).toEqual([2500]);
      expect(await write("b", noon + 1500)).toBe(true);
      expect(await write("b", noon + 1500, { report: report({ kind: "realtime" }) })).toBe(true);
    });

    it("is known since the first who connected: the others need not wait", async () => {
      await enter(noon);
      await enter(noon + 10 * second);
      expect(await dynamo.get(audienceRow)).toMatchObject({ since: noon, enteredAt: noon + 10 * second });
      expect(waited).toEqual([2500]);
    });

    it("is nobody again once the publisher finds none, unless somebody connected within a minute", async () => {
      await enter(noon);
      await emptyAudience(dynamo, noon + 59 * second);
      expect(await write("a", noon + 60 * second)).toBe(true);
      await emptyAudience(dynamo, noon + 60 * second);
      expect(await write("b", noon + 62 * second)).toBe(false);
      await enter(noon + 70 * second);
      expect(await write("c", noon + 72 * second)).toBe(true);
    });

    it("is nobody once the last connection must have ended", async () => {
      await enter(noon);
      expect(await write("a", noon + lastsMs - 1)).toBe(true);
      expect(await write("b", noon + lastsMs + 1500)).toBe(false);
    });

    it("is somebody where the row cannot be read: what nobody hears costs less than what is missed", async () => {
      const unread = new Dynamo(deps.clients.dynamo, `${deps.names.table}-gone`, patient.read);
      const audience = new Audience({ dynamo: unread, log: deps.ingest.log, clock: () => noon });
      expect(await audience.mayListen()).toBe(true);
      expect(deps.lines).toMatchObject([{ level: "warn", message: "whether anybody listens was not read" }]);
    });

    it("is noted before a connection is open, and ended by the publisher", async () => {
      const handlers = liveHandlers(deps, "http://127.0.0.1:1");
      const token = newToken("read");
      await deps.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(token) });
      const requestContext = { connectionId: "one=" };
      expect(await handlers.connect({ requestContext, queryStringParameters: { token } })).toEqual({ statusCode: 200 });
      expect(await write("a", noon + 2 * second)).toBe(true);
      await handlers.disconnect({ requestContext });
      deps.setClock(noon + 120 * second);
      const { Item } = await deps.clients.dynamo.send(
        new GetItemCommand({ TableName: deps.names.table, Key: { pk: { S: upsert("a").eventId } } }),
      );
      await handlers.push({ Records: [{ dynamodb: { NewImage: Item } }] });
      expect(await dynamo.get(audienceRow)).toMatchObject({ until: 0 });
    });
  });
});
