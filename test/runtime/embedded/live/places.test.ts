import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { dial, headOf } from "../../../support/dial.ts";
import { history } from "../../../support/reports.ts";
import { refusedWith, start } from "./support.ts";

/** Whether a live connection is opened; it stays. */
async function opens(address: string): Promise<boolean> {
  const socket = new WebSocket(address);
  onTestFinished(() => socket.terminate());
  return await new Promise((resolve) => {
    socket.once("open", () => resolve(true));
    socket.on("error", () => resolve(false));
  });
}

describe("live connections", () => {
  it("are limited for one key, without effect on another key", async () => {
    const { address, connect, key, reader } = await start({ connections: { liveOfKey: 2 } });
    const [first] = [await connect(), await connect(`/${reader.token}`)];
    const more = `${address}/live?token=${reader.token}`;
    expect(await refusedWith(more)).toBe(429);
    expect(await opens(`${address}/live?token=${(await key("read")).token}`)).toBe(true);
    first.socket.close();
    await expect.poll(() => opens(more)).toBe(true);
    expect(await refusedWith(more)).toBe(429);
  });

  it("have a third of all connections for all readers; boxes still deliver", async () => {
    const { address, connect, deliver, ids, runtime } = await start({ connections: { total: 9 } });
    for (let n = 0; n < 3; n++) await connect();
    for (let n = 0; n < 9; n++) expect(await refusedWith(`${address}/live?token=${runtime.adminToken}`)).toBe(503);
    await deliver(history());
    expect(await ids()).toHaveLength(1);
  });

  it.each([
    ["of their key", { liveOfKey: 1 }, "429", "close one of them, or use another key"],
    ["of all", { total: 3 }, "503", "the others are kept for boxes; try again later"],
  ])("get advice if they are refused for the number %s", async (_, connections, status, advice) => {
    const { connect, reader, served } = await start({ connections: { ...connections } });
    await connect();
    const handshake = ["Connection: Upgrade", "Upgrade: websocket"];
    const { received, closed } = await dial(served.port, headOf("GET", `/live?token=${reader.token}`, ...handshake));
    await closed;
    expect(received()).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]+${advice}`));
  });
});
