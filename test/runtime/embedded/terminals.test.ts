import { hashToken, newToken } from "@gatepost/core/keys";
import { openRuntime, serve } from "@gatepost/embedded";
import { merge } from "@gatepost/protocol";
import { receiver } from "@gatepost/receive";
import { afterEach, describe, expect, it } from "vitest";
import { boxRequest } from "../../support/http.ts";
import { expected, expectReply, inOrder, judged, samples, serial, terminalRequest } from "../../support/terminals.ts";
import { temporaryDataFolder, temporaryRuntime } from "./temporary.ts";

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const now = Date.parse("2026-11-24T18:00:30+08:00");

async function start(clock = () => now) {
  const { runtime, close } = await temporaryRuntime({ zone: "UTC", clock });
  closers.push(close);
  const served = await serve(runtime, { host: "127.0.0.1", port: 0 });
  closers.push(() => served.close());
  const token = newToken("ingest");
  const key = { scope: "ingest", box: "gate-1", tokenHash: hashToken(token), serials: [serial] } as const;
  await runtime.reads.keyAdmin.create(key);
  await runtime.reads.boxes.writer.set("gate-1", { zone: "Asia/Shanghai" });
  const send = async (name: string, changed?: { query?: string; body?: Buffer }) => {
    const { method, path, query, headers, body } = { ...terminalRequest(name, token), ...changed };
    const { host: _, connection: __, "content-length": ___, ...kept } = headers;
    const sent = method === "POST" ? { body: new Uint8Array(body) } : {};
    const url = `http://127.0.0.1:${served.port}${path}?${query}`;
    const response = await fetch(url, { method, headers: kept, ...sent });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  };
  const events = async () => (await runtime.reads.events.list({}, { limit: 100, cursor: null })).items.map(merge);
  const records = async () => (await runtime.reads.quarantine.list(null, { limit: 100, cursor: null })).items;
  return { runtime, send, events, records };
}

describe("one machine", () => {
  it.each(samples)("takes %s and its repeat, and answers as the terminal needs", async (name) => {
    const { send, events, records } = await start();
    const wanted = expected(name);
    const first = wanted.joins?.replace(".http", "");
    if (first !== undefined) await send(first);
    expectReply(await send(name), wanted);
    const reply = await send(name);
    expectReply(reply, wanted);
    expect(reply.headers["date"]).toEqual(expect.any(String));
    const all = await events();
    const shown = wanted.events.map((event) => {
      const found = all.find(
        ({ person, timestamp }) => person.id === event.person_id && timestamp === event.timestamp_ms,
      );
      return judged(found, first === undefined ? event : { ...event, direction: "in" });
    });
    expect(inOrder(shown)).toEqual(inOrder(wanted.events.map((one) => (first ? { ...one, direction: "in" } : one))));
    expect(all).toHaveLength(first === undefined ? wanted.events.length : 3);
    expect(await records()).toEqual([]);
  });

  it("finds denied passings by their flag", async () => {
    const { send, runtime } = await start();
    const query = `SN=${serial}&table=rtlog`;
    const body = Buffer.from("time=2026-11-24 08:01:18\tpin=42\tevent=23\ntime=2026-11-24 08:01:19\tpin=42\tevent=0\n");
    await send("zkteco-02-attlog", { query, body });
    const found = await runtime.reads.events.list({ flag: "denied" }, { limit: 100, cursor: null });
    expect(found.items.map(merge)).toMatchObject([{ result: "denied", reason: "no permission" }]);
  });

  it("reads a long list in its own thread, in the zone of the box", async () => {
    const { send, events } = await start();
    const line = (at: number) => `${at}\t2026-11-24 08:01:18\t0\t15\t${"0".repeat(2000)}\n`;
    const body = Buffer.from(Array.from({ length: 600 }, (_, at) => line(at)).join(""));
    const reply = await send("zkteco-02-attlog", { body });
    expect(reply.body).toBe("OK: 600");
    expect((await events())[0]?.time).toBe("2026-11-24T00:01:18.000Z");
  });

  it("shows a terminal that no key lists also after a restart", async () => {
    const { path, remove } = await temporaryDataFolder();
    closers.push(remove);
    const options = { data: path, zone: "UTC", clock: () => now, log: { info() {}, warn() {}, error() {} } };
    const before = await openRuntime(options);
    await receiver(before.ingest)(boxRequest({ path: "/iclock/cdata", query: "SN=OTHER1", address: "192.168.1.60" }));
    await before.close();
    const after = await openRuntime(options);
    closers.push(() => after.close());
    const terminal = { serial: "OTHER1", from: "192.168.1.60", count: 1, last: now };
    expect(await after.reads.unknownTerminals.list()).toEqual([terminal]);
  });
});
