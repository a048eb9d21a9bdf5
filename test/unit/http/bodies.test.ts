import { Bodies, refuse, send } from "@gatepost/http";
import { describe, expect, it } from "vitest";
import { dial, headOf } from "../../support/dial.ts";
import { keptLog, listening } from "./support.ts";

/** A server that reads bodies of at most 1000 bytes, 1500 together, and does with each what it is told to. */
async function reading(use: (body: Buffer) => Promise<void> = async () => {}) {
  const bodies = new Bodies(1500);
  const read: string[] = [];
  const { lines, log } = keptLog();
  const { url, port } = await listening(async (_, response) => {
    try {
      await bodies.read(response, 1000, async (body) => {
        read.push(body.toString());
        await use(body);
        send(response, { status: 200, headers: {}, body: "read" });
      });
    } catch (error) {
      refuse(response, error, { log });
    }
  });
  const post = (bytes: number) => fetch(url, { method: "POST", body: "x".repeat(bytes) });
  return { port, read, post, lines };
}

const tooMuch = { message: "too much is being received at once, send it again", status: 503 };

describe("Bodies", () => {
  it("are handed over whole, in however many pieces they come", async () => {
    const { port, read } = await reading();
    const { socket, received } = await dial(port, headOf("POST", "/", "Transfer-Encoding: chunked"));
    for (const piece of ["2\r\n北".slice(0, 3), "{}\r\n", "3\r\n[1]\r\n", "0\r\n\r\n"]) socket.write(piece);
    await expect.poll(() => received()).toContain("read");
    expect(read).toEqual(["{}[1]"]);
  });

  it("have at most as many bytes as is said, measured and not declared", async () => {
    const { port, read, post } = await reading();
    expect((await post(1000)).status).toBe(200);
    const refused = await post(1001);
    expect([refused.status, await refused.json()]).toEqual([
      413,
      { message: "a body may have at most 1000 bytes", status: 413 },
    ]);
    const chunk = `3e9\r\n${"x".repeat(1001)}\r\n`;
    const { received, closed } = await dial(port, headOf("POST", "/", "Transfer-Encoding: chunked") + chunk);
    await closed;
    expect(received()).toMatch(/^HTTP\/1.1 413 /);
    expect(read.map(({ length }) => length)).toEqual([1000]);
  });

  it("count together until what is done with them is done", async () => {
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const { post, read } = await reading((body) => (body.length === 900 ? done : Promise.resolve()));
    const first = post(900);
    await expect.poll(() => read).toHaveLength(1);
    const refused = await post(700);
    expect([refused.status, refused.headers.get("retry-after"), await refused.json()]).toEqual([503, "5", tooMuch]);
    expect((await post(600)).status).toBe(200);
    finish();
    expect((await first).status).toBe(200);
    expect((await post(700)).status).toBe(200);
  });

  it("give their room back where what is done with them fails", async () => {
    const { post, lines } = await reading(() => Promise.reject(new Error("no disk")));
    for (let i = 0; i < 3; i++) {
      expect(await (await post(1000)).json()).toEqual({
        message: "nothing could be stored, send it again",
        status: 503,
      });
    }
    expect(lines).toHaveLength(3);
  });

  it("reach nobody where they are cut off, and give their room back", async () => {
    const { port, post, read, lines } = await reading();
    for (let i = 0; i < 5; i++) {
      const { socket, closed } = await dial(port, `${headOf("POST", "/", "Content-Length: 1000")}${"x".repeat(999)}`);
      socket.end();
      await closed;
    }
    await expect.poll(async () => (await post(1000)).status).toBe(200);
    expect([read.length, lines]).toEqual([1, []]);
  });

  it("are asked for where a client waits for leave to send", async () => {
    const { port } = await reading();
    const { socket, received } = await dial(port, headOf("POST", "/", "Expect: 100-continue", "Content-Length: 2"));
    await expect.poll(() => received()).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    socket.write("{}");
    await expect.poll(() => received()).toMatch(/\r\nHTTP\/1.1 200 [\s\S]+read$/);
  });
});
