import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { examineOutside } from "../../../packages/cli/src/backup/doctor/outside.ts";
import { pemOf } from "../../support/certificates.ts";

const problem = (status: number, detail: string, more = {}) => ({ type: "about:blank", status, detail, ...more });

async function portOf(server: Server): Promise<number> {
  const open = new Set<Socket>();
  for (const event of ["connection", "secureConnection"]) server.on(event, (socket: Socket) => open.add(socket));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of open) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}

/** What a Gatepost answers whose `reached` is given, by method and path. */
type Answers = Record<string, (request: IncomingMessage, response: ServerResponse) => void>;

const json =
  (status: number, document: object, headers = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(JSON.stringify(document));
const page = (status: number, title: string) =>
  ((_, response) => void response.writeHead(status).end(`<title>${title}</title>`)) satisfies RequestListener;

const frames = { ping: Buffer.from([0x89, 0]), close: Buffer.from([0x88, 0]) };

/** A server that answers as Gatepost does, except for some answers. */
async function standIn(changed: Answers = {}, { reached = {}, scope = "admin", frame = frames.ping } = {}) {
  const keys: (string | undefined)[] = [];
  const answers: Answers = {
    "GET /healthz": json(200, { status: "ok" }),
    "POST /healthz": json(405, problem(405, "use GET")),
    "GET /v1/me": ({ headers: { host } }, response) =>
      json(200, {
        key: { scope },
        reached: { publicUrl: `http://${host}`, host, isHttps: false, from: "127.0.0.1", ...reached },
      })({} as IncomingMessage, response as never),
    "GET /": page(200, "Gatepost"),
    "GET /v1/events": json(200, { events: [], news: [], next: "c" }),
    "POST /v1/imports/imp_doctor": (request, response) =>
      request.resume().on("end", () => response.writeHead(400).end(JSON.stringify(problem(400, "no JSON")))),
    ...changed,
  };
  const server = createServer((request, response) => {
    keys.push(request.headers.authorization);
    const path = request.url?.split("?", 1)[0];
    const answer = answers[`${request.method} ${path}`] ?? json(404, problem(404, "nothing here"));
    answer(request, response);
  });
  server.on("upgrade", (request, socket) => {
    keys.push(request.headers.authorization);
    socket.on("error", () => {});
    if (request.headers.authorization === undefined) {
      const refusal = JSON.stringify({ message: "no live key", status: 401 });
      return socket.end(`HTTP/1.1 401 Unauthorized\r\nContent-Length: ${refusal.length}\r\n\r\n${refusal}`);
    }
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
    socket.write(frame);
    // The answer to the first ping.
    return socket.once("data", () => socket.write(frame));
  });
  return { url: `http://127.0.0.1:${await portOf(server)}`, keys };
}

/** The findings in short: each with its state; its sentence, if it is not well. */
async function found(url: string, token: string | undefined = "gpa_key"): Promise<string[]> {
  const findings = await examineOutside(url, token);
  return findings.map(({ check, state, said }) => (state === "ok" ? `${check} ok` : `${check} ${state}: ${said}`));
}

const well = [
  "reach ok",
  "address ok",
  "host ok",
  "scheme ok",
  "client ok",
  "page ok",
  "websocket ok",
  "idle ok",
  "body ok",
  "buffering ok",
  "idle ok",
];

describe("a server that is asked from outside", () => {
  it("has nothing wrong if all arrives", async () => {
    const { url } = await standIn();
    expect(await found(url)).toEqual(well);
  });

  it("is asked without a key only for what needs none", async () => {
    const { url, keys } = await standIn();
    const findings = await examineOutside(url, undefined);
    expect(findings.map(({ check, state }) => `${check} ${state}`)).toEqual([
      "reach ok",
      "key note",
      "page ok",
      "websocket ok",
      "body ok",
      "buffering ok",
    ]);
    expect(keys.filter((key) => key !== undefined)).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      "another public address",
      { publicUrl: "https://else" },
      "address wrong: the public address is https://else, and not URL",
    ],
    ["no public address", { publicUrl: null }, "address note: no public address is set, which links in alerts need"],
    ["another host", { host: "gatepost" }, "host note: the host HOST arrives as gatepost"],
    [
      "another host and no public address",
      { host: "gatepost", publicUrl: null },
      "host wrong: the host HOST arrives as gatepost",
    ],
    ["https", { isHttps: true }, "scheme wrong: a request by http counts as https, so browsers drop its cookies"],
    ["another client", { from: "198.51.100.7" }, "client note: this machine arrives as 198.51.100.7"],
    ["an invented client", { from: "192.0.2.1" }, "client wrong: Gatepost believes an address that a client invents"],
  ])("shows %s that arrives", async (_, reached, expected) => {
    const { url } = await standIn({}, { reached });
    const said = expected.replace("URL", url).replace("HOST", new URL(url).host);
    expect((await found(url)).filter((finding) => !finding.endsWith(" ok"))).toContain(said);
  });

  it.each<[string, Answers, string[]]>([
    [
      "the page",
      { "GET /": page(404, "Not Found") },
      ["page wrong: the console is not at URL/: something answers 404, Not Found"],
    ],
    [
      "a long body",
      { "POST /healthz": page(413, "413 Too Large") },
      ["body wrong: a body of 10 MB does not reach Gatepost: something answers 413"],
    ],
    [
      "a body that is sent",
      // A proxy reads a body on before it closes: else its answer may be lost.
      {
        "POST /v1/imports/imp_doctor": (request, response) =>
          request.resume().on("end", () => page(413, "413 Too Large")(request, response)),
      },
      ["body wrong: a body of 10 MB does not reach Gatepost: something answers 413"],
    ],
    [
      "a request that waits",
      { "GET /v1/events": page(504, "504 Gateway Time-out") },
      ["idle wrong: a request may not wait 25 s for its answer: something answers 504"],
    ],
    [
      "a request that waits, by its end",
      { "GET /v1/events": ({ socket }) => void socket.destroy() },
      ["idle wrong: URL/v1/events?order=received&after=end&wait=25 sent no complete answer: socket hang up"],
    ],
  ])("is wrong if the proxy refuses %s", async (_, changed, expected) => {
    const { url } = await standIn(changed);
    const wrong = (await found(url)).filter((finding) => finding.includes("wrong"));
    expect(wrong).toEqual(expected.map((said) => said.replace("URL", url)));
  });

  it("is not known to wait if something happens, or if the key reads no events", async () => {
    const busy = await standIn({ "GET /v1/events": json(200, { events: [{}], news: [], next: "c" }) });
    expect((await found(busy.url)).at(-1)).toMatch(/^idle note: .* because something happened/);
    const settling = await standIn({ "GET /v1/events": json(403, problem(403, "this is a key to settle")) });
    expect((await found(settling.url)).at(-1)).toMatch(/^idle note: .*: this is a key to settle$/);
  });

  it("is wrong if its WebSocket is closed before a ping", async () => {
    const { url } = await standIn({}, { frame: frames.close });
    expect(await found(url)).toContain("idle wrong: a WebSocket is closed between two pings, which are 30 s");
  });

  it.each<[string, RequestListener, string | undefined]>([
    ["a key that is not live", json(401, problem(401, "send a live key", { code: "revoked" })), undefined],
    ["a key that does not arrive", json(401, problem(401, "send a live key")), "Authorization"],
  ])("is asked for nothing else with %s", async (_, answer, todo) => {
    const { url, keys } = await standIn({ "GET /v1/me": answer });
    const findings = await examineOutside(url, "gpa_key");
    const key = findings.find(({ check }) => check === "key");
    expect(key).toMatchObject({ state: "wrong", said: "send a live key" });
    expect(key?.todo?.includes("Authorization") === true ? "Authorization" : undefined).toBe(todo);
    expect(keys.filter((sent) => sent !== undefined)).toEqual(["Bearer gpa_key"]);
  });

  it("gives the concerns that it has itself", async () => {
    const { url } = await standIn({ "GET /healthz": json(200, { status: "degraded", reasons: ["the disk is slow"] }) });
    expect(await found(url)).toContain("server wrong: the disk is slow");
    const full = await standIn({ "GET /healthz": json(503, problem(503, "the disk is full")) });
    expect(await found(full.url)).toContain("server wrong: the disk is full");
  });

  it("needs no settings on AWS", async () => {
    const { url } = await standIn({ "GET /healthz": json(200, { status: "ok" }, { "apigw-requestid": "x" }) });
    expect(await found(url)).toEqual(["reach ok", expect.stringMatching(/^reach note: this is on AWS/)]);
  });
});

