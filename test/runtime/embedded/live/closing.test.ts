import { once } from "node:events";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { dial, headOf } from "../../../support/dial.ts";
import { start } from "./support.ts";

const handshake = (path: string) =>
  headOf(
    "GET",
    path,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  );

describe("a server that ends", () => {
  it("refuses a live client whose key was still being looked up", async () => {
    const { runtime, served, reader } = await start();
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
    const { promise: known, resolve: isKnown } = Promise.withResolvers<void>();
    runtime.ingest.keys.noteUse = () => {
      isAsked();
      return known;
    };
    const { received, closed } = await dial(served.port, handshake(`/live?token=${reader.token}`));
    await asked;
    const closing = served.close();
    isKnown();
    await Promise.all([closing, closed]);
    expect(received()).toBe("");
  });

  it("waits for no refused client that keeps its side open", async () => {
    const { served } = await start();
    const socket = connect({ port: served.port, host: "127.0.0.1", allowHalfOpen: true });
    onTestFinished(() => void socket.destroy());
    socket.write(handshake("/live?token=unknown"));
    const [answer] = await once(socket, "data");
    expect(String(answer)).toMatch(/^HTTP\/1.1 401 /);
    await served.close();
  });
});

it("a request for the live feed without a key, sent early, breaks nothing", async () => {
  const { served, url } = await start();
  const { closed } = await dial(served.port, headOf("GET", "/v1/events") + handshake("/live?token=unknown"));
  await closed;
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});
