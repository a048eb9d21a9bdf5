import { once } from "node:events";
import { IncomingMessage } from "node:http";
import { connect, Socket } from "node:net";
import { turnAway } from "@gatepost/http";
import { expect, it, vi } from "vitest";
import { dial, headOf } from "../../support/dial.ts";
import { listening } from "./support.ts";

const refusal = { status: 401, headers: { "content-type": "application/problem+json" }, body: '{"detail":"no key"}' };
const websocket = ["Connection: Upgrade", "Upgrade: websocket"];

/** A server that refuses every upgrade, and answers everything else with 204. */
const closedServer = () =>
  listening((_, response) => void response.writeHead(204).end(), {
    upgrade: (request, socket) => turnAway(request, socket, refusal),
  });

it("answers with the reason, and closes the connection", async () => {
  const { port } = await closedServer();
  const { received, closed } = await dial(port, headOf("GET", "/live", ...websocket));
  await closed;
  const [head, body] = received().split("\r\n\r\n");
  expect(head).toMatch(/^HTTP\/1\.1 401 Unauthorized\r\n[\s\S]+content-type: application\/problem\+json\r\n/);
  expect(head).toContain(`\r\ncontent-length: ${refusal.body.length}\r\nconnection: close\r\n`);
  expect(body).toBe(refusal.body);
});

it("gives a HEAD no body", async () => {
  const { port } = await closedServer();
  const { received, closed } = await dial(port, headOf("HEAD", "/live", ...websocket));
  await closed;
  expect(received().split("\r\n\r\n")).toEqual([expect.stringMatching(/^HTTP\/1\.1 401 /), ""]);
});

it.each([
  ["an expectation that the server cannot meet", headOf("GET", "/", "Expect: 200-maybe"), 417],
  ["a head without a host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["a question", headOf("GET", "/"), 204],
])("keeps the server running after %s, whose answer is still being sent", async (_, before, status) => {
  const { port, url } = await closedServer();
  const { received, closed } = await dial(port, before + headOf("GET", "/live", ...websocket));
  await closed;
  // A request behind an answer that ends the connection, or before one that is due, may have no answer.
  expect(received()).toMatch(new RegExp(`^(HTTP/1.1 ${status} [^]*)?$`));
  const gone = connect(port, "127.0.0.1").on("error", () => {});
  gone.write(before);
  gone.write(headOf("GET", "/live", ...websocket));
  gone.resetAndDestroy();
  await once(gone, "close");
  expect((await fetch(url)).status).toBe(204);
});

it("leaves a connection that has ended as it is", () => {
  const socket = new Socket().destroy();
  const written = vi.spyOn(socket, "write");
  turnAway(new IncomingMessage(socket), socket, refusal);
  expect(written).not.toHaveBeenCalled();
});