describe("an address without a Gatepost", () => {
  const reach = async (answer: RequestListener) => {
    const { url, keys } = await standIn({ "GET /healthz": answer });
    const [first, ...others] = await found(url);
    // The key is sent to a Gatepost only.
    expect([others, keys]).toEqual([[], [undefined]]);
    return first?.replaceAll(url, "URL");
  };

  it.each<[string, RequestListener, string]>([
    ["a page", page(404, "404 Not Found"), "no Gatepost is at URL: something answers 404"],
    [
      "another JSON",
      json(404, { status: 404, error: "no", message: "no" }),
      "no Gatepost is at URL: something answers 404",
    ],
    [
      "a refusal of Gatepost",
      json(401, { message: "no key", status: 401 }),
      "Gatepost answers, and does not know the path of URL",
    ],
    ["the failure of a proxy", page(502, "502 Bad Gateway"), "a proxy answers 502"],
    ["a redirect", json(301, {}, { location: "https://else.example/healthz" }), "URL leads to https://else.example"],
    ["a redirect to nowhere", json(302, {}), "no Gatepost is at URL: something answers 302"],
    ["a missing answer", ({ socket }) => void socket.destroy(), "URL/healthz sent no complete answer: socket hang up"],
    [
      "an end that is missing",
      ({ socket }, response) =>
        void response.writeHead(200, { "content-length": 9 }).write("x", () => socket.destroy()),
      "URL/healthz sent no complete answer: aborted",
    ],
  ])("is not reached because of %s", async (_, answer, said) => {
    expect(await reach(answer)).toBe(`reach wrong: ${said}`);
  });

  it("is left after the beginning of an endless answer", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const endless: RequestListener = (_, response) => {
      closed = once(response, "close");
      const more = () => {
        while (response.write(Buffer.alloc(65_536, " ")));
      };
      response.on("drain", more);
      more();
    };
    expect(await reach(endless)).toBe("reach wrong: no Gatepost is at URL: something answers 200");
    await closed;
  });

  it("is left at the end of the time if it is silent", async () => {
    const time = new AbortController();
    vi.spyOn(AbortSignal, "timeout").mockReturnValue(time.signal);
    onTestFinished(() => void vi.restoreAllMocks());
    expect(await reach(() => time.abort())).toBe("reach wrong: URL/healthz sent no complete answer within 30 s");
  });

  it.each([
    ["no HTTP", "nonsense\r\n\r\n", /sent no complete answer: Parse Error/],
    ["an endless head", `HTTP/1.1 200 OK\r\n${"x: y\r\n".repeat(20_000)}`, /sent no complete answer: Parse Error/],
    [
      "another protocol",
      "HTTP/1.1 101 Else\r\nConnection: Upgrade\r\nUpgrade: else\r\n\r\n",
      /sent no complete answer/,
    ],
  ])("is not reached if it sends %s", async (_, text, said) => {
    const server = createTcpServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.write(text));
    });
    expect(await found(`http://127.0.0.1:${await portOf(server)}`)).toEqual([expect.stringMatching(said)]);
  });

  it("is not reached if no one signed its certificate, or if it has no TLS", async () => {
    const server = createTlsServer({ cert: pemOf("first.crt"), key: pemOf("first.key") }, (socket) => {
      socket.on("error", () => {});
    });
    server.on("tlsClientError", () => {});
    const secure = `https://127.0.0.1:${await portOf(server)}`;
    expect(await found(secure)).toEqual([expect.stringMatching(/^reach wrong: cannot reach .* certificate/)]);
    const { url } = await standIn();
    const [said] = await found(url.replace("http:", "https:"));
    expect(said).toMatch(new RegExp(`is answered without TLS; did you mean ${url}\\?$`));
  });

  it("gets no key by a redirect of another address", async () => {
    const elsewhere = await standIn();
    const leading: RequestListener = json(307, {}, { location: `${elsewhere.url}/v1/me` });
    const { url } = await standIn({ "GET /v1/me": leading, "GET /v1/events": leading, "GET /live": leading });
    expect(await found(url)).toContain(
      `key wrong: no Gatepost of this version is at ${url}/v1/me: something answers 307`,
    );
    expect(elsewhere.keys).toEqual([]);
  });
});
