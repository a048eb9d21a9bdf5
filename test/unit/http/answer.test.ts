import type { RequestListener } from "node:http";
import { GatepostError } from "@gatepost/core/errors";
import { refuse, send } from "@gatepost/http";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { dial, headOf } from "../../support/dial.ts";
import { keptLog, listening } from "./support.ts";

/** The headers of every answer. */
const security =
  "content-security-policy: default-src 'none'; frame-ancestors 'none'; sandbox\r\nx-content-type-options: nosniff\r\n";

const withoutDate = (text: string) => text.replace(/Date: .+\r\n/, "");

afterEach(() => void vi.useRealTimers());

const unauthorized = new GatepostError("unauthorized", "no live key");

describe("An answer", () => {
  const answered: RequestListener = (_, response) =>
    send(response, { status: 200, headers: { "content-type": "text/plain", "retry-after": "5" }, body: "北门" });

  it("is sent with its status, its headers and its length in bytes", async () => {
    const { port } = await listening(answered);
    const { received, closed } = await dial(port, headOf("GET", "/", "Connection: close"));
    await closed;
    expect(withoutDate(received())).toBe(
      `HTTP/1.1 200 OK\r\n${security}content-type: text/plain\r\nretry-after: 5\r\ncontent-length: 6\r\n` +
        "Connection: close\r\n\r\n北门",
    );
  });

  it("to HEAD has the length of the body and not the body", async () => {
    const { port } = await listening(answered);
    const { received, closed } = await dial(port, headOf("HEAD", "/", "Connection: close"));
    await closed;
    expect(received()).toMatch(/content-length: 6\r\n[\s\S]+\r\n\r\n$/);
  });

  it("to HEAD has no length if its body was not made", async () => {
    const { port } = await listening((_, response) => send(response, { status: 200, headers: {}, body: null }));
    for (const more of ["", "Content-Length: 10"]) {
      const { received, closed } = await dial(port, headOf("HEAD", "/", "Connection: close", ...(more ? [more] : [])));
      await closed;
      expect(withoutDate(received())).toMatch(/^HTTP\/1.1 200 OK\r\n(?!.*content-length)[\s\S]+\r\n\r\n$/is);
    }
  });
});

describe("A refusal", () => {
  async function refusing(error: unknown) {
    const { lines, log } = keptLog();
    return { ...(await listening((_, response) => refuse(response, error, { log }))), lines };
  }

  it("leaves the connection to a client that has sent everything", async () => {
    const { log } = keptLog();
    const { port } = await listening((request, response) => {
      request.resume().once("end", () => refuse(response, unauthorized, { log }));
    });
    const { socket, received } = await dial(port, headOf("GET", "/"));
    await expect.poll(() => received()).toMatch(/^HTTP\/1.1 401 [\s\S]+"status":401}$/);
    expect(received()).not.toMatch(/connection: close/i);
    socket.write(headOf("GET", "/"));
    await expect.poll(() => received().match(/HTTP\/1.1 401 /g)).toHaveLength(2);
  });

  it("reaches a client that reads nothing before it has sent everything", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { port } = await refusing(unauthorized);
    const { socket, received, closed } = await dial(port, headOf("POST", "/", "Content-Length: 20000000"));
    socket.pause();
    const sent = Promise.withResolvers<Error | null | undefined>();
    socket.write(Buffer.alloc(20_000_000), sent.resolve);
    expect(await sent.promise).toBeFalsy();
    socket.resume();
    await closed;
    expect(withoutDate(received())).toBe(
      `HTTP/1.1 401 Unauthorized\r\n${security}connection: close\r\ncontent-type: application/json\r\n` +
        "content-length: 38\r\n\r\n" +
        '{"message":"no live key","status":401}',
    );
  });

  it("closes the connection of a client that keeps sending", async () => {
    const { port } = await refusing(unauthorized);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { socket, received, closed } = await dial(port, headOf("POST", "/", "Content-Length: 1000000000"));
    const flood = setInterval(() => socket.write("x".repeat(1000)), 5);
    onTestFinished(() => clearInterval(flood));
    await expect.poll(received).toMatch(/^HTTP\/1.1 401 [\s\S]+"status":401}$/);
    vi.advanceTimersByTime(1000);
    await closed;
  });

  it("logs an internal error, and does not show it to the client", async () => {
    const { port, lines } = await refusing(new Error("disk full"));
    const { received } = await dial(port, headOf("GET", "/"));
    await expect.poll(() => received()).toMatch(/^HTTP\/1.1 503 [\s\S]+retry-after: 5\r\n/);
    expect(received()).not.toContain("disk full");
    expect(lines).toMatchObject([{ level: "error", facts: { cause: { message: "disk full" } } }]);
  });

  it("cuts the connection if the head of the answer was already sent", async () => {
    const { lines, log } = keptLog();
    const { port } = await listening((_, response) => {
      response.writeHead(200, { "content-length": 100 }).flushHeaders();
      refuse(response, new Error("disk full"), { log });
    });
    const { received, closed } = await dial(port, headOf("GET", "/"));
    await closed;
    expect(received()).not.toContain("503");
    expect(lines).toHaveLength(1);
  });
});
