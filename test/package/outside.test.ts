import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo, Server, Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { examineOutside, type OutsideFinding } from "../../packages/cli/src/backup/doctor/outside.ts";
import { type Proxy as OpenProxy, proxies } from "../browser/support/below-path.ts";
import { freePort } from "../standins/listen.ts";
import { fileOf } from "../support/certificates.ts";
import { bin } from "../support/command.ts";
import { missing } from "../support/required.ts";
import { dataFolder, ending, gatepost, launch, serve } from "../system/cli/support.ts";
import { caddy, nginx } from "./proxy.ts";

const [belowNginx, belowCaddy] = proxies.map(({ open }) => open) as [OpenProxy, OpenProxy];

/** A Gatepost that trusts proxies of this machine, below /gate of `at`. */
async function behindPath(at: number) {
  const options = { trustProxy: ["127.0.0.1"], publicUrl: `http://127.0.0.1:${at}/gate` };
  const { url, admin } = await serve(await dataFolder(), options);
  return { behind: portIn(url), admin };
}

async function opened(open: OpenProxy, behind: number, at: number, change?: (file: string) => string): Promise<string> {
  const proxy = await open({ at, behind }, change);
  onTestFinished(() => proxy.close());
  return `http://127.0.0.1:${at}/gate`;
}

/** The checks that fail for a Gatepost behind a proxy at which TLS ends. */
async function behindTls(open: typeof nginx, options: Parameters<typeof serve>[1]) {
  const { url, admin } = await serve(await dataFolder(), options);
  const { port } = await open(portIn(url));
  const args = [bin, "doctor", "--url", `https://localhost:${port}`, "--token", admin, "--json"];
  const { stdout } = await ending(launch(args, { NODE_EXTRA_CA_CERTS: fileOf("first.crt") }));
  return wrongIn((JSON.parse(stdout) as { findings: OutsideFinding[] }).findings);
}

const portIn = (url: string) => Number(new URL(url).port);

/** A change of a setting. Throws if the file does not have it. */
const setting = (before: string, after: string) => (file: string) => {
  if (!file.includes(before)) throw new Error(`the file has no ${before}`);
  return file.replace(before, after);
};

/** The checks of findings that are wrong, each once. */
const wrongIn = (findings: readonly OutsideFinding[]) => [
  ...new Set(findings.filter(({ state }) => state === "wrong").map(({ check }) => check)),
];

const itHere = it.skipIf((missing("nginx", ["-v"], "nginx") ?? missing("caddy", ["version"], "caddy")) !== null);

