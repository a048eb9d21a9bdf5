import { once } from "node:events";
import { hashToken, newToken } from "@gatepost/core/keys";
import { type ServeOptions, serve } from "@gatepost/embedded";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { dial, headOf } from "../../support/dial.ts";
import { openedByTests } from "./temporary.ts";

const { closers, openRuntimeHere } = openedByTests();

const bytes = 16 * 1024 * 1024;

/** A server with one large record in quarantine, and a key to read. */
async function start(answers: NonNullable<ServeOptions["answers"]>) {
  const { runtime, logged } = await openRuntimeHere();
  const served = await serve(runtime, { host: "127.0.0.1", port: 0, answers });
  closers.push(() => served.close());
  const url = `http://127.0.0.1:${served.port}`;
  const keys = { ingest: newToken("ingest"), read: newToken("read") };
  await runtime.reads.keyAdmin.create({ scope: "ingest", box: "gate-1", tokenHash: hashToken(keys.ingest) });
  await runtime.reads.keyAdmin.create({ scope: "read", box: null, tokenHash: hashToken(keys.read) });
  const report = () => fetch(`${url}/${keys.ingest}/x`, { method: "POST", body: "x".repeat(bytes) });
  await report();
  const { items } = await runtime.reads.quarantine.list(null, { limit: 1, cursor: null });
  const path = `/v1/quarantine/${items[0]?.id}`;
  const get = (at: string) => fetch(url + at, { headers: { authorization: `Bearer ${keys.read}` } });
  /** Asks for the record, and reads its beginning. */
  const ask = async () => {
    const dialled = await dial(served.port, headOf("GET", path, `Authorization: Bearer ${keys.read}`));
    await once(dialled.socket, "data");
    dialled.socket.pause();
    return dialled;
  };
  const isRead = async () => (await (await get(path)).text()).length > bytes;
  return { ask, get, isRead, path, report, logged };
}

describe("unread answers", () => {
  it("are limited: more are refused, except small ones and answers to boxes", async () => {
    const { ask, get, isRead, path, report, logged } = await start({ maxBytes: 2.5 * bytes });
    const { socket } = await ask();
    const refused = async () => {
      const answer = await get(path);
      return [answer.status, answer.headers.get("retry-after"), (await answer.text()).slice(-100)];
    };
    const said = '"status":503,"detail":"too many answers wait to be read, ask again when they are"}';
    expect(await refused()).toEqual([503, "5", expect.stringContaining(said)]);
    expect([(await get("/v1/me")).status, (await report()).status]).toEqual([200, 200]);
    socket.destroy();
    await expect.poll(isRead).toBe(true);
    expect(logged.filter(({ level }) => level === "error")).toEqual([]);
  });

  it("are dropped with their connection, and other requests are answered", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    onTestFinished(() => void vi.useRealTimers());
    const { ask, isRead } = await start({ maxBytes: 2.5 * bytes, stallMs: 30_000 });
    for (let n = 0; n < 2; n++) await ask();
    vi.advanceTimersByTime(31_000);
    await expect.poll(isRead).toBe(true);
  });
});
