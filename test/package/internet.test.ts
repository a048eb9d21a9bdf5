import { readFileSync } from "node:fs";
import { type RequestOptions, request as requestPlainly } from "node:http";
import { request } from "node:https";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { pemOf } from "../support/certificates.ts";
import { missing } from "../support/required.ts";
import { dataFolder, gatepostJson, serveProcess } from "../system/cli/support.ts";
import { caddyOnInternet, caddyOnLan, nginxOnInternet, type ReverseProxy } from "./proxy.ts";

const host = "gate.example.com";
const report = JSON.stringify({ identity_id: "1", timestamp: 1_793_851_200_000, ext_data: { ep_id: "A__10.0.0.2" } });

interface Answer {
  status: number | undefined;
  transportSecurity: string | undefined;
  text: string;
}

/** Asks by https if `tls` says which certificate to trust, else by http. */
function ask(
  tls: { servername: string; ca: string } | null,
  port: number | null,
  path: string,
  options: RequestOptions,
  body = "",
) {
  const asked = { host: "127.0.0.1", port, path, agent: false as const, ...options };
  return new Promise<Answer>((resolve, reject) => {
    const send = tls ? request({ ...asked, ...tls }) : requestPlainly(asked);
    send.on("error", reject).on("response", (answer) => {
      let text = "";
      answer.on("data", (data) => {
        text += data;
      });
      const transportSecurity = answer.headers["strict-transport-security"];
      answer.on("end", () => resolve({ status: answer.statusCode, transportSecurity, text }));
    });
    send.end(body);
  });
}

async function behind<Proxy extends ReverseProxy>(open: (port: number) => Promise<Proxy>) {
  const data = await dataFolder();
  const own = ["--host", "127.0.0.1", "--trust-proxy", "127.0.0.1", "--public-url", `https://${host}`];
  const server = await serveProcess(data, ...own);
  const made = ["keys", "create", "--scope", "ingest", "--box", "gate-1", "--data", data];
  const { token } = await gatepostJson<{ token: string }>(...made);
  const { token: admin } = JSON.parse(readFileSync(join(data, "server.json"), "utf8")) as { token: string };
  const proxy = await open(Number(new URL(server.url).port));
  const outside = (path: string, options: RequestOptions = {}) =>
    ask(
      { servername: host, ca: pemOf("first.crt") },
      proxy.port,
      path,
      { ...options, headers: { host, ...options.headers } },
      options.method && report,
    );
  const onLan = (path: string, options: RequestOptions = {}) =>
    ask(null, proxy.lanPort, path, options, options.method && report);
  return { token, admin, server, proxy, outside, onLan };
}

describe.each([
  ["nginx", nginxOnInternet, ["-v"]],
  ["caddy", caddyOnInternet, ["version"]],
] as const)("%s with boxes on the LAN and people on the internet", (name, open, args) => {
  const itHere = it.skipIf(missing(name, args, name) !== null);

  itHere("accepts reports by http on the LAN, and shows them by https outside", async () => {
    const { token, admin, outside, onLan } = await behind(open);
    const taken = await onLan(`/${token}/HistoryEvent`, { method: "POST" });
    expect(taken).toMatchObject({
      status: 200,
      text: '{"message":"SUCCESS","status":0}',
      transportSecurity: undefined,
    });
    expect(await onLan("/healthz")).toMatchObject({ status: 200 });
    const listed = await outside("/v1/events", { headers: { authorization: `Bearer ${admin}` } });
    expect(listed).toMatchObject({ status: 200, transportSecurity: "max-age=31536000" });
    expect(listed.text).toContain('"person":{"id":"1"');
  });

  itHere("refuses people on the LAN and boxes on the internet", async () => {
    const { token, admin, server, proxy, outside, onLan } = await behind(open);
    const headers = { authorization: `Bearer ${admin}` };
    for (const path of ["/", "/docs", "/v1/events", `/live?token=${admin}`, `/${admin}`, "/x/../v1/events"])
      expect((await onLan(path, { headers })).status, path).toBe(404);
    for (const path of [`/${token}/HistoryEvent`, `/%67pi_${token.slice(4)}/HistoryEvent`, `//${token}/HistoryEvent`])
      expect((await outside(path, { method: "POST" })).status, path).toBe(404);
    await server.stop();
    await proxy.stop();
    for (const secret of [token, admin, "HistoryEvent"]) expect(proxy.log()).not.toContain(secret);
  });
});

it.skipIf(missing("caddy", ["version"], "caddy") !== null)(
  "caddy on a LAN without internet makes a certificate, and refuses people without TLS",
  async () => {
    const { token, admin, proxy, onLan } = await behind(caddyOnLan);
    expect(await onLan(`/${token}/HistoryEvent`, { method: "POST" })).toMatchObject({ status: 200 });
    const headers = { authorization: `Bearer ${admin}` };
    expect(await onLan("/v1/events", { headers })).toMatchObject({ status: 404 });
    const tls = { servername: "", ca: proxy.authority() };
    const listed = await ask(tls, proxy.port, "/v1/events", { headers });
    expect(listed.text).toContain('"person":{"id":"1"');
    expect(await ask(tls, proxy.port, "/", {})).toMatchObject({ status: 200 });
  },
);
