import { once } from "node:events";
import { type DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { hashToken, newToken } from "@gatepost/core/keys";
import { afterEach, beforeEach, expect } from "vitest";
import { WebSocket } from "ws";
import { audienceRows } from "../../../packages/aws/src/events/audience.ts";
import { type StandIns, tableOf } from "../../standins/aws.ts";
import { startWebSocketApi, type WebSocketApi } from "../../standins/websocket-api.ts";
import { day, noon, upsert } from "../samples.ts";
import { type LiveHandlers, liveHandlers } from "./live-handlers.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

/** The live feed of one test: its handlers, a clock that the test sets, and a read key. */
interface LiveTest {
  deps: TestRuntime;
  api: WebSocketApi;
  handlers: LiveHandlers;
  token: string;
  keyId: string;
}

/** Makes the audience known since a minute ago, so that no client waits until every process knows. */
export async function listenedBefore({ clients, names }: TestRuntime): Promise<void> {
  const set = { since: noon - 60_000, enteredAt: noon - 60_000, until: noon + day };
  for (const pk of audienceRows) await tableOf({ clients, names }).update({ pk, set });
}

/** Notes each key of an index that is looked for alone, once that is answered. */
function noteLooks(client: DynamoDBClient, looked: Set<string>): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const answer = await next(args);
      const [, key] = /":from":\{"S":"([^"]*)"\},":to":\{"S":"\1"\}/.exec(JSON.stringify(args.input)) ?? [];
      if (key !== undefined) looked.add(key);
      return answer;
    },
    { step: "initialize" },
  );
}

/** Opens and closes a live feed around each test, and returns the actions of tests on it. */
export function liveAround(standIns: Pick<StandIns, "fresh">) {
  const live = {} as LiveTest;
  const looked = new Set<string>();
  beforeEach(async () => {
    const [deps, api] = [await runtimeOn(standIns), await startWebSocketApi()];
    const handlers = liveHandlers(deps, api.url);
    await listenedBefore(deps);
    api.routes = handlers;
    looked.clear();
    noteLooks(deps.clients.dynamo, looked);
    const token = newToken("read");
    const { id } = await deps.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(token) });
    Object.assign(live, { deps, api, handlers, token, keyId: id });
  });
  afterEach(async () => {
    // Every reader is up to date by now. A gap has a row for each minute, so the clock moves by less than a day.
    live.deps.setClock(live.deps.ingest.clock() + 10 * 60_000);
    await live.api.close();
    await live.deps.close();
  });

  const connect = async () => {
    const socket = new WebSocket(`${live.api.address}?token=${live.token}`);
    const received: Record<string, unknown>[] = [];
    socket.on("message", (data) => received.push(JSON.parse(data.toString())));
    const closed = once(socket, "close");
    await once(socket, "open");
    return { socket, received, closed, ids: () => received.map((one) => one["event_id"]) };
  };
  /** A reader whose configuration is stored. */
  const subscriber = async (configuration: object = { event_list: ["*"] }) => {
    const connected = await connect();
    const { socket, received } = connected;
    socket.send(JSON.stringify(configuration));
    socket.send("{");
    await expect.poll(() => received).toHaveLength(1);
    received.length = 0;
    return connected;
  };
  const imageOf = async (pk: string) => {
    const row = new GetItemCommand({ TableName: live.deps.names.table, Key: { pk: { S: pk } }, ConsistentRead: true });
    return (await live.deps.clients.dynamo.send(row)).Item;
  };
  /** Waits until the publisher has taken over the newest reader. */
  const handedOver = async () => {
    const connection = [...live.api.open.keys()].at(-1);
    const row = () => imageOf(`live ${connection}`);
    await expect.poll(async () => (await row())?.["upTo"]?.S).toMatch(/^\d/);
    // Only then may the clock advance: a reader that the index shows too late is disconnected.
    await expect.poll(async () => looked.has((await row())?.["at"]?.S ?? "")).toBe(true);
  };
  /** Does something to a row, and returns the stream record of the change. */
  const imagesAfter = async (pk: string, act: () => Promise<unknown>) => {
    const OldImage = await imageOf(pk);
    await act();
    const NewImage = await imageOf(pk);
    return { dynamodb: { ...(OldImage && { OldImage }), ...(NewImage && { NewImage }) } };
  };
  const write = (event: string, overrides = {}) =>
    imagesAfter(upsert(event).eventId, () => live.deps.ingest.index.upsert(upsert(event, overrides)));
  const push = (...Records: unknown[]) => live.handlers.push({ Records });
  return { live, connect, subscriber, handedOver, imageOf, imagesAfter, write, push };
}
