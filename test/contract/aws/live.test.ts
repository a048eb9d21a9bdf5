import { monthOf } from "@gatepost/protocol";
import { describe, expect, it } from "vitest";
import { audienceRows } from "../../../packages/aws/src/events/audience.ts";
import { onGatedStandIns, onStandIns, tableOf } from "../../standins/aws.ts";
import { putPicture } from "../../support/stored-pictures.ts";
import { action, noon, picture, report, upsert } from "../samples.ts";
import { liveAround } from "./live-around.ts";
import { liveHandlers } from "./live-handlers.ts";
import { before, countCalls } from "./runtime.ts";

onStandIns((standIns) => {
  describe("the live feed on AWS", () => {
    const { live, connect, subscriber, handedOver, imageOf, imagesAfter, write, push } = liveAround(standIns);
    const rows = async () => {
      const calls = countCalls(live.deps.clients);
      await push(await write(`probe ${Math.random()}`));
      return calls;
    };

    it("queries connections once if there are none, and notes that", async () => {
      const records = [await write("a"), await write("b")];
      const calls = countCalls(live.deps.clients);
      await push(...records);
      expect(calls).toEqual({ QueryCommand: 1, UpdateItemCommand: audienceRows.length });
    });

    it("reads the row of a connection once, for however many batches", async () => {
      await subscriber();
      await push(await write("first"));
      const records = [await write("a")];
      const calls = countCalls(live.deps.clients);
      await push(...records);
      expect(calls).toEqual({ QueryCommand: 1 });
      expect(await rows()).toMatchObject({ QueryCommand: 1 });
    });

    it("uses the newest configuration of a reader, and not a remembered one", async () => {
      const { socket, received } = await subscriber({ event_list: [] });
      await push(await write("before"));
      socket.send('{"event_list":["*"]}');
      socket.send("{");
      await expect.poll(() => received).toHaveLength(1);
      await push(await write("after"));
      await expect.poll(() => received).toHaveLength(2);
      expect(received[1]?.["event_id"]).toBe(upsert("after").eventId);
    });

    it("sends each event once, though its batch is received twice", async () => {
      const { received } = await subscriber();
      const record = await write("a");
      await push(record);
      await push(record);
      await push(await write("b"));
      await expect.poll(() => received).toHaveLength(2);
      expect(received.map((one) => one["event_id"])).toEqual([upsert("a").eventId, upsert("b").eventId]);
    });

    it("sends nothing about actions, nor about events that are removed", async () => {
      const { received } = await subscriber({ event_list: ["*"], updates: true });
      const enqueued = { action: action("a", "1001") };
      await live.deps.ingest.index.upsert(upsert("a", enqueued));
      const { eventId } = upsert("a");
      await push(await imagesAfter(eventId, () => live.deps.ingest.actions.markAnnounced(enqueued.action.id, true)));
      await push(await imagesAfter(eventId, () => live.deps.reads.eraser.eraseEvent(eventId)));
      await push(await write("last"));
      await expect.poll(() => received).toHaveLength(1);
      expect(received[0]?.["event_id"]).toBe(upsert("last").eventId);
    });

    it("counts each event once, however many reports it gets", async () => {
      const { socket, received } = await connect();
      socket.send('{"event_list":[],"counts":true}');
      await expect.poll(() => received).toHaveLength(1);
      const records: unknown[] = [];
      for (let n = 0; n < 6; n++) {
        records.push(await write(`${n}`));
        records.push(await write(`${n}`, { report: report({ kind: "live" }) }));
      }
      await push(...records);
      await expect.poll(() => received).toHaveLength(2);
      expect(received[1]).toMatchObject({ counts: { perSecond: 0.1 } });
    });

    it("sends an event again that replaced an expired one", async () => {
      await live.deps.ingest.index.upsert(upsert("a", { expiresAt: noon + 1000 }));
      const { received } = await subscriber();
      live.deps.setClock(noon + 2000);
      await push(await write("a", { now: noon + 2000 }));
      await expect.poll(() => received).toHaveLength(1);
    });

    it("leaves a picture out that does not fit into 128 KB, and sends the others", async () => {
      const [face, scene] = [picture("face", 60_000), picture("scene", 60_000)];
      for (const [kind, one] of [["face", face] as const, ["scene", scene] as const]) {
        await putPicture(live.deps.ingest.pictures, monthOf(noon), kind, one, upsert("a").eventId);
      }
      const facts = ({ data: _, ...rest }: typeof face) => rest;
      const pictures = { face: facts(face), scene: facts(scene) };
      const { received } = await subscriber({ event_list: ["*"], need_face: true, picture_urls: true });
      await push(await write("a", { report: report({ pictures }) }));
      await expect.poll(() => received).toHaveLength(1);
      expect(received).toMatchObject([
        {
          ext_data: { recognize_face: face.data.toString("base64"), spot_pic: "" },
          picture_urls: { scene: `/v1/events/${upsert("a").eventId}/pictures/scene` },
        },
      ]);
    });

    it.each([
      ["another type", "r_history", { M: {} }],
      ["another version", "r_history", { S: "{}" }],
      ["none of ours", "of_a_tool", { BOOL: true }],
    ])("continues behind a row with a value of %s", async (_, name, value) => {
      const { received } = await subscriber();
      const strange = await write("strange");
      Object.assign(strange.dynamodb.NewImage ?? {}, { [name]: value });
      await push(strange, await write("b"));
      const readable = name === "of_a_tool" ? ["strange", "b"] : ["b"];
      await expect
        .poll(() => received.map((one) => one["event_id"]))
        .toEqual(readable.map((one) => upsert(one).eventId));
      const errors = live.deps.lines.filter(({ level }) => level === "error").map(({ message }) => message);
      expect(errors).toEqual(name === "of_a_tool" ? [] : ["could not send change to live feed"]);
    });

    it("ends a connection whose configuration could not be stored: it would receive nothing", async () => {
      const { socket, closed } = await connect();
      before(live.deps.clients.dynamo, "UpdateItemCommand", "event_list", () => Promise.reject(new Error("throttled")));
      socket.send('{"event_list":["*"]}');
      await closed;
    });

    it("reports why a configuration could not be stored even if its connection stays open", async () => {
      await connect();
      const [connectionId = ""] = live.api.open.keys();
      const { dynamo } = live.deps.clients;
      before(dynamo, "UpdateItemCommand", "event_list", () => Promise.reject(new Error("throttled")));
      live.api.failing = 1;
      const asked = live.handlers.message({ requestContext: { connectionId }, body: '{"event_list":["*"]}' });
      await expect(asked).rejects.toThrow("throttled");
      const message = "could not disconnect live-feed subscriber";
      expect(live.deps.lines.filter(({ level }) => level === "warn")).toMatchObject([{ message }]);
    });

    it("ends a connection by its message once its key is revoked, and frees its place", async () => {
      const { socket, closed } = await connect();
      const [connectionId = ""] = live.api.open.keys();
      await live.deps.reads.keyAdmin.revoke(live.keyId);
      // The disconnection is not reported.
      live.api.routes = { ...live.handlers, disconnect: async () => {} };
      live.deps.setClock(live.deps.ingest.clock() + 2 * 60_000);
      socket.send("ping");
      await closed;
      await expect.poll(() => imageOf(`live ${connectionId}`)).toBeUndefined();
    });

    it("answers no ping while the store fails, and ends no connection by that", async () => {
      const { socket, received } = await subscriber();
      before(live.deps.clients.dynamo, "GetItemCommand", "live ", () => Promise.reject(new Error("throttled")));
      socket.send("ping");
      await expect.poll(() => received).toHaveLength(1);
      socket.send("ping");
      await expect.poll(() => received).toHaveLength(2);
      expect([received[0]?.["pong"], received[1]?.["pong"], socket.readyState]).toEqual([undefined, true, socket.OPEN]);
    });

    it("ends a connection whose row cannot be read, and sends to the others", async () => {
      const broken = await subscriber();
      const pk = `live ${[...live.api.open.keys()].at(-1)}`;
      const other = await subscriber();
      await tableOf(live.deps).update({ pk, set: { keyId: 7 } });
      await push(await write("a"));
      await broken.closed;
      await expect.poll(() => other.ids()).toEqual([upsert("a").eventId]);
    });

    it.each(["ping", '{"event_list":[]}'])(
      "ends a connection whose row cannot be read when its client sends %s",
      async (text) => {
        const { socket, closed } = await subscriber();
        await tableOf(live.deps).update({ pk: `live ${[...live.api.open.keys()].at(-1)}`, set: { keyId: 7 } });
        socket.send(text);
        await closed;
      },
    );

    it("forgets a connection that is gone", async () => {
      await subscriber();
      await subscriber();
      live.api.cut();
      await push(await write("a"));
      const records = [await write("b")];
      const another = liveHandlers(live.deps, live.api.url);
      const calls = countCalls(live.deps.clients);
      await another.push({ Records: records });
      expect(calls).toEqual({ QueryCommand: 1, UpdateItemCommand: audienceRows.length });
    });

    it("disconnects a reader that it cannot send to, and sends to the others", async () => {
      const [one, other] = [await subscriber(), await subscriber()];
      live.api.failing = 1;
      await push(await write("a"));
      await Promise.race([one.closed, other.closed]);
      expect([...one.received, ...other.received]).toMatchObject([{ event_id: upsert("a").eventId }]);
      expect(live.deps.lines.map(({ message }) => message)).toContain("could not send to live-feed subscriber");
    });

    it("sends at once again to a reader if API Gateway was busy", async () => {
      const { received } = await subscriber();
      live.api.busy = 2;
      await push(await write("a"));
      await expect.poll(() => received).toMatchObject([{ event_id: upsert("a").eventId }]);
    });

    it("fails the batch if it can neither send to a reader nor disconnect it", async () => {
      const { received } = await subscriber();
      const change = await write("a");
      live.api.failing = 2;
      await expect(push(change)).rejects.toThrow("1 subscribers could not be disconnected");
      expect(received).toEqual([]);
      await push(change);
      await expect.poll(() => received).toMatchObject([{ event_id: upsert("a").eventId }]);
    });

    it("skips an event that fits into no message, and continues", async () => {
      const { received } = await subscriber();
      const info = Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`${n}`, "x".repeat(8000)]));
      const large = report({ person: { id: "7", name: "Ada", type: "vip", info } });
      await push(await write("large", { report: large }), await write("small"));
      await expect.poll(() => received).toHaveLength(1);
      expect(received[0]?.["event_id"]).toBe(upsert("small").eventId);
    });

    it("sends a resuming reader later events by the push alone after the handover", async () => {
      for (const event of ["a", "b"]) await live.deps.ingest.index.upsert(upsert(event));
      const { socket, received } = await subscriber();
      socket.send(JSON.stringify({ event_list: ["*"], since: upsert("a").eventId }));
      await expect.poll(() => received).toHaveLength(1);
      await handedOver();
      live.deps.setClock(noon + 7500);
      await push(await write("late"));
      live.deps.setClock(noon + 17_001);
      socket.send("{");
      await expect.poll(() => received.at(-1)).toHaveProperty("error");
      const imagesAfter = received.slice(0, -1).map((one) => one["event_id"]);
      expect(imagesAfter).toEqual([upsert("b").eventId, upsert("late").eventId]);
    });

    it("disconnects a reader that it cannot bring up to date", async () => {
      await live.deps.ingest.index.upsert(upsert("a"));
      await live.deps.ingest.index.upsert(upsert("b"));
      const { socket, closed, received } = await subscriber();
      live.api.failing = 1;
      socket.send(JSON.stringify({ event_list: ["*"], since: upsert("a").eventId }));
      await closed;
      expect(received).toEqual([]);
      expect(live.deps.lines.map(({ message }) => message)).toContain(
        "could not bring live-feed subscriber up to date",
      );
    });

    it("disconnects a reader that is too far behind", async () => {
      for (const event of ["a", "b"]) await live.deps.ingest.index.upsert(upsert(event));
      const { socket, closed, received } = await subscriber();
      socket.send(JSON.stringify({ event_list: ["*"], since: upsert("a").eventId }));
      await expect.poll(() => received).toHaveLength(1);
      live.deps.setClock(noon + 25_000);
      await closed;
    });

    it("ends the connections of a key when the stream reports its revocation", async () => {
      const { closed } = await subscriber();
      await push(await imagesAfter(live.keyId, () => live.deps.reads.keyAdmin.revoke(live.keyId)));
      await closed;
    });

    it("ends a connection at a push a minute after its key was revoked", async () => {
      const { closed, received } = await subscriber();
      await live.deps.reads.keyAdmin.revoke(live.keyId);
      live.deps.setClock(noon + 60_001);
      await push(await write("a"));
      await closed;
      expect(received).toEqual([]);
    });

    it("accepts no other configuration from a connection whose key was revoked", async () => {
      const { socket, closed } = await subscriber();
      await live.deps.reads.keyAdmin.revoke(live.keyId);
      live.deps.setClock(noon + 60_001);
      socket.send('{"event_list":["*"]}');
      await closed;
    });
  });
});

onGatedStandIns((standIns) => {
  const { subscriber, write, push } = liveAround(standIns);

  it("the push fails the whole batch if it cannot read connections", async () => {
    const { received } = await subscriber();
    const record = await write("a");
    standIns.dynamo.mode = "refusing";
    await expect(push(record)).rejects.toThrow();
    standIns.dynamo.mode = "open";
    await push(record);
    await expect.poll(() => received).toHaveLength(1);
  });
});
