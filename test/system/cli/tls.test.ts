import { once } from "node:events";
import { chmodSync, readFileSync } from "node:fs";
import { type Agent, Agent as HttpsAgent, request } from "node:https";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { CertificateFolder, pemOf } from "../../support/certificates.ts";
import { isLong } from "../../support/seeded.ts";
import { dataFolder, gatepost, gatepostJson, serveProcess } from "./support.ts";

const ca = [pemOf("first.crt"), pemOf("second.crt")];

const flags = ({ cert, key }: CertificateFolder) => ["--host", "127.0.0.1", "--tls-cert", cert, "--tls-key", key];
const adminOf = (data: string): { url: string; token: string; publicUrl: string } =>
  JSON.parse(readFileSync(join(data, "server.json"), "utf8"));

interface Asked {
  status: number | undefined;
  headers: Record<string, unknown>;
  text: string;
  /** The common name of the certificate that was shown. */
  common: string;
}

function ask(
  url: string,
  { method = "GET", body = "", token = "" } = {},
  agent: Agent | false = false,
): Promise<Asked> {
  return new Promise((resolve, reject) => {
    const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
    const asked = request(url, { method, headers, ca, agent }, (answer) => {
      const common = `${(answer.socket as TLSSocket).getPeerCertificate().subject?.CN}`;
      let text = "";
      answer.on("data", (data) => {
        text += data;
      });
      answer.on("end", () => resolve({ status: answer.statusCode, headers: answer.headers, text, common }));
    });
    asked.on("error", reject).end(body);
  });
}

const report = (at: number) =>
  JSON.stringify({ identity_id: `${at}`, timestamp: 1_793_851_200_000 + at, ext_data: { ep_id: "A__10.0.0.2" } });

async function served() {
  const [data, folder] = [await dataFolder(), new CertificateFolder()];
  const server = await serveProcess(data, ...flags(folder));
  return { data, folder, server, url: server.url.replace("http:", "https:"), admin: adminOf(data) };
}

it("TLS serves boxes, console and live feed, and commands on the machine need no option", async () => {
  const { data, server, url, admin } = await served();
  expect(server.lines.at(-1)).toMatch(/^listening on https:\/\/127\.0\.0\.1:\d+$/);
  expect(admin.publicUrl).toBe(url);
  const made = await gatepostJson<{ token: string }>(
    "keys",
    "create",
    "--scope",
    "ingest",
    "--box",
    "a",
    "--data",
    data,
  );
  const taken = await ask(`${url}/${made.token}/HistoryEvent`, { method: "POST", body: report(1) });
  expect([taken.status, taken.text]).toEqual([200, '{"message":"SUCCESS","status":0}']);
  const page = await ask(`${url}/`);
  expect([page.status, page.text]).toEqual([200, expect.stringContaining("<title>")]);
  const tickets = { method: "POST", body: '{"for":"pictures"}', token: admin.token };
  expect(String((await ask(`${url}/v1/tickets`, tickets)).headers["set-cookie"])).toContain("Secure");
  const socket = new WebSocket(`${url.replace("https", "wss")}/live?token=${admin.token}`, { ca });
  onTestFinished(() => socket.terminate());
  const messages: string[] = [];
  socket.on("message", (message) => messages.push(String(message)));
  socket.on("open", () => socket.send('{"event_list":["*"]}', () => socket.ping()));
  await once(socket, "pong");
  await ask(`${url}/${made.token}/HistoryEvent`, { method: "POST", body: report(2) });
  await expect.poll(() => messages[0]).toContain('"identity_id":"2"');
  const { stderr } = await server.stop();
  expect(stderr).not.toMatch(/PRIVATE|gp[iar]_/);
});

it("a renewed certificate is used under load, without a restart or a lost answer", async () => {
  const { data, folder, server, url } = await served();
  const { token } = await gatepostJson<{ token: string }>(
    ...["keys", "create", "--scope", "ingest", "--box", "a", "--data", data],
  );
  const kept = new HttpsAgent({ keepAlive: true, maxSockets: 4 });
  onTestFinished(() => kept.destroy());
  let [sent, isEnding] = [0, false];
  const seen = new Set<string>();
  /** Posts one report after the other, over new connections or over those that are kept. */
  const box = async (agent: Agent | false) => {
    while (!isEnding) {
      const answer = await ask(`${url}/${token}/HistoryEvent`, { method: "POST", body: report(sent++) }, agent);
      expect(answer.status).toBe(200);
      if (agent === false) seen.add(answer.common);
    }
  };
  const boxes = [false as const, false as const, kept, kept].map(box);
  // The files are looked at every five seconds.
  const renewed = isLong ? (["second", "first", "second"] as const) : (["second"] as const);
  for (const name of renewed) {
    seen.clear();
    folder.renew(name);
    await expect.poll(() => [...seen].at(-1)).toBe(`${name}.example.com`);
  }
  isEnding = true;
  await Promise.all(boxes);
  const { stderr, code } = await server.stop();
  expect(code).toBe(0);
  expect(stderr.match(/certificate read again/g)).toHaveLength(renewed.length);
  expect(stderr).not.toContain('"level":"error"');
});

it("a client without TLS is logged once for each address", async () => {
  const { server } = await served();
  for (let times = 0; times < 3; times++) await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
  const { stderr } = await server.stop();
  expect(stderr.match(/"kind":"no-tls"/g)).toHaveLength(1);
});

it("the status names the address of the server with TLS", async () => {
  const { data, server, url, admin } = await served();
  const { stdout } = await gatepost("status", "--data", data);
  expect(stdout).toMatch(new RegExp(`^server {6}${admin.url}\nfor others {2}${url}$`, "m"));
  await server.stop();
});

describe("is called wrongly", () => {
  it.each([
    ["--tls-cert", "--tls-key"],
    ["--tls-key", "--tls-cert"],
  ])("%s alone is refused, and no folder is made", async (given, other) => {
    const data = await dataFolder();
    expect(await gatepost("serve", "--data", data, "--port", "0", given, "some.pem")).toMatchObject({
      code: 2,
      stderr: `gatepost: ${given} needs ${other}: give both, or none and serve without TLS\n`,
    });
    expect(() => readFileSync(data)).toThrow("ENOENT");
  });

  it("a key file that others can read is refused, and no keys are made", async () => {
    const [data, folder] = [await dataFolder(), new CertificateFolder()];
    chmodSync(folder.key, 0o644);
    const { code, stderr } = await gatepost("serve", "--data", data, "--port", "0", ...flags(folder));
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^gatepost: others may read or change [^\n]*\n$/)]);
    expect(await gatepostJson("keys", "list", "--data", data)).toEqual({ keys: [] });
  });
});
