import dns from "node:dns";
import { once } from "node:events";
import { createServer } from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { type AddressInfo, createServer as overTcp, type Server } from "node:net";
import { promisify } from "node:util";
import { dial, endpointOf, privateHost, publicLookup, why } from "@gatepost/alerts/targets";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { unanswered } from "../../../packages/alerts/src/channels/sending.ts";
import { isOverInternet } from "../../../packages/alerts/src/net/addresses.ts";
import { post } from "../../../packages/alerts/src/net/post.ts";
import { MqttBroker } from "../../standins/channels/mqtt.ts";
import { SmtpServer } from "../../standins/channels/smtp.ts";
import { listening, message, send, sending } from "./support.ts";

async function portOf(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Lets every name resolve to these addresses. */
function resolvingTo(...addresses: dns.LookupAddress[]): void {
  const answer = (_: string, __: object, callback: (error: null, found: dns.LookupAddress[]) => void) =>
    callback(null, addresses);
  const asked = vi.spyOn(dns, "lookup").mockImplementation(answer as never);
  syncBuiltinESMExports();
  onTestFinished(() => {
    asked.mockRestore();
    syncBuiltinESMExports();
  });
}

describe("a try to send", () => {
  const limits = { timeoutMs: 600_000, signal: new AbortController().signal };

  async function answering(headers: Record<string, string>, body = "") {
    let connections = 0;
    const server = createServer((_, response) => response.writeHead(200, headers).end(body));
    server.on("connection", () => (connections += 1));
    const url = new URL(`http://127.0.0.1:${await portOf(server)}`);
    const reply = () => post({ url, headers: {}, body: "{}", allowPrivate: true }, limits);
    return { reply, connections: () => connections };
  }

  // A connection that another rule began would not be checked for this rule's addresses.
  it("opens a new connection for each try", async () => {
    const { reply, connections } = await answering({ "content-length": "0" });
    for (let tries = 0; tries < 3; tries += 1) expect(await reply()).toMatchObject({ status: 200 });
    expect(connections()).toBe(3);
  });

  it("reads 64 KB of an answer", async () => {
    const { reply } = await answering({}, "x".repeat(1_000_000));
    expect((await reply()).text).toBe("x".repeat(64 * 1024));
  });

  it.each([
    ["2", 2000],
    ["0.5", 500],
    ["-5", 0],
    ["Infinity", 0],
    ["soon", 0],
    ["Wed, 25 Nov 2026 00:00:00 GMT", 0],
  ])("takes `Retry-After: %s` for %i ms", async (after, ms) => {
    const { reply } = await answering({ "retry-after": after });
    expect((await reply()).retryAfterMs).toBe(ms);
  });

  it("a date in `Retry-After` is relative to the clock of the answer", async () => {
    const date = "Sun, 01 Mar 2026 12:00:00 GMT";
    const { reply } = await answering({ "retry-after": "Sun, 01 Mar 2026 12:01:30 GMT", date });
    expect((await reply()).retryAfterMs).toBe(90_000);
  });
});

describe("a try that is ended at once", () => {
  const ended = { ...sending, signal: AbortSignal.abort(new Error("ended")) };

  it("an ended try begins no mail", async () => {
    const server = await listening(new SmtpServer());
    const to = { type: "email", url: server.url, secret: server.password, to: "guard@example.com" };
    await expect(send(to, message(to), ended)).rejects.toThrow("ended");
    expect([server.commands, server.mails]).toEqual([[], []]);
  });

  it("an ended try publishes nothing", async () => {
    const broker = await listening(new MqttBroker());
    const to = { type: "mqtt", url: broker.url, secret: broker.password };
    await expect(send(to, message(to), ended)).rejects.toThrow("ended");
    expect(broker.bytes).toBe(0);
  });
});

describe("private addresses that are not allowed", () => {
  it("no mail goes to a private address, even with a name that resolves to one", async () => {
    const server = await listening(new SmtpServer());
    const to = { type: "email", url: server.url, to: "guard@example.com", allowPrivate: false };
    await expect(send(to)).rejects.toThrow("127.0.0.1 is no public address");
    expect(server.commands).toEqual([]);
  });

  it("nothing is sent to a broker at a private address", async () => {
    const broker = await listening(new MqttBroker());
    const to = { type: "mqtt", url: broker.url, secret: broker.password, allowPrivate: false };
    await expect(send(to)).rejects.toThrow("127.0.0.1 is no public address");
    expect(broker.bytes).toBe(0);
  });

  it.each(["smtp://169.254.169.254", "smtps://[::1]", "mqtt://[::ffff:127.0.0.1]", "mqtts://10.0.0.1"])(
    "no connection to %s is opened",
    (text) => {
      const url = new URL(text);
      expect(() => dial({ url, ...endpointOf(url), allowPrivate: false })).toThrow("is no public address");
    },
  );

  // Addresses that are written in another way are names to the URL of such a scheme.
  it.each(["smtp://127.1", "mqtt://0x7f.0.0.1", "mqtt://2130706433", "mqtt://LOCALHOST"])(
    "%s is looked up, and not connected to",
    async (text) => {
      const url = new URL(text);
      const [error] = await once(dial({ url, ...endpointOf(url), allowPrivate: false }), "error").catch((one) => [one]);
      expect(String(error)).toMatch(/is no public address|ENOTFOUND|EAI_AGAIN/);
    },
  );

  it("a name of this machine is recognised in upper and lower case", () => {
    for (const text of ["mqtt://LOCALHOST", "smtp://Mail.LocalHost."])
      expect(privateHost(new URL(text))).not.toBeNull();
    expect(privateHost(new URL("mqtt://localhost.example"))).toBeNull();
  });

  it("only the public addresses of a name are connected to", async () => {
    resolvingTo(
      { address: "127.0.0.1", family: 4 },
      { address: "1.1.1.1", family: 4 },
      { address: "fd00::1", family: 6 },
      { address: "2606:4700:4700::1111", family: 6 },
    );
    const found = await new Promise((resolve) =>
      publicLookup("both.example", { all: true }, (error, addresses) => resolve([error, addresses])),
    );
    expect(found).toEqual([
      null,
      [
        { address: "1.1.1.1", family: 4 },
        { address: "2606:4700:4700::1111", family: 6 },
      ],
    ]);
    expect(await promisify(publicLookup)("both.example", {})).toBe("1.1.1.1");
  });
});

describe("a scheme", () => {
  it.each([
    ["http://x", 80, false],
    ["https://x", 443, true],
    ["smtp://x", 587, false],
    ["smtps://x", 465, true],
    ["mqtt://x", 1883, false],
    ["mqtts://x", 8883, true],
    ["mqtts://x:1884", 1884, true],
  ])("%s means port %i", (url, port, isTls) => expect(endpointOf(new URL(url))).toEqual({ port, isTls }));

  it.each([
    ["localhost", true],
    ["127.0.0.1", false],
  ])("mqtts://%s is encrypted from the first byte; the server's name is sent for names only", async (host, isAsked) => {
    const heard = Promise.withResolvers<Buffer>();
    const port = await portOf(
      overTcp((socket) => socket.on("error", () => {}).once("data", (bytes) => socket.end(() => heard.resolve(bytes)))),
    );
    const to = { type: "mqtt", url: `mqtts://gate@${host}:${port}`, secret: "broker-password" };
    expect((await send(to, message(to))).failure).toMatch(/^MQTT: /);
    const hello = await heard.promise;
    expect(hello.subarray(0, 2)).toEqual(Buffer.from([0x16, 3]));
    expect([hello.includes(host), hello.includes("gate")]).toEqual([isAsked, false]);
  });
});

describe("an address", () => {
  it.each(["8.8.8.8", "::ffff:8.8.8.8", "::FFFF:8.8.8.8", "2606:4700:4700::1111", "64:ff9b::808:808"])(
    "%s is on the Internet, and needs encryption",
    (address) => expect(isOverInternet(address)).toBe(true),
  );

  it.each(["", "10.0.0.1", "::ffff:10.0.0.1", "::1", "fd00::1", "fe80::1%eth0"])(
    "%j is not on the Internet",
    (address) => expect(isOverInternet(address)).toBe(false),
  );
});

describe("the reason of a failed connection", () => {
  const nobody = new AggregateError(
    [new Error("connect ECONNREFUSED ::1:25"), new Error("connect ECONNREFUSED 127.0.0.1:25")],
    "",
  );

  it("has the failure of each address of a name", () => {
    expect(unanswered(nobody, { ca: null }).failure).toBe(
      "connect ECONNREFUSED ::1:25, connect ECONNREFUSED 127.0.0.1:25",
    );
    expect(why(new AggregateError([nobody], "all of them"))).toBe("all of them");
    expect(why("no")).toBe("no");
  });
});