describe("doctor --url", () => {
  itHere("finds nothing wrong behind the settings of install/, and behind the headers of Traefik", async () => {
    const at = await freePort();
    const { behind, admin } = await behindPath(at);
    const below = await opened(belowNginx, behind, at);
    const another = await freePort();
    const second = await behindPath(another);
    const stripped = await opened(belowCaddy, second.behind, another);
    const trusting = { trustProxy: ["127.0.0.1"] };
    const [{ code, stdout }, ...found] = await Promise.all([
      ending(launch([bin, "doctor", "--url", `${below}/`, "--token", admin])),
      examineOutside(stripped, second.admin).then(wrongIn),
      behindTls(nginx, trusting),
      behindTls(caddy, trusting),
      serve(await dataFolder(), trusting).then(async ({ url, admin }) =>
        wrongIn(await examineOutside(await traefikLike(portIn(url)), admin)),
      ),
    ]);
    const checks = ["reach", "address", "host", "scheme", "page", "websocket", "idle", "body", "buffering", "idle"];
    const lines = checks.map((check) => `  ${check}`);
    // The proxy is on this machine, too.
    expect(stdout.split("\n").map((line) => line.slice(0, 14).trimEnd())).toEqual([
      ...lines.toSpliced(4, 0, "- client"),
      "",
    ]);
    expect([code, ...found]).toEqual([0, [], [], [], []]);
  });

  itHere("finds each wrong setting of nginx and Caddy", async () => {
    const { behind, admin } = await behindPath(1);
    const cases: [OpenProxy, string, string, OutsideFinding["check"][]][] = [
      [belowNginx, "client_max_body_size    0", "client_max_body_size 1m", ["body"]],
      [belowNginx, "proxy_request_buffering off", "proxy_request_buffering on", ["buffering"]],
      [belowNginx, "proxy_set_header   Upgrade           $http_upgrade;", "", ["websocket"]],
      [belowNginx, "proxy_read_timeout 300s", "proxy_read_timeout 10s", ["idle"]],
      [belowNginx, "proxy_set_header   Host              $http_host;", "", ["host"]],
      [belowNginx, "X-Forwarded-For   $remote_addr", "X-Forwarded-For $http_x_forwarded_for", ["client"]],
      [belowNginx, "proxy_http_version 1.1;", 'proxy_http_version 1.1; proxy_set_header Authorization "";', ["key"]],
      [belowCaddy, "handle_path /gate/* {", "handle_path /gate/* {\nrequest_body {\nmax_size 1MB\n}", ["body"]],
      [belowCaddy, "flush_interval -1", "flush_interval -1\nheader_up -Upgrade\nheader_up -Connection", ["websocket"]],
      [belowCaddy, "keepalive 60s", "keepalive 60s\nresponse_header_timeout 10s", ["idle"]],
      [belowCaddy, "flush_interval -1", "flush_interval -1\nheader_up Host gatepost", ["host"]],
    ];
    const found = cases.map(async ([open, before, after]) => {
      const url = await opened(open, behind, await freePort(), setting(before, after));
      return wrongIn(await examineOutside(url, admin)).filter((check) => check !== "address");
    });
    const elsewhere = { trustProxy: ["127.0.0.1"], publicUrl: "https://gate.example.com" };
    const byTls = [behindTls(nginx, {}), behindTls(caddy, {}), behindTls(nginx, elsewhere)];
    expect(await Promise.all(found)).toEqual(cases.map(([, , , checks]) => checks));
    expect(await Promise.all(byTls)).toEqual([["scheme"], ["scheme"], ["address"]]);
  });

  it("is refused together with a data folder", async () => {
    const { code, stderr } = await gatepost("doctor", "--url", "http://127.0.0.1:9", "--repair");
    expect([code, stderr]).toEqual([
      2,
      "gatepost: option '--url <url>' cannot be used with option '--repair'; see --help\n",
    ]);
  });
});

/** Passes requests on as Traefik does by default, which takes the client's own headers of a proxy away. */
async function traefikLike(behind: number): Promise<string> {
  const headersOf = ({ headers, socket }: IncomingMessage) => ({
    ...headers,
    "x-forwarded-for": socket.remoteAddress ?? "",
    "x-forwarded-host": headers.host ?? "",
    "x-forwarded-port": `${port}`,
    "x-forwarded-proto": "http",
    "x-forwarded-server": "traefik",
    "x-real-ip": socket.remoteAddress ?? "",
  });
  const passOn = (asked: IncomingMessage) => {
    const { method, url: path } = asked;
    return request({ port: behind, host: "127.0.0.1", method, path, headers: headersOf(asked), agent: false });
  };
  const server: Server = createServer((asked, response) => {
    const passed = passOn(asked);
    passed.on("error", () => response.destroy());
    passed.on("response", (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 0, answer.headers)));
    asked.pipe(passed);
    response.on("close", () => passed.destroy());
  });
  server.on("upgrade", (asked: IncomingMessage, socket: Socket) => {
    const passed = passOn(asked);
    passed.on("error", () => socket.destroy());
    passed.on("upgrade", (answer, behind) => {
      for (const end of [socket, behind])
        end.on("error", () => {}).on("close", () => void [socket, behind].map((end) => end.destroy()));
      const head = answer.rawHeaders.map((text, at) => (at % 2 === 0 ? `${text}: ` : `${text}\r\n`)).join("");
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${head}\r\n`);
      socket.pipe(behind).pipe(socket);
    });
    passed.end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${port}`;
}
