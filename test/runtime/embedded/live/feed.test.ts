import { once } from "node:events";
import { request } from "node:http";
import { newToken } from "@gatepost/core/keys";
import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { anyJson } from "../../../support/arbitraries.ts";
import { fixture } from "../../../support/fixtures.ts";
import { photo } from "../../../support/pictures.ts";
import { history, noon, realtime } from "../../../support/reports.ts";
import { refusedWith, start } from "./support.ts";

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
    reader.ask({ event_list: ["*"], types: ["vip"] });
    await reader.settled();
    await deps.deliver(history({ timestamp: noon + 1 }));
    reader.ask({ event_list: ["*"], types: ["employee"], boxes: ["gate-1"] });
    await reader.settled();
    await deps.deliver(history({ timestamp: noon + 2 }));
    expect((await reader.messages(1)).map((one) => one["timestamp"])).toEqual([noon + 2]);
    reader.ask({ event_list: ["*"], boxes: ["gate-2"] });
    await reader.settled();
    await deps.deliver(history({ timestamp: noon + 3 }));
    await reader.settled();
    expect(reader.received).toHaveLength(1);
  });

  it("gets an event once a later report names its device", async () => {
    const deps = await start();
    const [reader, updated] = [await deps.connect(), await deps.connect()];
    reader.ask({ event_list: ["SNO1__192.168.1.60"] });
    updated.ask({ event_list: ["*"], updates: true });
    await Promise.all([reader.settled(), updated.settled()]);
    await deps.deliver(realtime(), "RealTimeEvent");
    await deps.deliver(history());
    expect(await reader.messages(1)).toHaveLength(1);
    const [id] = await deps.ids();
    const messages = await updated.messages(2);
    expect(messages.map((one) => [one.event_id, one["updated"]])).toEqual([
      [id, false],
      [id, true],
    ]);
  });

  it("gets pictures, or links to them, as requested", async () => {
    const deps = await start();
    const [plain, pictures, urls] = [await deps.connect(), await deps.connect(), await deps.connect()];
    plain.ask({ event_list: ["*"] });
    pictures.ask({ event_list: ["*"], need_face: true, need_register: true });
    urls.ask({ event_list: ["*"], picture_urls: true });
    await Promise.all([plain, pictures, urls].map((reader) => reader.settled()));
    const [face, base] = [photo("face"), photo("base")];
    await deps.deliver(history({ reg_pic: base }, { recognize_face: face }));
    const none = { reg_pic: "", ext_data: { spot_pic: "", recognize_face: "" } };
    expect(await plain.messages(1)).toMatchObject([none]);
    expect(plain.received[0]).not.toHaveProperty("picture_urls");
    expect(await pictures.messages(1)).toMatchObject([
      { reg_pic: base, ext_data: { recognize_face: face, spot_pic: "" } },
    ]);
    const [id] = await deps.ids();
    const href = `/v1/events/${id}/pictures/`;
    const picture_urls = { face: `${href}face`, registered: `${href}registered` };
    expect(await urls.messages(1)).toMatchObject([{ ...none, picture_urls }]);
  });

  it.each([
    "{",
    "[]",
    '"*"',
    "",
    '{"need_face":"yes"}',
    '{"event_list":"*"}',
    '{"types":["robot"]}',
    '{"since":"evt_none"}',
  ])("gets one error after it sends %s, and keeps its configuration", async (wrong) => {
    const deps = await start();
    const reader = await deps.connect();
    reader.ask({ event_list: ["*"] });
    reader.ask(wrong);
    await expect.poll(() => reader.received).toEqual([{ error: { status: 400, message: expect.any(String) } }]);
    await deps.deliver(history());
    await expect.poll(() => reader.received).toHaveLength(2);
  });

  it("gets at most one error for each random message, and stays", async () => {
    const deps = await start();
    const reader = await deps.connect();
    const anything = fc.oneof(
      fc.string(),
      anyJson.map((value) => JSON.stringify(value)),
    );
    const sent = fc.sample(anything, { numRuns: 300, seed: 5 });
    for (const text of sent) reader.socket.send(text);
    reader.socket.send(Buffer.from([0, 1]));
    reader.ask({ event_list: ["*"] });
    await reader.settled();
    const errors = reader.received.length;
    expect(errors).toBeLessThanOrEqual(sent.length + 1);
    await deps.deliver(history());
    await expect.poll(() => reader.received).toHaveLength(errors + 1);
  });

  it("is disconnected if it sends too much", async () => {
    const deps = await start();
    const reader = await deps.connect();
    reader.ask(`"${"x".repeat(100_000)}"`);
    expect(await reader.closed).toBe(1009);
  });
});

describe("the live feed's door", () => {
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

  it("looks up three keys and tickets at most, and no other words", async () => {
    const deps = await start();
    const find = vi.spyOn(deps.runtime.ingest.keys, "find");
    const redeem = vi.spyOn(deps.runtime.reads.tickets, "redeem");
    const many = Array.from({ length: 100 }, () => `token=word&token=${newToken("read")}`).join("&");
    expect(await refusedWith(`${deps.address}/live?${many}`)).toBe(401);
    expect([find.mock.calls.length, redeem.mock.calls.length]).toEqual([3, 0]);
    expect(await refusedWith(`${deps.address}/live?token=gpt_${"x".repeat(27)}`)).toBe(401);
    expect([find.mock.calls.length, redeem.mock.calls.length]).toEqual([3, 1]);
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

  it("opens once for a ticket, and disconnects when its key is revoked", async () => {
    const deps = await start();
    const headers = { authorization: `Bearer ${deps.reader.token}` };
    const answer = await fetch(`${deps.url}/v1/tickets`, { method: "POST", headers });
    const { ticket } = (await answer.json()) as { ticket: string };
    const page = await deps.connect(`/live?token=${ticket}`);
    expect(await refusedWith(`${deps.address}/live?token=${ticket}`)).toBe(401);
    await deps.runtime.reads.keyAdmin.revoke(deps.reader.id);
    expect(await page.closed).toBe(1008);
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
