import { hashToken, newToken } from "@gatepost/core/keys";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { apiHandler } from "../../../packages/aws/src/lambda/api.ts";
import { onStandIns } from "../../standins/aws.ts";
import { httpEvent } from "../../support/http-event.ts";
import { picture, report, upsert } from "../samples.ts";
import { deploy, undeploy } from "./deployed.ts";
import { runtimeOn, type TestRuntime } from "./runtime.ts";

onStandIns((standIns) => {
  describe("the API as a Lambda", () => {
    let deps: TestRuntime;
    const token = newToken("admin");
    beforeAll(async () => {
      deps = await runtimeOn(standIns);
      await deps.reads.keyAdmin.create({ scope: "admin", box: null, tokenHash: hashToken(token) });
    });
    afterAll(() => deps.close());

    const ask = async (path: string, { method = "GET", query = "", headers = {}, body, address }: Asked = {}) => {
      const sent = { method, path, query, headers: { authorization: `Bearer ${token}`, ...headers } };
      const event = httpEvent({ ...sent, ...(address && { address }), ...(body !== undefined && { body }) });
      const answer = await apiHandler(() => deps.reads)(event);
      const text = Buffer.from(answer.body ?? "", answer.isBase64Encoded ? "base64" : "utf8").toString();
      return { ...answer, text };
    };

    it.each(["device=x", "type=vip", "action=1001", "flag=clock", "q=x"])(
      "requires from and to when filtering by %s",
      async (query) => {
        const refused = await ask("/v1/events", { query });
        expect(refused.statusCode).toBe(400);
        expect(JSON.parse(refused.text)).toMatchObject({ detail: expect.stringContaining("give from and to as well") });
        expect((await ask("/v1/events", { query: `${query}&from=0&to=9` })).statusCode).toBe(200);
      },
    );

    it("names the mail of alarms to push services", async () => {
      const { reads, close } = await runtimeOn(standIns, { variables: { GATEPOST_CONTACT: "ops@example.com" } });
      onTestFinished(close);
      expect(await reads.push.contact.read()).toBe("mailto:ops@example.com");
      expect(await deps.reads.push.contact.read()).toBeNull();
    });

    it("names the place of dead letters", async () => {
      expect((await ask("/v1/deadletters")).text).toContain("SQS");
    });

    it("redirects a request for a picture to S3", async () => {
      const { data: _, ...registered } = picture("registered");
      const { eventId } = upsert("a");
      await deps.ingest.index.upsert(upsert("a", { report: report({ pictures: { registered } }) }));
      const { statusCode, headers } = await ask(`/v1/events/${eventId}/pictures/registered`);
      expect(statusCode).toBe(302);
      expect(headers?.["location"]).toContain(`/registered/2026-11/${registered.sha256}.jpg?`);
    });

    it("sets a cookie for https alone, and reads it from the event", async () => {
      const body = Buffer.from(JSON.stringify({ for: "pictures" }));
      const given = await ask("/v1/tickets", { method: "POST", body });
      expect(given.statusCode).toBe(204);
      expect(given.headers).not.toHaveProperty("set-cookie");
      const [cookie = ""] = given.cookies ?? [];
      expect(cookie).toMatch(/^gatepost_pictures=gpc_.*; Secure$/);
      const { data: _, ...face } = picture("cookie face");
      const { eventId } = upsert("cookie");
      await deps.ingest.index.upsert(upsert("cookie", { report: report({ pictures: { face } }) }));
      const event = httpEvent({ method: "GET", path: `/v1/events/${eventId}/pictures/face`, headers: {} });
      const cookies = ["a=b", cookie.split(";", 1)[0] ?? ""];
      expect((await apiHandler(() => deps.reads)({ ...event, cookies })).statusCode).toBe(302);
      expect((await apiHandler(() => deps.reads)(event)).statusCode).toBe(401);
    });

    it("counts guesses by the address they come from", async () => {
      const guess = (address: string) => ask("/v1/events", { address, headers: { authorization: "" } });
      for (let n = 0; n < 30; n++) expect((await guess("192.0.2.77")).statusCode).toBe(401);
      expect((await guess("192.0.2.77")).statusCode).toBe(429);
      expect((await guess("192.0.2.78")).statusCode).toBe(401);
    });

    it.each([
      ["/v1/events", { method: "GET", body: "{}" }],
      ["/v1/events", { headers: { "x-odd": "Ω\u00ff" } }],
      ["/v1/events", { query: "limit=\ud800" }],
      ["//v1//events", {}],
      ["/v1/events/evt_?x=1#y", {}],
      ["/v1/events/\ud800/pictures/face", {}],
      ["/v1/events/%zz/../..", {}],
      ["/v1/keys", { method: "POST", body: Buffer.from([0xff, 0xfe]) }],
      ["/v1/keys", { method: "POST", body: Buffer.alloc(70_000, " ") }],
      ["/v1/keys", { method: "PATCH" }],
    ] as [string, Asked][])("answers %j %j without an internal error", async (path, sent) => {
      expect((await ask(path, sent)).statusCode).toBeLessThan(500);
    });

    it.each(["/docs/../v1/keys", "//v1/keys", "/docs/./v1/keys", "/v1/events/../keys"])(
      "has nothing at %s, which a URL parser reads as another path",
      async (path) => expect((await ask(path, {})).statusCode).toBe(404),
    );

    it("takes no path for a query", async () => {
      const { text } = await ask("/v1/events/evt_none?limit=x");
      expect(JSON.parse(text)).toMatchObject({ status: 404, detail: "there is no such event, or it has expired" });
    });

    it("runs as deployed, as does the erasure sweep", async () => {
      onTestFinished(undeploy);
      deploy(deps.names, {
        GATEPOST_CURSOR_SECRET: Buffer.alloc(32, 7).toString("base64"),
        GATEPOST_FACTOR_KEY: Buffer.alloc(32, 9).toString("base64"),
        GATEPOST_JOBS_URL: "https://sqs.example/jobs",
      });
      const api = await import("../../../functions/api.ts");
      expect(await api.handler(httpEvent({ method: "GET", path: "/healthz" }))).toMatchObject({ statusCode: 200 });
      const sweep = await import("../../../functions/erasure-sweep.ts");
      expect(await sweep.handler()).toBe(0);
    });
  });
});

interface Asked {
  method?: string;
  query?: string;
  headers?: Record<string, string>;
  body?: unknown;
  address?: string;
}
