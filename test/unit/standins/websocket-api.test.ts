import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { startWebSocketApi, type WebSocketApi } from "../../standins/websocket-api.ts";

describe("the stand-in for a WebSocket API", () => {
  let api: WebSocketApi;
  const events: Record<string, unknown>[] = [];
  afterEach(async () => {
    await api.close();
    events.length = 0;
  });

  /** An API whose functions accept all events and record them. */
  const start = async (options: Parameters<typeof startWebSocketApi>[0] = {}) => {
    api = await startWebSocketApi(options);
    const note = async (event: unknown) => {
      events.push(event as Record<string, unknown>);
      return { statusCode: 200 };
    };
    api.routes = { connect: note, message: note, disconnect: note };
  };
  const open = async (query = "") => {
    const socket = new WebSocket(api.address + query);
    const closed = once(socket, "close").then(([code]) => Number(code));
    // If the socket does not open at all, the next line throws.
    closed.catch(() => undefined);
    await once(socket, "open");
    return { socket, closed };
  };
  const firstOpen = () => [...api.open.keys()][0] ?? "";
  /** Calls the management endpoint; gives the status, and the error or what it tells. */
  const manage = async (method: string, id: string, body?: string) => {
    const url = `${api.url}/@connections/${encodeURIComponent(id)}`;
    const answer = await fetch(url, { method, headers: { authorization: "signed" }, ...(body && { body }) });
    const told = await answer.text();
    return [answer.status, answer.headers.get("x-amzn-errortype") ?? (told === "" ? "" : JSON.parse(told))];
  };

  it("functions get the events that API Gateway sends for a connection", async () => {
    await start();
    const { socket, closed } = await open("?token=one&token=two");
    socket.send("hello");
    await expect.poll(() => events).toHaveLength(2);
    socket.close(1000, "done");
    await closed;
    await expect.poll(() => events).toHaveLength(3);
    const connectionId = expect.stringMatching(/^[\w-]{12}=$/);
    const context = { connectionId, stage: "live", identity: { sourceIp: "127.0.0.1" }, messageDirection: "IN" };
    expect(events).toMatchObject([
      {
        queryStringParameters: { token: "two" },
        multiValueQueryStringParameters: { token: ["one", "two"] },
        requestContext: { ...context, routeKey: "$connect", eventType: "CONNECT" },
      },
      { body: "hello", requestContext: { ...context, routeKey: "$default", eventType: "MESSAGE" } },
      { requestContext: { ...context, routeKey: "$disconnect", disconnectStatusCode: 1000, disconnectReason: "done" } },
    ]);
    expect(events[0]?.["requestContext"]).toHaveProperty("requestTime", expect.stringMatching(/^\d\d\/\w{3}\/\d{4}:/));
  });

  it("a function gets no more time than API Gateway gives it", async () => {
    await start({ answer: 20 });
    const { connect } = api.routes;
    const never = () => new Promise<never>(() => {});
    api.routes = { ...api.routes, message: never };
    const { socket, closed } = await open();
    socket.send("hello");
    const [said] = await once(socket, "message");
    expect(JSON.parse(`${said}`)).toMatchObject({ message: "Internal server error", connectionId: firstOpen() });
    socket.close();
    await closed;
    api.routes = { ...api.routes, connect: never };
    await expect(open()).rejects.toThrow("502");
    api.routes = { ...api.routes, connect };
  });

  it("a URL without parameters gives an event without parameters", async () => {
    await start();
    await open();
    expect(events[0]).not.toHaveProperty("queryStringParameters");
  });

  it.each([
    ["the status that its function answers", 401, async () => ({ statusCode: 401 })],
    ["502 if its function fails", 502, () => Promise.reject(new Error("broken"))],
  ])("refuses a handshake with %s", async (_, status, connect) => {
    await start();
    api.routes.connect = connect;
    const socket = new WebSocket(api.address);
    socket.on("error", () => {});
    const [, response] = await once(socket, "unexpected-response");
    expect(response.statusCode).toBe(status);
    socket.terminate();
  });

  it.each([
    ["a frame of over 32 KB", [32 * 1024 + 1]],
    ["a message of over 128 KB in frames that may be", [...Array(4).fill(32 * 1024), 1]],
  ])("a connection ends with 1009 for %s", async (_, frames) => {
    await start();
    const { socket, closed } = await open();
    for (const [n, bytes] of frames.entries()) socket.send("x".repeat(bytes), { fin: n === frames.length - 1 });
    expect(await closed).toBe(1009);
    expect(events.filter((event) => "body" in event)).toEqual([]);
  });

  it("messages of 128 KB are received and sent in frames of 32 KB", async () => {
    await start();
    const { socket } = await open();
    const body = "x".repeat(128 * 1024);
    for (let at = 0; at < 4; at++) socket.send(body.slice(0, 32 * 1024), { fin: at === 3 });
    await expect.poll(() => events).toMatchObject([{}, { body }]);
    const message = once(socket, "message");
    expect(await manage("POST", firstOpen(), body)).toEqual([200, ""]);
    expect(String((await message)[0])).toBe(body);
  });

  it("closed connections, large messages and missing permission give the errors of AWS", async () => {
    await start();
    const { closed } = await open();
    const id = firstOpen();
    expect(await manage("POST", id, "x".repeat(128 * 1024 + 1))).toEqual([413, "PayloadTooLargeException"]);
    const told = { connectedAt: expect.any(String), identity: { sourceIp: "127.0.0.1" } };
    expect(await manage("GET", id)).toMatchObject([200, told]);
    expect(await manage("DELETE", id)).toEqual([204, ""]);
    await closed;
    expect(await manage("GET", id)).toEqual([410, "GoneException"]);
    api.allows = () => false;
    expect(await manage("GET", id)).toEqual([403, "AccessDeniedException"]);
  });

  it.each([
    ["was open for as long as one may be", { longest: 50 }],
    ["on which nothing was said for as long as may be", { idle: 50 }],
  ])("a connection that %s ends with 1001, and its function is called", async (_, times) => {
    await start(times);
    const { closed } = await open();
    expect(await closed).toBe(1001);
    await expect.poll(() => events).toHaveLength(2);
    expect(events[1]).toMatchObject({ requestContext: { routeKey: "$disconnect", disconnectStatusCode: 1001 } });
  });
});
