import { once } from "node:events";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import * as z from "zod";
import { history, noon } from "../../support/reports.ts";
import { synthTimeoutMs } from "../infra/stages.ts";
import { type Started, started, whereRehearsable } from "./started.ts";

const message = z.looseObject({ event_id: z.string() });
const created = z.object({ id: z.string(), token: z.string() });

whereRehearsable(() => {
  /** Events that were delivered. */
  let times = 0;

  describe("the live feed of the deployment", () => {
    let deps: Started;
    const sockets: WebSocket[] = [];
    beforeAll(async () => {
      deps = await started();
    }, synthTimeoutMs);
    afterEach(() => {
      for (const socket of sockets.splice(0)) socket.terminate();
      expect(deps.rehearsal.refused).toEqual([]);
    });
    afterAll(() => deps.stop());

    const key = async () => created.parse(await (await deps.client.post("/v1/keys", { scope: "read" })).json());
    const open = async (configuration: object) => {
      const socket = new WebSocket(deps.rehearsal.live.address((await key()).token));
      sockets.push(socket);
      const received: unknown[] = [];
      socket.on("message", (data) => received.push(JSON.parse(data.toString())));
      const closed = once(socket, "close").then(([code]) => Number(code));
      await once(socket, "open");
      socket.send(JSON.stringify(configuration));
      return {
        closed,
        received,
        ids: () =>
          z
            .array(message)
            .parse(received)
            .map(({ event_id }) => event_id),
      };
    };
    /** A reader of all whose configuration has had its effect: an event is repeated until one arrives. */
    const reader = async () => {
      const connected = await open({ event_list: ["*"] });
      const heard = async () => {
        await deliver();
        return connected.received.length;
      };
      await expect.poll(heard, { interval: 500 }).toBeGreaterThan(0);
      return connected;
    };
    /** Delivers an event that no other is; gives its id. */
    const deliver = async (ext = {}) => {
      times += 1;
      const timestamp = noon + times;
      expect((await deps.box.post("/HistoryEvent", history({ timestamp }, ext))).status).toBe(200);
      const events = await deps.client.events(`&from=${timestamp}&to=${timestamp + 1}`);
      return events.find((event) => event.timestamp === timestamp)?.id ?? "";
    };
    const until = (arrived: () => unknown) => expect.poll(arrived).toBe(true);
    const refusedWith = async (token: string) => {
      const socket = new WebSocket(deps.rehearsal.live.address(token));
      socket.on("error", () => {});
      const [, response] = await once(socket, "unexpected-response");
      socket.terminate();
      return response.statusCode;
    };

    it("continues by `since` after API Gateway cuts the connection", async () => {
      const before = await reader();
      const since = await deliver();
      await until(() => before.ids().includes(since));
      deps.rehearsal.live.api.end();
      expect(await before.closed).toBe(1001);
      const missed = [await deliver(), await deliver()];
      const after = await open({ event_list: ["*"], since });
      await until(() => missed.every((id) => after.ids().includes(id)));
      const next = await deliver();
      await until(() => after.ids().includes(next));
      const repeated = after.ids().filter((id) => ![...missed, next].includes(id));
      expect(after.ids().slice(repeated.length)).toEqual([...missed, next]);
      expect(repeated).not.toContain(since);
    });

    it("forgets a connection that is gone according to API Gateway", async () => {
      const { dynamo, region, credentials, table } = deps.rehearsal.operator;
      const client = new DynamoDBClient({ endpoint: dynamo, region, credentials });
      await reader();
      const [id] = deps.rehearsal.live.api.open.keys();
      const row = new GetItemCommand({ TableName: table, Key: { pk: { S: `live ${id}` } }, ConsistentRead: true });
      expect((await client.send(row)).Item).toBeDefined();
      deps.rehearsal.live.api.cut();
      await deliver();
      await expect.poll(async () => (await client.send(row)).Item).toBeUndefined();
      client.destroy();
    });

    it("replaces a picture that does not fit into a message by its address", async () => {
      const [small, large] = [500, 120_000].map((bytes) =>
        Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(bytes, times)]).toString("base64"),
      );
      const pictured = await open({ event_list: ["*"], need_face: true, picture_urls: true });
      const delivered: string[] = [];
      const heard = async () => {
        delivered.push(await deliver({ recognize_face: small, spot_pic: large }));
        return pictured.ids().filter((id) => delivered.includes(id)).length;
      };
      await expect.poll(heard, { interval: 1000 }).toBeGreaterThan(0);
      const id = pictured.ids().find((id) => delivered.includes(id));
      expect(pictured.received).toContainEqual(
        expect.objectContaining({
          event_id: id,
          ext_data: expect.objectContaining({ recognize_face: small, spot_pic: "" }),
          picture_urls: expect.objectContaining({ scene: `/v1/events/${id}/pictures/scene` }),
        }),
      );
      const picture = await deps.client.get(`/v1/events/${id}/pictures/scene`);
      expect(Buffer.from(await picture.arrayBuffer()).toString("base64")).toBe(large);
    });

    it("refuses missing, revoked and unverifiable keys", async () => {
      const { id, token } = await key();
      await fetch(`${deps.rehearsal.url}/v1/keys/${id}`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${deps.rehearsal.admin}` },
      });
      expect([await refusedWith(""), await refusedWith("gpr_unknown"), await refusedWith(token)]).toEqual([
        401, 401, 401,
      ]);
      deps.rehearsal.live.broken.add("LiveConnect");
      expect(await refusedWith((await key()).token)).toBe(502);
      deps.rehearsal.live.broken.clear();
    });

    it("disconnects all readers after a lost batch, and then leaves nothing out", async () => {
      const { broken } = deps.rehearsal.live;
      const before = await reader();
      // A batch is given up in halves: no other event may be in flight with the one that the test loses.
      const last = await deliver();
      await until(() => before.ids().includes(last));
      broken.add("LivePush").add("LiveReset");
      const lost = await deliver();
      await until(() => deps.rehearsal.live.left > 0);
      broken.delete("LivePush");
      const since = await deliver();
      await until(() => before.ids().includes(since));
      broken.delete("LiveReset");
      expect(await before.closed).toBe(1000);
      expect(before.ids()).not.toContain(lost);
      await until(() => deps.rehearsal.live.left === 0);
      const after = await open({ event_list: ["*"], since });
      await until(() => after.ids().includes(lost));
      expect(deps.rehearsal.log()).toContain(
        "the stream gave up a batch: all subscribers of the live feed are disconnected",
      );
    });
  });

  it(
    "a role that may not send to readers is found out",
    async () => {
      const deps = await started((graph) => graph.replaceAll("/live/POST/@connections/*", "/live/GET/@connections/*"));
      try {
        const socket = new WebSocket(deps.rehearsal.live.address(deps.rehearsal.admin));
        const closed = once(socket, "close");
        await once(socket, "open");
        socket.send('{"event_list":["*"]}');
        const state = async () => {
          await deps.box.post("/HistoryEvent", history({ timestamp: noon + ++times }));
          return socket.readyState;
        };
        await expect.poll(state, { interval: 500 }).toBe(socket.CLOSED);
        await closed;
        const denied = deps.rehearsal.refused.map(({ who, action }) => [who.replace(/-\w+$/, ""), action]);
        expect(denied).toContainEqual(["gatepost-test-LivePushFunction", "execute-api:ManageConnections"]);
      } finally {
        await deps.stop();
      }
    },
    synthTimeoutMs,
  );
});
