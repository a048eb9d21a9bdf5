import { once } from "node:events";
import { request } from "node:http";
import { hashToken, newToken } from "@gatepost/core/keys";
import { serve } from "@gatepost/embedded";
import fc from "fast-check";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { anyJson } from "../../../support/arbitraries.ts";
import { fixture } from "../../../support/fixtures.ts";
import { photo } from "../../../support/pictures.ts";
import { history, noon, realtime } from "../../../support/reports.ts";
import { temporaryRuntime } from "../temporary.ts";
import { connect, refusedWith, start } from "./support.ts";

const report = (n: number) => history({ identity_id: `${n}`, timestamp: noon + n });

const device = "04f98265-1fad-47e5-9dda-66e191272055";

describe("a reader", () => {
  it("gets each event of its devices once, and no other", async () => {
    const deps = await start();
    const reader = await deps.connect();
    reader.ask({ event_list: [device, "192.168.1.60"] });
    await reader.settled();
    await deps.deliver(fixture("ws-v5", "printed"), "LiveEvent");
    await deps.deliver(fixture("ws-v5", "printed"), "LiveEvent");
    await deps.deliver(realtime(), "RealTimeEvent");
    await deps.deliver(realtime({}, { device_ip: "10.9.9.9" }), "RealTimeEvent");
    await deps.deliver(realtime({ timestamp: noon + 1 }), "RealTimeEvent");
    const messages = await reader.messages(3);
    const [first = "", second = "", , third = ""] = await deps.ids();
    expect(messages.map(({ event_id }) => event_id)).toEqual([first, second, third]);
    expect(messages.map((one) => one["device_id"])).toEqual([device, "192.168.1.60", "192.168.1.60"]);
  });

  it("gets each event in the form of an SE5 and nothing else", async () => {
    const deps = await start();
    const [v5, v6] = [await deps.connect(), await deps.connect()];
    v5.ask({ event_list: ["*"], form: "event", since: "evt_none", counts: true });
    v6.ask({ media_device_ids: ["*"], with_face_image: false });
    await Promise.all([v5.settled(), v6.settled()]);
    await deps.deliver({ ...fixture("ws-v5", "printed"), video_id: "video-7" }, "LiveEvent");
    await deps.deliver(history());
    const [first, second] = await v5.messages(2);
    expect([first?.["video_id"], second?.["video_id"]]).toEqual(["video-7", "SNO1__192.168.1.60"]);
    expect(Object.keys(first ?? {}).sort()).toEqual(
      [...Object.keys(fixture("ws-v5", "printed")), "event_id", "video_id"].sort(),
    );
    expect(await v6.messages(2)).toMatchObject([
      { media_device_id: device, user_type: "vip" },
      { media_device_id: "SNO1__192.168.1.60", user_type: "employee" },
    ]);
  });

  it("gets nothing for an empty list, and everything for a star", async () => {
    const deps = await start();
    const [none, all] = [await deps.connect(), await deps.connect()];
    none.ask({});
    all.ask({ event_list: ["*"] });
    await Promise.all([none.settled(), all.settled()]);
    await deps.deliver(history());
    await all.messages(1);
    await none.settled();
    expect(none.received).toEqual([]);
  });

  it("gets nothing before its configuration, which it may change at any time", async () => {
    const deps = await start();
    const reader = await deps.connect();
    await deps.deliver(history());
    reader.ask({ event_list: ["elsewhere"] });
    await reader.settled();
    await deps.deliver(history({ timestamp: noon + 1 }));
    reader.ask({ event_list: ["*"] });
    await reader.settled();
    await deps.deliver(history({ timestamp: noon + 2 }));
    expect((await reader.messages(1)).map((one) => one["timestamp"])).toEqual([noon + 2]);
    reader.ask({ event_list: [] });
    await reader.settled();
    await deps.deliver(history({ timestamp: noon + 3 }));
    await reader.settled();
    expect(reader.received).toHaveLength(1);
  });

  it("gets an event once a later report names its device", async () => {
    const deps = await start();
    const [reader, all] = [await deps.connect(), await deps.connect()];
    reader.ask({ event_list: ["SNO1__192.168.1.60"] });
    all.ask({ event_list: ["*"] });
    await Promise.all([reader.settled(), all.settled()]);
    await deps.deliver(realtime(), "RealTimeEvent");
    await deps.deliver(history());
    const ids = await deps.ids();
    expect((await reader.messages(1)).map(({ event_id }) => event_id)).toEqual(ids);
    await all.settled();
    expect((await all.messages(1)).map(({ event_id }) => event_id)).toEqual(ids);
  });

  it("gets pictures if it asks for them", async () => {
    const deps = await start();
    const [plain, pictures] = [await deps.connect(), await deps.connect()];
    plain.ask({ event_list: ["*"] });
    pictures.ask({ event_list: ["*"], need_face: true, need_register: true });
    await Promise.all([plain, pictures].map((reader) => reader.settled()));
    const [face, base] = [photo("face"), photo("base")];
    await deps.deliver(history({ reg_pic: base }, { recognize_face: face }));
    const none = { reg_pic: "", ext_data: { spot_pic: "", recognize_face: "" } };
    expect(await plain.messages(1)).toMatchObject([none]);
    expect(await pictures.messages(1)).toMatchObject([
      { reg_pic: base, ext_data: { recognize_face: face, spot_pic: "" } },
    ]);
  });

  it("keeps its configuration, without an answer, after a message that is none", async () => {
    const deps = await start();
    const reader = await deps.connect();
    reader.ask({ event_list: ["*"] });
    for (const wrong of ["{", "[]", '"*"', "", "ping", '{"need_face":"yes"}', '{"event_list":"*"}']) reader.ask(wrong);
    await reader.settled();
    await deps.deliver(history());
    expect((await reader.messages(1)).map(({ event_id }) => event_id)).toEqual(await deps.ids());
  });

  it("stays connected after random messages", async () => {
    const deps = await start();
    const reader = await deps.connect();
    const anything = fc.oneof(
      fc.string(),
      anyJson.map((value) => JSON.stringify(value)),
    );
    for (const text of fc.sample(anything, { numRuns: 300, seed: 5 })) reader.socket.send(text);
    reader.socket.send(Buffer.from([0, 1]));
    reader.ask({ event_list: ["*"] });
    await reader.settled();
    await deps.deliver(history());
    await reader.messages(1);
  });

  it("is disconnected if it sends too much", async () => {
    const deps = await start();
    const reader = await deps.connect();
    reader.ask(`"${"x".repeat(100_000)}"`);
    expect(await reader.closed).toBe(1009);
  });
});

