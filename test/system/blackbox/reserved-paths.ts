import { randomUUID } from "node:crypto";
import { request } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Client } from "../../support/client.ts";
import { history } from "../../support/reports.ts";
import type { Running } from "./main-job.ts";

/**
 * Unused paths under a reserved word, and paths that could be read as another path. API Gateway decodes paths:
 * `/%761/keys` is `/v1/keys` there.
 */
const nobodies = [
  ...["/live/HistoryEvent", "/v1/HistoryEvent", "/assets/HistoryEvent", "/docs/HistoryEvent", "/healthz/HistoryEvent"],
  ...[
    "/metrics/HistoryEvent",
    "/openapi.json/RealTimeEvent",
    "/SophonDevice/LiveEvent",
    "/v1/EventServer/api/HistoryEvent",
  ],
  ...["/v1", "/live", "/assets/x", "/docs/x", "/SophonDevice", "/healthz/", "/docs/", "/openapi.json/"],
  ...["//v1/keys", "/docs/../v1/keys", "/docs/%2e%2e/v1/keys", "/docs\\..\\v1\\keys", "//healthz"],
];

/** Paths that are no address of a box or a reader, on any runtime. */
export function reservedPaths(runtime: string, start: () => Promise<Running>): void {
  describe(`on ${runtime}, a path under a reserved word`, () => {
    let running: Running;
    let client: Client;
    let token: string;
    const gate = `gate-${randomUUID().slice(0, 8)}`;
    beforeAll(async () => {
      running = await start();
      client = new Client(running);
      token = (await client.createKey(gate)).token;
    });
    afterAll(() => running.stop());

    describe.each(["POST", "GET", "HEAD"])("asked by %s", (method) => {
      it.each(nobodies)("%s has no owner, with the key of a box and without one", async (path) => {
        for (const query of ["", `?token=${token}`]) {
          const { status, type, text } = await asked(method, `${running.url}`, `${path}${query}`);
          expect([status, type]).toEqual([404, "application/problem+json"]);
          if (method !== "HEAD") expect(JSON.parse(text)).toMatchObject({ status: 404, title: "Not Found" });
        }
      });
    });

    it("stores nothing, and no such request counts as one with a wrong key", async () => {
      expect(await client.events(`&box=${gate}`)).toEqual([]);
      expect((await asked("POST", running.url, "/no-key/HistoryEvent")).status).toBe(401);
    });

    it("is taken from no box", async () => {
      for (const path of [`/${token}/v1/HistoryEvent`, `/${token}/HistoryEvent`, `/v1x/HistoryEvent?token=${token}`]) {
        expect((await asked("POST", running.url, path)).status).toBe(200);
      }
    });
  });
}

/** Sends the path as it is written: a URL parser would change it. */
function asked(method: string, url: string, path: string): Promise<{ status: number; type: string; text: string }> {
  const { hostname, port } = new URL(url);
  const headers = { "content-type": "application/json" };
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; type: string; text: string }>();
  const sent = request({ hostname, port, method, path, headers }, async (answer) => {
    const text = Buffer.concat(await answer.toArray()).toString();
    resolve({ status: answer.statusCode ?? 0, type: answer.headers["content-type"] ?? "", text });
  });
  sent.once("error", reject);
  sent.end(method === "POST" ? JSON.stringify(history()) : undefined);
  return promise;
}