describe("the door of the socket", () => {
  it("is open to read and admin keys, anywhere in the URL", async () => {
    const deps = await start();
    const admin = await deps.key("admin");
    const { token } = deps.reader;
    for (const path of [`/live?token=${admin.token}`, `/${token}`, `/${token}/`, `/live/?token=${token},`]) {
      const reader = await deps.connect(path);
      reader.ask({});
      await reader.settled();
    }
  });

  it("is closed to others", async () => {
    const deps = await start();
    const { token } = await deps.key("ingest");
    expect(await refusedWith(`${deps.address}/${token}`)).toBe(403);
    expect(await refusedWith(`${deps.address}/live`)).toBe(401);
    expect(await refusedWith(`${deps.address}/live?token=gpr_unknown`)).toBe(401);
    expect(await refusedWith(`${deps.address}/v1/events?token=${deps.reader.token}`)).toBe(404);
  });

  it("looks up three keys at most, and no other words", async () => {
    const deps = await start();
    const find = vi.spyOn(deps.runtime.ingest.keys, "find");
    const many = Array.from({ length: 100 }, () => `token=word&token=${newToken("read")}`).join("&");
    expect(await refusedWith(`${deps.address}/live?${many}`)).toBe(401);
    expect(find).toHaveBeenCalledTimes(3);
  });

  it("notes the use of the accepted key only", async () => {
    const deps = await start();
    const { token } = await deps.key("ingest");
    const used = async () =>
      (await deps.runtime.reads.keyAdmin.list()).filter(({ lastUsedAt }) => lastUsedAt !== null).map(({ id }) => id);
    expect(await refusedWith(`${deps.address}/${token}`)).toBe(403);
    await deps.connect();
    await expect.poll(used).toEqual([deps.reader.id]);
  });

  it("disconnects a reader at once when its key is revoked", async () => {
    const deps = await start();
    const [reader, other] = [await deps.connect(), await deps.connect(`/${(await deps.key("read")).token}`)];
    await deps.runtime.reads.keyAdmin.revoke(deps.reader.id);
    expect(await reader.closed).toBe(1008);
    await other.settled();
    expect(await refusedWith(`${deps.address}/${deps.reader.token}`)).toBe(401);
  });

  it("sends a key that is limited to boxes only their events", async () => {
    const deps = await start();
    const keyFor = async (boxes: string[]) => {
      const token = newToken("read");
      await deps.runtime.reads.keyAdmin.create({ scope: "read", box: null, boxes, tokenHash: hashToken(token) });
      return token;
    };
    const elsewhere = await deps.connect(`/${await keyFor(["gate-9"])}`);
    const own = await deps.connect(`/${await keyFor(["gate-9", "gate-1"])}`);
    for (const reader of [elsewhere, own]) {
      reader.ask({ event_list: ["*"] });
      await reader.settled();
    }
    await deps.deliver(history());
    await own.messages(1);
    await elsewhere.settled();
    expect(elsewhere.received).toEqual([]);
  });

  it("disconnects a reader when its key expires, and sends it nothing from then on", async () => {
    const [hour, begun] = [3_600_000, Date.now()];
    let now = begun;
    const { runtime, close } = await temporaryRuntime({ clock: () => now });
    onTestFinished(close);
    const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
    onTestFinished(() => served.close());
    const [box, token] = [newToken("ingest"), newToken("read")];
    await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(box) });
    const ends = { expiresAt: begun + hour };
    await runtime.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(token), ...ends });
    const reader = await connect(`ws://127.0.0.1:${served.port}/${token}`);
    reader.ask({ event_list: ["*"] });
    await reader.settled();
    now += hour;
    const sent = { method: "POST", body: JSON.stringify(history()) };
    expect((await fetch(`http://127.0.0.1:${served.port}/${box}/HistoryEvent`, sent)).status).toBe(200);
    expect(await reader.closed).toBe(1008);
    expect(reader.received).toEqual([]);
  });

  it("counts readers among those who may have a third of all connections", async () => {
    const deps = await start({ connections: { total: 9 } });
    const readers = await Promise.all(Array.from({ length: 9 }, () => deps.connect()));
    await deps.deliver(history());
    expect(await deps.ids()).toHaveLength(1);
    expect(await readers[0]?.closed).toBe(1006);
  });

  it("is on further ports if these are configured", async () => {
    const deps = await start({ alsoOn: [0, 0] });
    expect(new Set(deps.served.ports).size).toBe(3);
    for (const port of deps.served.ports) {
      const answer = await fetch(`http://127.0.0.1:${port}/SophonDevice/api/Devices?token=${deps.reader.token}`);
      expect(await answer.json()).toEqual({ data: { devices_list: [] } });
    }
  });

  it("disconnects all readers when the server ends", async () => {
    const deps = await start();
    const reader = await deps.connect();
    await deps.served.close();
    expect(await reader.closed).toBe(1001);
  });
});

describe("a reader that reads", () => {
  it("stays connected however many events arrive at once", async () => {
    const deps = await start();
    const reader = await deps.connect();
    reader.ask({ event_list: ["*"] });
    await reader.settled();
    await deps.deliver(Array.from({ length: 300 }, (_, n) => report(n)));
    const messages = await reader.messages(300);
    expect(messages.map(({ event_id }) => event_id)).toEqual(await deps.ids());
  });
});

describe("a reader that does not read", () => {
  it("is disconnected with 1013, and delays no other reader", async () => {
    const deps = await start();
    const [slow, other] = [await deps.connect(), await deps.connect()];
    for (const reader of [slow, other]) {
      reader.ask({ event_list: ["*"], need_face: true });
      await reader.settled();
    }
    slow.socket.pause();
    const scene = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff]), Buffer.alloc(600_000, 7)]).toString("base64");
    for (let n = 0; n < 40; n++) await deps.deliver(history({ timestamp: noon + n }, { spot_pic: scene }));
    await other.messages(40);
    slow.socket.resume();
    expect(await slow.closed).toBe(1013);
    expect(slow.received.length).toBeLessThan(40);
  });
});

describe("a store that fails", () => {
  it("disconnects readers that would have a gap", async () => {
    const deps = await start();
    const reader = await deps.connect();
    reader.ask({ event_list: ["*"] });
    await reader.settled();
    const { events } = deps.runtime.reads;
    const get = events.get.bind(events);
    events.get = () => Promise.reject(new Error("disk gone"));
    await deps.deliver(report(1));
    expect(await reader.closed).toBe(1011);
    expect(deps.logged.filter(({ level }) => level === "error")).toHaveLength(1);
    events.get = get;
    const again = await deps.connect();
    again.ask({ event_list: ["*"] });
    await again.settled();
    await deps.deliver(report(2));
    await again.messages(1);
  });

  it("refuses readers, and logs that", async () => {
    const deps = await start();
    deps.runtime.ingest.keys.find = () => Promise.reject(new Error("disk gone"));
    expect(await refusedWith(`${deps.address}/live?token=${deps.reader.token}`)).toBe(503);
    expect(deps.logged).toMatchObject([{ level: "error", message: "subscriber refused", facts: { cause: {} } }]);
  });
});

describe("a reader whose machine is gone", () => {
  it("is dropped when it has not answered a ping by the next one", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    try {
      const deps = await start();
      const [dead, alive] = [await deps.connect(), await deps.connect()];
      dead.socket.pong = () => {};
      vi.advanceTimersByTime(30_000);
      await alive.settled();
      await dead.settled();
      vi.advanceTimersByTime(30_000);
      expect(await dead.closed).toBe(1006);
      await alive.settled();
    } finally {
      vi.useRealTimers();
    }
  });
});

it("a report is accepted though its sender offers HTTP/2", async () => {
  const deps = await start();
  const { token } = await deps.key("ingest");
  const sent = request(`${deps.url}/${token}/HistoryEvent`, {
    method: "POST",
    headers: { connection: "Upgrade, HTTP2-Settings", upgrade: "h2c", "http2-settings": "AAEAAEAAAAIAAAABAAMAAABk" },
  });
  sent.end(JSON.stringify(history()));
  const [response] = (await once(sent, "response")) as [{ statusCode: number; resume(): void }];
  response.resume();
  expect(response.statusCode).toBe(200);
  expect(await deps.ids()).toHaveLength(1);
});
